"""No planted value outlives anonymize, and what is dropped before it tells none."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from stages.core import yaml_files
from stages.core.dropped import Dropped
from stages.core.params import load_all, lookup
from stages.dialogues.anonymize import Anonymize, anonymize, untraced
from stages.dialogues.formats import detect
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.pii.evidence.recognizers import Evidence
from stages.pii.values.spans import KINDS, PiiKind
from stages.rows.dialogue import Dialogue
from tests.redteam.canaries import SOURCES, Canary, Searched, write
from tests.redteam.open_cases import OPEN

ALSO: dict[PiiKind, tuple[PiiKind, ...]] = {
    "qq": ("account", "phone")
}  # kinds that take the same numbers, when it is off

SHIPPED = Evidence(zh="lac", en=None)


class Ingested(NamedTuple):
    """What ingest makes of the canaries' files."""

    canaries: list[Canary]
    dialogues: list[Dialogue]
    dropped: list[Dropped]


@pytest.fixture(scope="module")
def ingested(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    folder = tmp_path_factory.mktemp("raw")
    canaries = write(folder)
    params = Ingest.parse("ingest", lookup(load_all(root / "params.yaml"), "ingest"))
    domain = yaml_files.load(root / "prompts/real_estate/domain.yaml", Domain)
    found = [
        (path.relative_to(folder).as_posix(), item)
        for path in detect.files(folder)
        for item in detect.read(path, Forms()).results
    ]
    outcomes = list(ingest(found, params, domain))
    return Ingested(
        canaries,
        [row for row in outcomes if isinstance(row, Dialogue)],
        [row for row in outcomes if isinstance(row, Dropped)],
    )


def leaked(ingested: Ingested, kinds: Sequence[PiiKind]) -> set[Canary]:
    """Return what is left when these kinds are replaced."""
    made = [
        untraced(row.dialogue) for row in anonymize(ingested.dialogues, Anonymize(kinds=tuple(kinds), evidence=SHIPPED))
    ]
    text = Searched("\n".join(row.model_dump_json() for row in made))
    return {one for one in ingested.canaries if one.stands_in(text)}


def test_every_kind_is_planted_in_every_source_and_language(ingested: Ingested, root: Path) -> None:
    domain = yaml_files.load(root / "prompts/real_estate/domain.yaml", Domain)
    assert [source.id for source in domain.sources] == list(SOURCES)
    planted = {(one.kind, one.source, one.language) for one in ingested.canaries}
    assert planted >= {(kind, source, language) for kind in KINDS for source in SOURCES for language in ("en", "zh")}
    kept = {(row.source, row.language) for row in ingested.dialogues}
    assert kept == {(source, language) for source in SOURCES for language in ("en", "zh")}
    raw = Searched("\n".join(row.model_dump_json() for row in ingested.dialogues))
    in_text = [one for one in ingested.canaries if one.where == "text"]
    assert all(one.stands_in(raw) for one in in_text)  # before anonymize all of it is found


def test_nothing_planted_is_left(ingested: Ingested) -> None:
    left = {one.case for one in leaked(ingested, KINDS)}
    assert left - OPEN == set(), "personal data that a careful reader would mask is left"
    assert OPEN - left == set(), "masked by now: take it out of open_cases.py"


@pytest.mark.parametrize("kind", get_args(PiiKind))
def test_a_kind_that_is_switched_off_is_found(ingested: Ingested, kind: PiiKind) -> None:
    off = {kind, *ALSO.get(kind, ())}
    found = {one for one in leaked(ingested, [each for each in KINDS if each not in off]) if one.case not in OPEN}
    assert kind in {one.kind for one in found}


def test_what_is_dropped_tells_no_value(ingested: Ingested) -> None:
    text = Searched("\n".join(row.model_dump_json() for row in ingested.dropped))
    assert len(ingested.dropped) == 6
    assert not [one for one in ingested.canaries if one.stands_in(text)]
