"""Two answers in both orders: a preference that follows the order is none."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from stages.chat.messages import Request, strict_schema
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.judging.grading import Grading
from stages.judging.pairwise import AnswerPair, PairVerdict, compare, settled, tally
from stages.library.meta_prompts import Library
from tests.support.scripted import Scripted

PARAMS = Grading(samples=1, temperature=0.7, max_tokens=64)


@pytest.mark.parametrize(
    ("straight", "swapped", "outcome", "consistent"),
    [
        ("A", "B", "win", True),
        ("B", "A", "loss", True),
        ("tie", "tie", "tie", True),
        ("A", "A", "tie", False),
        ("A", "tie", "tie", False),
    ],
)
def test_what_two_verdicts_make(straight: Any, swapped: Any, outcome: str, consistent: bool) -> None:  # noqa: ANN401
    found = settled("r", PairVerdict(better=straight), PairVerdict(better=swapped))
    assert (found.outcome, found.consistent) == (outcome, consistent)
    assert (found.first, found.ties) == ([straight, swapped].count("A"), [straight, swapped].count("tie"))


def test_one_verdict_alone_is_no_comparison() -> None:
    for verdicts in ((PairVerdict(better="A"), Reason.UNPARSABLE), (Reason.UNPARSABLE, PairVerdict(better="B"))):
        found = settled("r", *verdicts)
        assert (found.outcome, found.fault) == (None, Reason.UNPARSABLE)


@pytest.mark.parametrize("said", ["A", "a", " A.", "Answer A", "回答A", "回答 a"])
def test_a_choice_is_read_however_it_is_spelled(said: str) -> None:
    assert PairVerdict.model_validate({"reason": None, "better": said}).better == "A"
    assert PairVerdict.model_validate({"better": "Tie"}).better == "tie"


@pytest.mark.parametrize("said", ["", "AB", "A or B", "both", "Answer", None, True])
def test_what_names_no_answer_is_no_choice(said: object) -> None:
    with pytest.raises(ValidationError):
        PairVerdict.model_validate({"better": said})


def test_a_reason_copied_from_the_form_is_no_preference(root: Path) -> None:
    chat = Scripted(lambda request: '{"reason": "the decisive difference in at most 40 words", "better": "A"}')
    pair = AnswerPair(row="1", language="en", task="t", one="x", two="y")
    (found,) = compare([pair], PARAMS, Library(root / "prompts" / "judge"), chat)
    assert (found.outcome, found.fault, found.first) == (None, Reason.PROMPT_ECHO, 0)


def test_equal_answers_are_a_tie_that_no_order_decides(root: Path) -> None:
    chat = Scripted(lambda request: '{"better": "A"}')
    pairs = [
        AnswerPair(row=row, language="en", task="t", one=one, two="x")
        for row, one in (("1", "x"), ("2", "y"), ("3", "x"))
    ]
    found = compare(pairs, PARAMS, Library(root / "prompts" / "judge"), chat)
    assert [(row.id, row.outcome, row.consistent, row.first) for row in found] == [
        ("1", "tie", True, 0),
        ("2", "tie", False, 2),
        ("3", "tie", True, 0),
    ]
    assert [request.row for request in chat.asked] == ["2", "2"]


def test_both_verdicts_are_held_to_a_strict_schema(root: Path) -> None:
    chat = Scripted(lambda request: '{"better": "tie"}')
    pair = AnswerPair(row="1", language="en", task="t", one="x", two="y")
    compare([pair], PARAMS, Library(root / "prompts" / "judge"), chat)
    schema = strict_schema(PairVerdict)
    assert [request.answer_schema for request in chat.asked] == [schema, schema]
    assert schema["properties"]["better"] == {"type": "string", "enum": ["A", "B", "tie"]}
    assert (schema["required"], schema["additionalProperties"]) == (["reason", "better"], False)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_judge_that_looks_and_one_that_takes_the_first(root: Path, language: Language) -> None:
    def looks(request: Request) -> str:
        return '{"better": "%s"}' % ("A" if request.user.index("GOOD") < request.user.index("BAD") else "B")

    pairs = [
        AnswerPair(row="1", language=language, task="t", one="GOOD", two="BAD"),
        AnswerPair(row="2", language=language, task="t", one="BAD", two="GOOD", reference="r"),
    ]
    library = Library(root / "prompts" / "judge")
    counted = tally(compare(pairs, PARAMS, library, Scripted(looks)))
    assert counted == {
        "n": 2,
        "win": 1,
        "tie": 0,
        "loss": 1,
        "inconsistent": 0,
        "without_verdict": 0,
        "first_preferred": 2,
    }
    counted = tally(compare(pairs, PARAMS, library, Scripted(lambda request: '{"better": "A"}')))
    assert (counted["tie"], counted["inconsistent"], counted["first_preferred"]) == (2, 2, 4)
