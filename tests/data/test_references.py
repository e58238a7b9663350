"""The shipped test set: its rows are made again from the repository, and every reference is checked against its dialogue."""

from collections import Counter
from pathlib import Path

import pytest

from stages.measures.rules import Limits, flags
from stages.ports import jsonl
from stages.records.dialogue import Dialogue
from stages.records.sample import Labelled, Reference, Sample
from stages.records.verdict import Flag
from tests.data.conftest import ROOT

STRICT = Limits(grounding=0.5, coverage=1.0)  # a task may ask for a sum or a difference, which no dialogue states


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
    faults = {row.id: found for row in labelled if (found := flags(row, STRICT))}
    assert faults == {}


def test_the_check_sees_an_answer_to_another_row(labelled: list[Labelled]) -> None:
    talk = [row for row in labelled if row.ask.kind in ("json", "table", "key_values")]
    moved = [
        row.model_copy(update={"conversation": other.conversation})
        for row, other in zip(talk, talk[5:], strict=False)
        if other.dialogue != row.dialogue
    ]
    seen = [Flag.UNGROUNDED in flags(row, STRICT._replace(grounding=0.8)) for row in moved]
    assert sum(seen) > 0.4 * len(seen)  # the others hold no figure or name that the other talk lacks
