"""The shipped test sets: their rows are made again from the repository, and every reference is checked against its dialogue."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from stages.answers import grounding
from stages.cli.test_set_check import figures_not_said, row_faults
from stages.cli.test_version import StoredVersion
from stages.core import jsonl
from stages.rows.dialogue import Dialogue
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import Limits, flags

pytestmark = pytest.mark.xdist_group("corpus")

ASKED = Limits(grounding=0.0, coverage=1.0)  # the facts of each answer are looked at one by one below

# Figures in digits that the conversation does not hold, each with its reason.
DERIVED = {
    "bf3c801b280b2bf7": {"317": "the gap asked for: 2 grand - 1,683"},
    "25290ba934f0f794": {"312": "the advantage asked for: 372 - 60"},
    "2fe467d60b47548f": {"5": "the number of steps asked for; five are listed"},
    "c7027c48f1844267": {"9": "the score asked for, from 0 to 10"},
    "21cfea62225e5aff": {"49.40": "two payments together"},
    "41afefea924c371a": {"49.40": "two payments together"},
    "1c32978241fa730b": {"49.40": "two payments together"},
    "bbf87b4dc9e4adbe": {"49.40": "two payments together"},
    "f2c24bf591caea66": {"15,450": "the total asked for: 14,500 + 950"},
    "8cf0d2d8040007c9": {"0.9": "said as nought point nine"},
    "47b2252ff55dc885": {"0.9": "said as nought point nine"},
    "ed2a42b9f6f47c58": {"7": "the score asked for, from 0 to 10"},
    "bdea7c07e4167127": {"196": "two months of 98, to compare with three"},
    "92dd725a6cfaa26e": {"97.83": "the calculation asked for: 14,860 × 7.9 % / 12", "12": "its months"},
    "1e5f92e15c20831f": {
        "36": "the months of three years",
        "3,362.50": "the calculation asked for: 12,500 × 26.9 %",
        "2.50": "its difference to what was said",
    },
    "75cee4e5ed6715f4": {"0": "the difference asked for: 69.98 - 69.98"},
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
    "f8b3ccdc90999b08": 3,
    "f4ff9ce98e6dc07e": 3,
    "2ad9e3331be810bc": 2,
    "2161a35d088ff065": 2,
    "350a0ea0c40f594b": 1,
    "7e7d976e02e4fa95": 1,
}
QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」')
CUT = re.compile(r"\.{3}|…")  # a quotation may leave something out


def text_of(row: LabeledSample) -> str:
    """Return the answer without the marks of JSON, which are no quotation marks."""
    if row.ask.kind != "json":
        return row.answer
    values = json.loads(row.answer).values()
    return "\n".join(str(item) for value in values for item in (value if isinstance(value, list) else [value]))


def quotations_not_said(row: LabeledSample) -> list[str]:
    """Return the pieces between quotation marks that do not occur in the conversation word for word."""
    said = bare(row.conversation)
    pieces = [piece for found in QUOTED.findall(text_of(row)) for piece in CUT.split("".join(found))]
    return [piece for piece in pieces if bare(piece) not in said]


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


class Shipped(NamedTuple):
    """A version of a domain's test set and the least it holds."""

    domain: str
    version: str
    dialogues: dict[str, int]  # by language
    instructions: int
    references: int


SHIPPED = (
    Shipped("real_estate", "v1", {"en": 44, "zh": 20}, 51, 200),
    Shipped("real_estate", "current", {"en": 60, "zh": 40}, 90, 286),
    Shipped("bank_service", "current", {"en": 9, "zh": 1}, 20, 40),
)


@pytest.fixture(scope="module", params=SHIPPED, ids=lambda shipped: f"{shipped.domain}-{shipped.version}")
def shipped(request: pytest.FixtureRequest) -> Shipped:
    found: Shipped = request.param
    return found


@pytest.fixture(scope="module")
def test_set(shipped: Shipped, made: Path, bank: Path) -> Path:
    return {"real_estate": made, "bank_service": bank}[shipped.domain]


@pytest.fixture(scope="module")
def labelled(test_set: Path, shipped: Shipped) -> list[LabeledSample]:
    return jsonl.read(test_set / shipped.version / "labels.jsonl", LabeledSample)


@pytest.fixture(scope="module")
def stored(root: Path, shipped: Shipped) -> StoredVersion:
    return StoredVersion.read(root / "data/test" / shipped.domain / shipped.version)


def test_every_reference_has_its_row_and_every_row_its_reference(test_set: Path, shipped: Shipped) -> None:
    ledger = json.loads((test_set / shipped.version / "labels.json").read_text(encoding="utf-8"))
    assert ledger["unmatched_references"] == 0, "references without a row: was a prompt or dialogue changed?"
    assert ledger["dropped"] == {}
    assert ledger["kept"] >= shipped.references


def test_the_held_out_dialogues_are_enough_and_never_trained_on(test_set: Path, shipped: Shipped) -> None:
    test, train = (jsonl.read(test_set / f"{name}.jsonl", Dialogue) for name in ("test", "train"))
    assert Counter(row.language for row in test) >= Counter(shipped.dialogues)
    assert not {row.id for row in test} & {row.id for row in train}


def test_rows_cover_all_tasks_formats_and_languages(labelled: list[LabeledSample], shipped: Shipped) -> None:
    assert len({row.task for row in labelled}) == 6
    assert len({row.ask.kind for row in labelled}) == 8
    assert {row.language for row in labelled} == {"en", "zh"}
    assert len({row.instruction for row in labelled}) >= shipped.instructions


def test_every_reference_has_its_form_its_language_and_its_ground(labelled: list[LabeledSample]) -> None:
    faults = {row.id: found for row in labelled if (found := flags(row, ASKED))}
    assert faults == {}


def test_every_version_is_tried(root: Path) -> None:
    there = {path.parts[-2:] for path in (root / "data/test").glob("*/*/") if path.is_dir()}
    assert there == {(each.domain, each.version) for each in SHIPPED}


def test_every_reference_states_its_facts_and_they_are_grounded(
    labelled: list[LabeledSample], stored: StoredVersion
) -> None:
    """None has facts in the first version; those of later ones are looked at here."""
    found = {
        row.id: list(row_faults(row, stored.references[row.id])) for row in labelled if stored.references[row.id].facts
    }
    assert {key: faults for key, faults in found.items() if faults} == {}


def test_every_figure_of_a_reference_is_said_or_derived_for_a_reason(
    labelled: list[LabeledSample], stored: StoredVersion
) -> None:
    rows = (row.model_copy(update={"answer": text_of(row)}) for row in labelled)
    found = {row.id: missing for row in rows if (missing := figures_not_said(row, stored.references[row.id]))}
    here = {row.id for row in labelled}
    assert found == {key: set(reasons) for key, reasons in DERIVED.items() if key in here}


def test_every_name_and_placeholder_of_a_reference_is_said(labelled: list[LabeledSample]) -> None:
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


def test_every_quotation_of_a_reference_is_word_for_word_unless_it_is_to_be_said_next(
    labelled: list[LabeledSample],
) -> None:
    found = {row.id: len(missing) for row in labelled if (missing := quotations_not_said(row))}
    here = {row.id for row in labelled}
    assert found == {key: count for key, count in WORDED.items() if key in here}


def test_the_check_sees_an_answer_to_another_row(labelled: list[LabeledSample], stored: StoredVersion) -> None:
    talk = [row for row in labelled if row.ask.kind in ("json", "table", "key_values")]
    moved = [
        row.model_copy(update={"conversation": other.conversation})
        for row, other in zip(talk, talk[5:], strict=False)
        if other.dialogue != row.dialogue
    ]
    seen = [bool(figures_not_said(row, stored.references[row.id]) or quotations_not_said(row)) for row in moved]
    assert sum(seen) > 0.6 * len(seen)  # the others hold no figure or quotation that the other talk lacks
