"""The conversations of a domain as its pack reads them: which are kept, what they leave unsaid, what somebody has to mend in their files."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, ReadResult
from stages.dialogues.formats.field_map import Forms, read_forms
from stages.dialogues.ingest import UNKNOWN, Ingest, ingest
from stages.library.domain_pack import Domain
from stages.reporting.counted import counted
from stages.rows.dialogue import Dialogue

FIELDS = ("scene", "source", "role")
LANGUAGE = "take it out, or where that is wrong write its `language` there: en, zh"
MANY = 10**9  # bad records, none too many to be looked at


class Found(NamedTuple):
    """What the conversations of a domain are: those that are kept, which fields some of them do not say, what is wrong."""

    kept: list[Dialogue]
    unsaid: set[str]
    faults: list[str]


def found(name: str, domain: Domain | None, values: dict[str, Any], root: Path = Path()) -> Found:
    """Read the files of the domain `name`; without its `domain.yaml` only what they say themselves. `values` are params.yaml's."""
    folder = root / "data/raw" / name
    place = folder.relative_to(root)
    try:
        paths, forms = detect.files(folder), read_forms(root / "prompts" / name)
    except InputError as error:
        return Found([], set(FIELDS), [str(error).replace(f"{folder}", str(place))])
    results, faults = _read(paths, folder, forms)
    raws = [row for _, row in results if isinstance(row, Raw)]
    unsaid = {field for field in FIELDS if any(getattr(row, field) is None for row in raws)}
    outcomes = list(ingest(results, _settings(domain, values), domain)) if domain else []
    kept = [row for row in outcomes if isinstance(row, Dialogue)]
    return Found(kept, unsaid, [*faults, *_unkept(outcomes, place)])


def _read(paths: Collection[Path], folder: Path, forms: Forms) -> tuple[list[tuple[str, ReadResult]], list[str]]:
    results, faults = list[tuple[str, ReadResult]](), list[str]()
    for path in paths:
        try:
            results += [(path.relative_to(folder).as_posix(), row) for row in detect.read(path, forms).results]
        except InputError as error:
            faults.append(str(error))
    return results, faults


def _settings(domain: Domain, values: dict[str, Any]) -> Ingest:
    """Return how conversations are taken, with defaults that the domain has: which ones it needs is said apart."""
    settings, known = Ingest.parse("ingest", values.get("ingest")), ids(domain)
    fits = {field: known[field][0] for field in FIELDS if getattr(settings.defaults, field) not in known[field]}
    defaults = settings.defaults.model_copy(update=fits)
    return settings.model_copy(update={"defaults": defaults, "max_bad_rows": MANY})


def ids(domain: Domain | None) -> dict[str, list[str]]:
    """Return the ids of scenes, sources and roles; none without a domain."""
    if domain is None:
        return {field: [] for field in FIELDS}
    rows = {"scene": domain.scenes, "source": domain.sources, "role": domain.roles}
    return {field: [row.id for row in rows[field]] for field in FIELDS}  # type: ignore[attr-defined]


def _unkept(outcomes: Collection[Dialogue | Dropped], folder: Path) -> Iterator[str]:
    """Yield what somebody has to mend in the files: unreadable records, and ids that the pack lacks; one line for each kind."""
    bad = [row for row in outcomes if isinstance(row, Dropped)]
    for (reason, detail), count in Counter((row.reason, row.detail) for row in bad).items():
        place = next(row.id for row in bad if (row.reason, row.detail) == (reason, detail))
        if reason in UNKNOWN.values():
            mend = "write it there or in domain.yaml" if reason is not Reason.UNKNOWN_LANGUAGE else LANGUAGE
            yield f"{folder}/{place}: {detail} ({counted(count, 'conversation')}); {mend}"
        elif reason.value == "malformed":
            yield f"{folder}/{place}: {detail} ({counted(count, 'record')}); `dial-insight look` names who and what"
