import pytest

from stages.core.row import Language
from stages.instructions.evolution.fitness import Crowd, demanded, grounding, worth
from stages.instructions.evolution.operators import Operator
from stages.instructions.rules.demands import complexity, demands
from tests.support.scripted import instruction

PLAIN: dict[Language, str] = {"en": "List the customer's needs.", "zh": "请列出客户的需求。"}
RICHER: dict[Language, list[str]] = {
    "en": [
        "List the customer's needs, their order and the reason for each.",
        "List the customer's needs. If two of them conflict, name both.",
        "List at most three of the customer's needs.",
        "List the customer's needs without those of third parties.",
        "First list the customer's needs, then rank them.",
        "List the customer's needs and quote the line that shows each.",
        "List the customer's needs with their urgency (high, medium or low).",
    ],
    "zh": [
        "请列出客户的需求、先后次序和理由。",
        "请列出客户的需求。如果两项需求冲突，两项都写。",
        "请列出客户的需求，不超过三条。",
        "请列出客户的需求，不要列第三方的需求。",
        "请先列出客户的需求，再排出次序。",
        "请列出客户的需求，并摘录原话。",
        "请列出客户的需求，注明紧急程度（高、中、低）。",
    ],
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_kind_of_demand_counts(language: Language) -> None:
    for text in RICHER[language]:
        assert complexity(text, language) > complexity(PLAIN[language], language), text


@pytest.mark.parametrize(
    ("language", "stressed", "twice"),
    [
        ("en", "Please very carefully and thoroughly list all the relevant needs of the customer in full detail.", "List the customer's needs. List the customer's needs."),
        ("zh", "请务必认真、细致、全面地列出客户的各方面需求。", "请列出客户的需求。列出客户的需求。"),
    ],
)  # fmt: skip
def test_stress_and_repetition_demand_nothing(language: Language, stressed: str, twice: str) -> None:
    for text in (stressed, twice):
        assert complexity(text, language) <= complexity(PLAIN[language], language), demands(text, language)


def test_demands_are_told_by_kind() -> None:
    found = demands("First quote two lines. If none fits, say so, but do not guess (yes or no).", "en")
    assert found["step"] == 1 and found["limit"] == 1 and found["choice"] == 1
    assert found["case"] >= 1 and found["evidence"] >= 1 and found["exclusion"] >= 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_novelty_counts_against_all_kept(language: Language) -> None:
    crowd = Crowd()
    plain = instruction(PLAIN[language], language=language)
    assert crowd.novelty(plain) == 1.0
    crowd.add(plain)
    assert crowd.novelty(plain) == pytest.approx(0.0)
    sibling = instruction(RICHER[language][0], language=language)
    before = crowd.novelty(sibling)
    crowd.add(sibling)
    assert 0.0 < before < 1.0 and crowd.novelty(sibling) == pytest.approx(0.0)


def test_languages_share_no_crowd() -> None:
    crowd = Crowd()
    crowd.add(instruction("房 deposit", language="zh"))
    assert crowd.novelty(instruction("房 deposit", language="en")) == 1.0


def test_demands_are_worth_more_than_words() -> None:
    short, rich = instruction(PLAIN["en"]), instruction(RICHER["en"][1])
    wordy = instruction(PLAIN["en"] + " It is good to be careful here, as ever, and so on and so forth." * 3)
    assert worth(rich, 1.0, 120) > worth(short, 1.0, 120)
    assert worth(wordy, 1.0, 120, demanded=1) < worth(short, 1.0, 120, demanded=1)
    assert worth(short, 0.5, 120) < worth(short, 1.0, 120)


def test_a_verdict_counts_from_its_middle() -> None:
    row = instruction(PLAIN["en"])
    silent = worth(row, 1.0, 120)
    assert worth(row, 1.0, 120, verdict=0.5) == pytest.approx(silent)
    assert worth(row, 1.0, 120, verdict=1.0) == pytest.approx(silent + 0.5)
    assert worth(row, 1.0, 120, verdict=0.0) == pytest.approx(silent - 0.5)


def test_what_keeps_the_points_demands_as_much_as_its_parent() -> None:
    parent, child = instruction(RICHER["en"][0]), instruction("The customer's needs, in order, why?")
    shrink = Operator(
        id="simplify", kind="mutation", direction="shrink", keeps="points", order={"en": "Shorter.", "zh": "短些。"}
    )
    assert demanded(child, parent, shrink) == complexity(parent.text, "en")
    assert worth(child, 1.0, 120, demanded(child, parent, shrink)) > worth(parent, 1.0, 120)
    grow = shrink.model_copy(update={"direction": "grow"})
    assert demanded(child, parent, grow) == complexity(child.text, "en")


def test_grounding_is_the_share_of_words_that_occur_in_the_talk() -> None:
    row = instruction("Explain the deposit and the lease.")
    assert grounding(row, "The deposit? It stands in the lease.") == pytest.approx(2 / 3)
    assert grounding(row, "") == 0.0
    zh = instruction("说明押金和租约", language="zh")
    assert grounding(zh, "押金写在租约里") > grounding(zh, "今天天气不错")
