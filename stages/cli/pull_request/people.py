"""Rows that wait for a person: decisions that contradict each other, and bad labels that nobody has decided on."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from stages.cli import review_kinds
from stages.cli.revision import WORKSPACE, Revision
from stages.core import jsonl
from stages.core.errors import InputError
from stages.pii.corrections import Correction
from stages.reviews import journal
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement, disputes
from stages.reviews.settlement import Conflict, disputed, grouped
from stages.reviews.spoken import Spoken
from stages.rows.label_quality import LEVEL, LabelQuality

S = TypeVar("S", bound=Spoken)
REVIEWS = Path("data/review")
QUALITIES = "data/quality/labels.jsonl"


class Waiting(NamedTuple):
    """A row, where it waits and why."""

    place: str
    id: str
    why: str


def waiting(root: Path) -> Iterator[Waiting]:
    """Yield the rows; a file of decisions that cannot be read is one line itself."""
    for path in sorted((root / REVIEWS).glob("*.jsonl")):
        place = path.relative_to(root).as_posix()
        try:
            yield from (Waiting(place, row, f"{names} disagree") for row, names in _disputes(path))
        except InputError as error:
            yield Waiting(place, "", str(error).replace(str(path), place))
    yield from _low(root)


def _disputes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield a row and who says different things of it; of personal data, a stretch at the same place of its conversation."""
    kind = review_kinds.kind(path)
    if kind is Refinement:
        yield from _told(disputes(journal.history(path, Refinement)))
    elif kind is Correction:
        yield from _told(disputed(map(_placed, journal.history(path, Correction))))
    else:
        yield from _told(disputed(_spoken_last(journal.history(path, kind))))


def _spoken_last(history: Iterable[S]) -> Iterator[S]:
    """Yield of each row's lines those about the answer or directive that was spoken of last, and those that name none: others are stale."""
    for lines in grouped(history).values():
        last = max(lines, key=lambda row: (bool(_about(row)), row.time))
        yield from (row for row in lines if _about(row) in ("", _about(last)))


def _about(row: Spoken) -> str:
    return row.answer_id if isinstance(row, Decision) else ""


def _told(found: Iterable[Conflict[S]]) -> Iterator[tuple[str, str]]:
    yield from ((each.id, " and ".join(each.said)) for each in found)


def _placed(row: Correction) -> Correction:
    return row.model_copy(update={"id": f"{row.id}, turn {row.turn}, characters {row.start} to {row.end}"})


def _low(root: Path) -> Iterator[Waiting]:
    """Yield the labels that rules or a judge call bad and no person has decided on."""
    for row in qualities(root) or ():
        if LEVEL[row.quality] == "low" and row.layer != "human":
            flags = ", ".join(flag.value.replace("_", " ") for flag in row.flags)
            yield Waiting(QUALITIES, row.id, f"{row.quality}{f': {flags}' if flags else ''} (by {row.layer})")


def qualities(root: Path) -> list[LabelQuality] | None:
    """Return what is known of the labels, from the folder or DVC's cache; None: neither is here."""
    if (root / QUALITIES).is_file():
        return jsonl.read(root / QUALITIES, LabelQuality)
    now = Revision(WORKSPACE, root)
    file = now.cached(now.made[QUALITIES]) if QUALITIES in now.made else None
    return None if file is None else jsonl.read(file, LabelQuality)
