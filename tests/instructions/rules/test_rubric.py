import json
from pathlib import Path

import pytest

from stages.core.dropped import Reason
from stages.core.row import Language
from stages.instructions.rules.rubric import Scores, Verdict, rubric, worth
from stages.library.meta_prompts import Library
from tests.support.scripted import Scripted, instruction

PROMPTS = Library(Path(__file__).parents[3] / "prompts" / "screen")
TEXTS: dict[Language, tuple[str, str]] = {
    "en": ("List the promises.", "List the promises with their dates and quote each."),
    "zh": ("列出各项承诺。", "列出各项承诺及期限，并摘录原话。"),
}


def answer(clear: float = 5, unambiguous: float = 5, richer: float = 5) -> str:
    return json.dumps({"reason": "r", "clear": clear, "unambiguous": unambiguous, "richer": richer})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_judge_sees_child_and_root_between_marks_and_answers_reasons_first(language: Language) -> None:
    root, child = (instruction(text, language=language) for text in TEXTS[language])
    chat = Scripted(lambda _: "Well: " + answer(4, 3, 2))
    [verdict] = rubric([(child, root)], PROMPTS, chat, 100)
    assert verdict == Verdict(child.id, Scores(reason="r", clear=4, unambiguous=3, richer=2))
    [asked] = chat.asked
    assert asked.user.index(root.text) < asked.user.index(child.text)
    assert asked.answer_schema and next(iter(asked.answer_schema["properties"])) == "reason"
    assert asked.max_tokens == 100


def test_the_first_criterion_below_the_threshold_is_the_reason() -> None:
    def refusal(clear: float, unambiguous: float, richer: float, counts: bool = True) -> Reason | None:
        return Verdict("x", Scores(clear=clear, unambiguous=unambiguous, richer=richer)).refusal(4, counts)

    assert refusal(3, 1, 1) is Reason.UNCLEAR
    assert refusal(4, 3.5, 1) is Reason.AMBIGUOUS
    assert refusal(5, 4, 3) is Reason.NOT_RICHER
    assert refusal(5, 4, 3, counts=False) is None
    assert refusal(4, 4, 4) is None


@pytest.mark.parametrize("text", ["5 5 5", '{"clear": 5}', answer(6), answer(0.5), answer(richer=True), ""])
def test_what_is_no_verdict_gives_no_scores_and_refuses_nothing(text: str) -> None:
    root, child = (instruction(text) for text in TEXTS["en"])
    [verdict] = rubric([(child, root)], PROMPTS, Scripted(lambda _: text), 100)
    assert isinstance(verdict.scores, Reason) and verdict.refusal(4, True) is None
    assert rubric([], PROMPTS, Scripted(lambda _: text), 100) == []


def test_the_worth_of_a_child_is_the_mean_of_its_criteria_and_nothing_without_a_verdict() -> None:
    root, child = (instruction(text) for text in TEXTS["en"])
    replies = iter([answer(5, 5, 5), answer(1, 1, 1), answer(5, 3, 1), "no"])
    found = worth([(child, root)] * 4, PROMPTS, Scripted(lambda _: next(replies)), 100)
    assert found == [1.0, 0.0, 0.5, None]
