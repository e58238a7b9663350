"""Each criterion catches the judge it is there for."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from stages.core import jsonl
from stages.core.dropped import Reason
from stages.evaluation.calibration.criteria import Bounds, Scores, criteria, pair_criteria
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem
from stages.judging.grade import Comparison
from tests.support.judges import BOUNDS as VALUES

pytestmark = pytest.mark.slow

BOUNDS = Bounds.model_validate(VALUES)
ITEMS = 20


@pytest.fixture(scope="module")
def items(root: Path) -> list[CalibrationItem]:
    return jsonl.read(root / "data" / "calibration" / "judge.jsonl", CalibrationItem)


def ideal(items: list[CalibrationItem]) -> dict[tuple[str, AnswerKind], float]:
    return {(item.id, answer.kind): answer.grade for item in items for answer in item.answers}


def failed(items: list[CalibrationItem], scores: Scores) -> set[str]:
    return {name for name, found in criteria(items, scores, BOUNDS).items() if not found.passed}


def test_the_set_covers_six_tasks_in_both_languages(items: list[CalibrationItem], root: Path) -> None:
    assert len(items) == ITEMS
    assert {item.language: sum(other.language == item.language for other in items) for item in items} == {
        "en": 10,
        "zh": 10,
    }
    assert len({(item.task, item.language) for item in items}) == 12
    assert {item.form for item in items} == {"list", "paragraph", "key_values", "message", "json", "table", "multipart"}
    tasks = (root / "prompts" / "real_estate" / "tasks.yaml").read_text(encoding="utf-8")
    assert all(f"id: {item.task}\n" in tasks for item in items)
    assert len({answer.answer for item in items for answer in item.answers if answer.answer}) == ITEMS * 8
    assert all(item.by_kind["copied"].answer in item.question for item in items)


def test_a_judge_that_grades_as_the_set_does_passes(items: list[CalibrationItem]) -> None:
    draw = Random(1)
    noisy = {place: min(10, max(1, grade + draw.uniform(-0.4, 0.4))) for place, grade in ideal(items).items()}
    assert failed(items, noisy) == set()


def test_a_judge_that_obeys_the_answer(items: list[CalibrationItem]) -> None:
    scores = ideal(items)
    scores[items[3].id, "injected"] = 10  # one of twenty is enough
    assert failed(items, scores) == {"injection"}
    item = items[3].id
    by_a_point: Scores = {(item, "contradiction"): 3.666667, (item, "injected"): 4.666667}
    assert criteria(items, {**ideal(items), **by_a_point}, BOUNDS)["injection"].passed  # as far as six decimals go


@pytest.mark.parametrize("kind", ["contradiction", "exaggeration", "copied"])
def test_a_judge_that_thinks_well_of_faulty_answers(items: list[CalibrationItem], kind: AnswerKind) -> None:
    scores = ideal(items)
    for item in items:
        scores[item.id, kind] = 8
        scores[item.id, "injected"] = max(scores[item.id, "injected"], scores[item.id, "contradiction"])
    assert failed(items, scores) == {"faulty"}  # 8 is below 9: the order alone would let it pass


def test_a_judge_of_words_that_misses_the_contradiction(items: list[CalibrationItem]) -> None:
    scores = ideal(items)
    for item in items:
        scores[item.id, "contradiction"] = scores[item.id, "injected"] = 9
    assert failed(items, scores) >= {"order", "faulty"}


def test_a_judge_that_gets_the_ends_right_and_the_ladders_wrong(items: list[CalibrationItem]) -> None:
    wrong: dict[AnswerKind, float] = {
        **{"good": 7, "paraphrase": 7, "small_fault": 1, "exaggeration": 1},
        **{"contradiction": 5, "injected": 5, "copied": 5, "off_topic": 3, "empty": 3},
    }
    scores = {place: wrong[place[1]] for place in ideal(items)}
    assert failed(items, scores) == {"rank_en", "rank_zh"}
    found = criteria(items, scores, BOUNDS)["rank_en"]
    assert found.low is not None and found.value is not None and found.low <= found.value < BOUNDS.rank


@pytest.mark.parametrize(("blind", "sees"), [(1, lambda grade: 10 - grade), (3, lambda grade: 5)])
def test_rank_fails_where_some_whole_tasks_are_misjudged(
    items: list[CalibrationItem], blind: int, sees: Callable[[float], float]
) -> None:
    """One English task of ten upside down, or three without any difference: the correlation itself is still above .75.

    If answers and not tasks were drawn, the low ends would be .62 and .66, and the judge would pass.
    """
    scores = ideal(items)
    for item in [item for item in items if item.language == "en"][:blind]:
        scores |= {(item.id, answer.kind): sees(answer.grade) for answer in item.answers}
    found = criteria(items, scores, BOUNDS)["rank_en"]
    assert found.low is not None and found.value is not None
    assert found.low < found.threshold < 0.75 < found.value and not found.passed


def test_a_judge_that_cannot_read_chinese(items: list[CalibrationItem]) -> None:
    draw = Random(1)
    scores = ideal(items)
    for item in items:
        for answer in item.answers if item.language == "zh" else ():
            scores[item.id, answer.kind] = draw.uniform(4, 6)
    found = failed(items, scores)
    assert "rank_zh" in found and "rank_en" not in found


@pytest.mark.parametrize(("shift", "names"), [(2.5, {"low", "faulty"}), (-2.5, {"high"})])
def test_a_judge_that_uses_one_end_of_the_scale(items: list[CalibrationItem], shift: float, names: set[str]) -> None:
    scores = {place: min(10.0, max(1.0, grade + shift)) for place, grade in ideal(items).items()}
    assert failed(items, scores) == names


def test_a_judge_that_misses_other_words_for_the_same(items: list[CalibrationItem]) -> None:
    """5.1 for each paraphrase: above all that is faulty, and the mean of good answers and paraphrases is still above 7."""
    scores = ideal(items) | {(item.id, "paraphrase"): 5.1 for item in items}
    assert failed(items, scores) - {"rank_en", "rank_zh"} == {"high"}
    assert criteria(items, scores, BOUNDS)["high"].value == pytest.approx(5.1)


def test_a_judge_that_misses_what_was_left_out(items: list[CalibrationItem]) -> None:
    for grade, names in ((10, {"omission"}), (8.6, {"omission"}), (8.5, set())):
        assert failed(items, ideal(items) | {(item.id, "small_fault"): grade for item in items}) == names
    silent = {place: grade for place, grade in ideal(items).items() if place[1] != "small_fault"}
    found = criteria(items, silent, BOUNDS)["omission"]
    assert found.value == -1 and not found.passed  # unread, they got the best grade


def test_a_judge_that_says_the_same_of_everything_or_nothing_at_all(items: list[CalibrationItem]) -> None:
    same = criteria(items, dict.fromkeys(ideal(items), 7.0), BOUNDS)
    assert not same["rank_en"].passed and "grades, en: cannot be told" in same["rank_en"].reason
    nothing = criteria(items, {}, BOUNDS)
    assert not any(found.passed for found in nothing.values())
    assert (nothing["low"].value, nothing["high"].value, nothing["injection"].value) == (10, 1, 9)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("injected", {"injection"}),
        ("contradiction", {"order", "injection", "faulty"}),
        ("good", {"high", "omission"}),
        ("paraphrase", {"order", "high"}),
        ("small_fault", set()),
        ("exaggeration", {"faulty"}),
        ("copied", {"faulty"}),
        ("off_topic", {"low"}),
        ("empty", {"low"}),
    ],
)
def test_silence_counts_against_the_judge(items: list[CalibrationItem], kind: AnswerKind, names: set[str]) -> None:
    """A third of one kind of answer without a verdict; all others as the set grades them."""
    scores = ideal(items)
    for item in items[::3]:
        del scores[item.id, kind]
    assert len(scores) == 9 * ITEMS - 7  # 96 %: by the share of graded answers alone the judge would pass
    assert failed(items, scores) - {"rank_en", "rank_zh"} == names


def test_silence_about_everything_good_fails_by_rank_and_mean(items: list[CalibrationItem]) -> None:
    scores = {place: grade for place, grade in ideal(items).items() if place[1] not in ("good", "paraphrase")}
    assert failed(items, scores) >= {"parsed", "rank_en", "rank_zh", "order", "high"}


def choices(right: int, wrong: int = 0, first: int = 0, tie: int = 0, silent: int = 0) -> list[Comparison]:
    """Make comparisons: right and wrong in both orders, always for the one in front, tied, without a verdict."""
    made = [
        *[{"outcome": "win", "consistent": True, "first": 1}] * right,
        *[{"outcome": "loss", "consistent": True, "first": 1}] * wrong,
        *[{"outcome": "tie", "consistent": False, "first": 2}] * first,
        *[{"outcome": "tie", "consistent": True, "first": 0, "ties": 2}] * tie,
        *[{"fault": Reason.UNPARSABLE, "first": 0}] * silent,
    ]
    return [Comparison.model_validate({"id": str(n), **row}) for n, row in enumerate(made)]


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (choices(60), set()),
        (choices(54, wrong=6), set()),
        (choices(53, wrong=7), {"right"}),
        (choices(53, first=7), {"right", "consistent"}),
        (choices(47, first=13), {"right", "consistent", "position"}),
        (choices(0, first=60), {"right", "consistent", "position"}),
        (choices(0, tie=60), {"right"}),
        (choices(36, tie=24), {"right"}),
        (choices(36, first=15, tie=9), {"right", "consistent", "position"}),
        (choices(55, silent=5), set()),
        (choices(53, silent=7), {"right", "consistent"}),
        (choices(47, silent=13), {"right", "consistent", "position"}),
        (choices(0, silent=60), {"right", "consistent", "position"}),
    ],
)
def test_a_judge_of_pairs(found: list[Comparison], names: set[str]) -> None:
    assert {name for name, criterion in pair_criteria(found, BOUNDS).items() if not criterion.passed} == names


def test_a_tie_is_for_neither_answer_and_hides_no_bias() -> None:
    """Of the 144 verdicts below 78 are for the answer in front and 18 for neither; counted as for the other one, these made .54 of .60."""
    assert pair_criteria(choices(36, tie=24), BOUNDS)["position"].value == 0
    assert pair_criteria(choices(48, first=15, tie=9), BOUNDS)["position"].value == pytest.approx((78 + 9) / 144 - 0.5)


def test_missing_choices_may_all_have_been_for_the_answer_in_front() -> None:
    found = pair_criteria(choices(20, first=10, silent=10), BOUNDS)
    assert (found["right"].value, found["consistent"].value) == (0.5, 0.5)
    assert found["position"].value == pytest.approx((20 + 20 + 20) / 80 - 0.5)
