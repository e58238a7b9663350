"""The shipped test sets: their rows are made again from the repository, and every reference is checked against its dialogue."""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from stages.dialogues import anonymize, ingest, split
from stages.measures.rules import Limits, flags
from stages.ports import jsonl
from stages.prompting import assemble
from stages.records.dialogue import Dialogue
from stages.records.sample import Labelled
from stages.records.verdict import Flag
from stages.samples import label, sample

ROOT = Path(__file__).parents[2]
STRICT = Limits(grounding=0.5, coverage=1.0)  # a task may ask for a sum or a difference, which no dialogue states


class Shipped(NamedTuple):
    """A domain and the least its test set holds."""

    domain: str
    dialogues: dict[str, int]  # by language
    instructions: int
    references: int


SHIPPED = (
    Shipped("real_estate", {"en": 44, "zh": 20}, 51, 200),
    Shipped("bank_service", {"en": 9, "zh": 1}, 20, 40),
)


@pytest.fixture(scope="module", params=SHIPPED, ids=lambda shipped: shipped.domain)
def shipped(request: pytest.FixtureRequest) -> Shipped:
    found: Shipped = request.param
    return found


@pytest.fixture(scope="module")
def made(shipped: Shipped, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the labelled test split as the graph makes it, by the stages themselves: no model takes part."""
    to, domain = tmp_path_factory.mktemp("test-set"), shipped.domain
    pack, answers = ROOT / "prompts" / domain, ROOT / "data" / "test" / domain / "references.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        ingest.main(Path("data/raw", domain), pack / "domain.yaml", to / "in.jsonl", to / "ledger.json")
        anonymize.main(to / "in.jsonl", Path("data/raw/pii_gold.jsonl"), to / "anonymous.jsonl", to / "privacy.json")
        split.main(to / "anonymous.jsonl", to / "train.jsonl", to / "test.jsonl", to / "split.json")
        stored = Path("data/test", domain, "instructions.jsonl")
        assemble.main(Path("test"), stored, pack, to / "prompts.jsonl")
        sample.main(Path("test"), to / "test.jsonl", to / "prompts.jsonl", pack, to / "rows.jsonl", to / "rows.json")
        label.main(Path("test"), to / "rows.jsonl", answers, to / "no-model", to / "labels.jsonl", to / "labels.json")
    return to


@pytest.fixture(scope="module")
def labelled(made: Path) -> list[Labelled]:
    return jsonl.read(made / "labels.jsonl", Labelled)


def test_every_reference_has_its_row_and_every_row_its_reference(made: Path, shipped: Shipped) -> None:
    ledger = json.loads((made / "labels.json").read_text(encoding="utf-8"))
    assert ledger["unmatched_references"] == 0, "references without a row: was a prompt or dialogue changed?"
    assert ledger["dropped"] == {}
    assert ledger["kept"] >= shipped.references


def test_the_held_out_dialogues_are_enough_and_never_trained_on(made: Path, shipped: Shipped) -> None:
    test, train = (jsonl.read(made / f"{name}.jsonl", Dialogue) for name in ("test", "train"))
    assert Counter(row.language for row in test) >= Counter(shipped.dialogues)
    assert not {row.id for row in test} & {row.id for row in train}


def test_rows_cover_all_tasks_formats_and_languages(labelled: list[Labelled], shipped: Shipped) -> None:
    assert len({row.task for row in labelled}) == 6
    assert len({row.ask.kind for row in labelled}) == 8
    assert {row.language for row in labelled} == {"en", "zh"}
    assert len({row.instruction for row in labelled}) >= shipped.instructions


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
