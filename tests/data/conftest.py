"""What is in the repository's data/, as the graph makes it: no model takes part."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.cli import cards
from stages.cli.cards import Holdings
from stages.dialogues import anonymize, ingest, split
from stages.ports import jsonl
from stages.prompting import assemble
from stages.records.dialogue import Dialogue
from stages.samples import label, sample

ROOT = Path(__file__).parents[2]


@contextmanager
def at_root() -> Iterator[None]:
    """Be in the repository's root, where params are read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


def labelled_split(domain: str, to: Path) -> Path:
    """Make the labelled test split of a domain in the folder `to`, by the stages themselves."""
    pack, raw, stored = Path("prompts", domain), Path("data/raw"), Path("data/test", domain)
    with at_root():
        ingest.main(raw / domain, pack / "domain.yaml", to / "in.jsonl", to / "ledger.json")
        anonymize.main(to / "in.jsonl", raw / "pii_gold.jsonl", to / "anonymous.jsonl", to / "privacy.json")
        split.main(to / "anonymous.jsonl", to / "train.jsonl", to / "test.jsonl", to / "split.json")
        assemble.main(Path("test"), stored / "instructions.jsonl", pack, to / "prompts.jsonl")
        drawn = (to / "rows.jsonl", to / "rows.json", to / "figure.json")
        sample.main(Path("test"), to / "test.jsonl", to / "prompts.jsonl", pack, *drawn)
        answered = (to / "no-model", to / "labels.jsonl", to / "labels.json")
        label.main(Path("test"), to / "rows.jsonl", stored / "references.jsonl", *answered)
    return to


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the real-estate dialogues and the test split's rows."""
    return labelled_split("real_estate", tmp_path_factory.mktemp("real_estate"))


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same of the bank."""
    return labelled_split("bank_service", tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="session")
def dialogues(made: Path, bank: Path) -> list[Dialogue]:
    """Return all dialogues as recorded, of both domains."""
    return [row for folder in (made, bank) for row in jsonl.read(folder / "in.jsonl", Dialogue)]


@pytest.fixture(scope="session")
def held() -> dict[str, Holdings]:
    """Return what `dial-insight cards` counts."""
    with at_root():
        return {name: cards.holdings(name) for name in cards.domains()}
