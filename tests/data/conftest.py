"""What is in the repository's data/, as the graph makes it: no model takes part."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.cli import cards
from stages.cli.cards import Holdings
from stages.cli.test_version import versions
from stages.core import jsonl
from stages.dialogues import anonymize, ingest, split
from stages.rows.dialogue import Dialogue
from stages.samples import testset

ROOT = Path(__file__).parents[2]


@contextmanager
def at_root() -> Iterator[None]:
    """Be in the repository's root, where params are read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


def labelled_split(domain: str, to: Path) -> Path:
    """Make the labelled test split of a domain in the folder `to`, one of each version, by the stages themselves."""
    pack, raw, stored = Path("prompts", domain), Path("data/raw"), Path("data/test", domain)
    with at_root():
        ingest.main(source=raw / domain, domain=pack / "domain.yaml", target=to / "in.jsonl", ledger=to / "ledger.json")
        anonymize.main(
            source=to / "in.jsonl",
            domain=pack / "domain.yaml",
            gold=raw / "pii_gold.jsonl",
            reviews=Path("data/review/personal.jsonl"),
            held_out=stored / "dialogues.jsonl",
            target=to / "anonymous.jsonl",
            spans=to / "spans.jsonl",
            left=to / "missed.jsonl",
            report=to / "privacy.json",
        )
        split.main(
            source=to / "anonymous.jsonl",
            held_out=stored / "dialogues.jsonl",
            train=to / "train.jsonl",
            test=to / "test.jsonl",
            ledger=to / "split.json",
        )
        for folder in versions(domain):
            testset.main(
                dialogues=to / "test.jsonl",
                stored=folder,
                target=to / folder.name / "labels.jsonl",
                ledger=to / folder.name / "labels.json",
                plot=to / folder.name / "figure.json",
            )
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
