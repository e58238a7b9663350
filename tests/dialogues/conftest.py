"""A small domain and a way to make dialogues."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.row import content_id
from stages.dialogues.formats import detect
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue, Turn

Make = Callable[..., Dialogue]


@pytest.fixture(scope="session")
def domain(root: Path) -> Domain:
    return yaml_files.load(root / "prompts" / "real_estate" / "domain.yaml", Domain)


@pytest.fixture
def make() -> Make:
    """Make a dialogue from texts; provider and customer take turns, or pairs (speaker, text) are given."""

    def build(*said: str | tuple[str, str], language: str = "en", key: str = "d") -> Dialogue:
        pairs = [("", item) if isinstance(item, str) else item for item in said]
        turns = tuple(
            Turn(party="customer" if n % 2 else "provider", speaker=speaker, text=text)
            for n, (speaker, text) in enumerate(pairs)
        )
        return Dialogue(
            id=content_id(pairs),
            key=key,
            language=language,
            scene="buying",
            source="im_messages",
            role="real_estate_agent",
            turns=turns,
        )

    return build


@pytest.fixture(scope="session")
def corpus(root: Path, domain: Domain) -> list[Dialogue]:
    """Return the shipped conversations, as stage ingest makes them."""
    defaults = {"scene": "renting", "source": "im_messages", "role": "real_estate_agent", "language": "en"}
    settings = Ingest.model_validate(
        {"min_turns": 2, "max_chars": 100_000, "max_bad_rows": 0, "max_dropped": 0, "defaults": defaults}
    )
    folder = root / "data" / "raw" / "real_estate"
    found = ((path.name, item) for path in detect.files(folder) for item in detect.read(path, Forms()).results)
    return [row for row in ingest(found, settings, domain) if isinstance(row, Dialogue)]
