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
from stages.samples import sample

ROOT = Path(__file__).parents[2]


@contextmanager
def at_root() -> Iterator[None]:
    """Be in the repository's root, where params are read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the real-estate dialogues and the test split's rows."""
    to = tmp_path_factory.mktemp("test-set")
    pack, raw = Path("prompts/real_estate"), Path("data/raw")
    with at_root():
        ingest.main(raw / "real_estate", pack / "domain.yaml", to / "in.jsonl", to / "ledger.json")
        anonymize.main(to / "in.jsonl", raw / "pii_gold.jsonl", to / "anonymous.jsonl", to / "privacy.json")
        split.main(to / "anonymous.jsonl", to / "train.jsonl", to / "test.jsonl", to / "split.json")
        assemble.main(Path("test"), Path("data/test/real_estate/instructions.jsonl"), pack, to / "prompts.jsonl")
        sample.main(
            Path("test"),
            to / "test.jsonl",
            to / "prompts.jsonl",
            pack,
            to / "rows.jsonl",
            to / "rows.json",
            to / "figure.json",
        )
    return to


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the bank's dialogues."""
    to = tmp_path_factory.mktemp("bank")
    with at_root():
        pack = Path("prompts/bank_service/domain.yaml")
        ingest.main(Path("data/raw/bank_service"), pack, to / "in.jsonl", to / "ledger.json")
    return to


@pytest.fixture(scope="session")
def dialogues(made: Path, bank: Path) -> list[Dialogue]:
    """Return all dialogues as recorded, of both domains."""
    return [row for folder in (made, bank) for row in jsonl.read(folder / "in.jsonl", Dialogue)]


@pytest.fixture(scope="session")
def held() -> dict[str, Holdings]:
    """Return what `dial-insight cards` counts."""
    with at_root():
        return {name: cards.holdings(name) for name in cards.domains()}
