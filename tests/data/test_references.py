"""The shipped test set: its rows are made again from the repository, and every reference is checked against its dialogue."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from stages.measures import grounding, numbers
from stages.measures.rules import Limits, flags
from stages.ports import jsonl
from stages.records.dialogue import Dialogue
from stages.records.sample import Labelled, Reference, Sample
from tests.data.conftest import ROOT

ASKED = Limits(grounding=0.0, coverage=1.0)  # the facts of each answer are looked at one by one below

# Figures in digits that the conversation does not hold, each with its reason.
DERIVED = {
    "bf3c801b280b2bf7": {"317": "the gap asked for: 2 grand - 1,683"},
    "25290ba934f0f794": {"312": "the advantage asked for: 372 - 60"},
    "2fe467d60b47548f": {"5": "the number of steps asked for; five are listed"},
    "c7027c48f1844267": {"9": "the score asked for, from 0 to 10"},
}
# Rows that ask for words to be said or written next: such words stand in quotation marks, and the other quotations are checked.
WORDED = {
    "310b07a8208d6152": 3,
    "38bc2d8442265ae9": 1,
    "8f32af4e5cd229fc": 2,
    "7194bf03d97fb46a": 3,
    "2981113612323899": 2,
    "a3e3be0a17638d42": 1,
    "a688f00793d86af3": 1,
    "037c3581fef9f9c9": 2,
    "b7c56df248f80041": 2,
    "28348eb4a5722e1b": 3,
    "16558e25fcc2b4da": 3,
    "89141fe13f923e5b": 2,
    "5ca4be20799fbf43": 1,
    "5bb63b1595369be2": 2,
    "80c31d3b9be9ed50": 1,
    "77d0408809230a96": 1,
    "b11b752e182b4a16": 1,
}
QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」')
CUT = re.compile(r"\.{3}|…")  # a quotation may leave something out


def text_of(row: Labelled) -> str:
    """Return the answer without the marks of JSON, which are no quotation marks."""
    if row.ask.kind != "json":
        return row.answer
    values = json.loads(row.answer).values()
    return "\n".join(str(item) for value in values for item in (value if isinstance(value, list) else [value]))


def figures_not_said(row: Labelled) -> set[str]:
    """Return the figures in digits that occur in the conversation in no form."""
    answer, said = (grounding.PLACEHOLDER.sub(" ", text) for text in (text_of(row), row.conversation))
    answer, values = grounding.GRADE.sub(" ", grounding.NUMBERING.sub(" ", answer)), numbers.stated(said)
    written = (found[0].strip() for found in numbers.DIGITS.finditer(answer))
    return {figure for figure in written if not all(one & values for one in numbers.written(figure))}


def quotations_not_said(row: Labelled) -> list[str]:
    """Return the pieces between quotation marks that do not occur in the conversation word for word."""
    said = bare(row.conversation)
    pieces = [piece for found in QUOTED.findall(text_of(row)) for piece in CUT.split("".join(found))]
    return [piece for piece in pieces if bare(piece) not in said]


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


@pytest.fixture(scope="module")
def labelled(made: Path) -> list[Labelled]:
    references = {row.id: row for row in jsonl.read(ROOT / "data/test/real_estate/references.jsonl", Reference)}
    rows = jsonl.read(made / "rows.jsonl", Sample)
    assert set(references) <= {row.id for row in rows}, "references without a row: was a prompt or dialogue changed?"
    return [
        Labelled(**row.model_dump(), answer=references[row.id].answer, author="x", origin="provided")
        for row in rows
        if row.id in references
    ]


def test_the_held_out_dialogues_are_enough_and_never_trained_on(made: Path) -> None:
    test, train = (jsonl.read(made / f"{name}.jsonl", Dialogue) for name in ("test", "train"))
    languages = Counter(row.language for row in test)
    assert languages["en"] >= 44 and languages["zh"] >= 20
    assert not {row.id for row in test} & {row.id for row in train}


def test_rows_cover_all_tasks_formats_and_languages(labelled: list[Labelled]) -> None:
    assert len({row.task for row in labelled}) == 6
    assert len({row.ask.kind for row in labelled}) == 8
    assert {row.language for row in labelled} == {"en", "zh"}
    assert len({row.instruction for row in labelled}) > 50


def test_every_reference_has_its_form_its_language_and_its_ground(labelled: list[Labelled]) -> None:
    faults = {row.id: found for row in labelled if (found := flags(row, ASKED))}
    assert faults == {}


def test_every_figure_of_a_reference_is_said_or_derived_for_a_reason(labelled: list[Labelled]) -> None:
    found = {row.id: missing for row in labelled if (missing := figures_not_said(row))}
    assert found == {key: set(reasons) for key, reasons in DERIVED.items()}


def test_every_name_and_placeholder_of_a_reference_is_said(labelled: list[Labelled]) -> None:
    figures = re.compile(r"\d")  # looked at above
    worded = (row.model_copy(update={"answer": figures.sub("", text_of(row))}) for row in labelled)
    lost = [
        row.id
        for row in worded
        if grounding.grounding(row.answer, figures.sub("", row.conversation), row.prompt_text) < 1
    ]
    marks = [
        row.id
        for row in labelled
        if set(grounding.PLACEHOLDER.findall(row.answer)) - set(grounding.PLACEHOLDER.findall(row.conversation))
    ]
    assert (lost, marks) == ([], [])


def test_every_quotation_of_a_reference_is_word_for_word_unless_it_is_to_be_said_next(labelled: list[Labelled]) -> None:
    found = {row.id: len(missing) for row in labelled if (missing := quotations_not_said(row))}
    assert found == WORDED


def test_the_check_sees_an_answer_to_another_row(labelled: list[Labelled]) -> None:
    talk = [row for row in labelled if row.ask.kind in ("json", "table", "key_values")]
    moved = [
        row.model_copy(update={"conversation": other.conversation})
        for row, other in zip(talk, talk[5:], strict=False)
        if other.dialogue != row.dialogue
    ]
    seen = [bool(figures_not_said(row) or quotations_not_said(row)) for row in moved]
    assert sum(seen) > 0.6 * len(seen)  # the others hold no figure or quotation that the other talk lacks
