"""Which decision on a row holds, where several people decided: one rule, whatever the order of the lines.

Two branches that are merged by union shuffle and repeat lines, so nothing may hang on their places:

1. Of one reviewer the latest by time holds; where that is a withdrawal, the reviewer has said nothing.
2. Where the reviewers agree, that holds.
3. Where they do not, a decision that `settles` wins, the latest of several.
4. Else the one with the most voices.
5. Else, among those with as many voices, the careful one: discard, then rewrite, then keep, of grades the lower.
6. Of several that are as careful, the latest.

Of decisions of one time the careful one is the later; what even that does not tell apart is put in the order of the lines' characters.

A decision that settles ends the conflict that it met. The row is in conflict again in two cases: somebody says otherwise later; or
a reviewer's earlier settling line says otherwise and had left no conflict for the last one to meet, as when two branches settled the
row differently. What was settled last holds meanwhile, until somebody settles it again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from stages.reviews.spoken import Spoken

S = TypeVar("S", bound=Spoken)


class Conflict(NamedTuple, Generic[S]):
    """A row on which reviewers disagree, and no line settles it: what each of them says, by name, and what holds meanwhile."""

    id: str
    said: Mapping[str, S]
    holds: S


def standing(history: Iterable[S]) -> dict[str, S]:
    """Return what each reviewer says of one row, by name in alphabetical order; who withdrew is left out."""
    latest: dict[str, S] = {}
    for row in history:
        other = latest.get(row.reviewer)
        if other is None or _later(row) > _later(other):
            latest[row.reviewer] = row
    return {name: row for name, row in sorted(latest.items()) if not row.withdrawn}


def settled(history: Iterable[S]) -> S | None:
    """Return the decision that holds on one row; None: nobody decided, or all withdrew. `history` is in any order."""
    said = list(standing(history).values())
    if not said:
        return None
    if len({row.verdict for row in said}) > 1:
        said = [row for row in said if row.settles] or _most_careful(_most_voices(said))
    return max(said, key=_later)


def conflicting(history: Iterable[S]) -> bool:
    """Whether reviewers disagree on one row, and no line settles it, as above. `history` is in any order."""
    rows = list(history)
    said = standing(rows).values()
    if len({row.verdict for row in said}) <= 1:
        return False
    last = max((row for row in said if row.settles), key=_later, default=None)
    others = [row for row in said if last and row.verdict != last.verdict]
    if last is None or any(_later(row) > _later(last) for row in others):
        return True
    met = any(row.settles for row in others)  # else what it met was a conflict, as nobody had settled it
    return met and not conflicting(row for row in rows if _later(row) < _later(last))


def careful(history: Iterable[S]) -> S | None:
    """Return the most careful decision that stands on one row, whoever settled it: of several the one with the most voices, then the latest."""
    said = list(standing(history).values())
    return max(_most_voices(_most_careful(said)), key=_later) if said else None


def next_moment(history: Iterable[Spoken]) -> datetime:
    """Return the time of what is said of a row now: after all that was said of it, even by a clock that is ahead."""
    return max([datetime.now(UTC), *(row.time + timedelta(microseconds=1) for row in history)])


def grouped(rows: Iterable[S]) -> dict[str, list[S]]:
    """Return the decisions by the row they are about, in the order in which rows were first spoken of."""
    found = defaultdict[str, list[S]](list)
    for row in rows:
        found[row.id].append(row)
    return dict(found)


def holding(rows: Iterable[S]) -> dict[str, S]:
    """Return the decision that holds on each row; rows that nobody decided on, or not any more, are not in it."""
    decided = ((key, settled(history)) for key, history in grouped(rows).items())
    return {key: row for key, row in decided if row is not None}


def disputed(rows: Iterable[S]) -> list[Conflict[S]]:
    """Return the rows with a conflict, in the order in which they were first spoken of."""
    return [
        Conflict(key, standing(history), holds)
        for key, history in grouped(rows).items()
        if conflicting(history) and (holds := settled(history)) is not None
    ]


def _later(row: Spoken) -> tuple[datetime, int, str]:
    return row.time, row.care, row.model_dump_json()


def _most_voices(said: list[S]) -> list[S]:
    voices = Counter(row.verdict for row in said)
    most = max(voices.values())
    return [row for row in said if voices[row.verdict] == most]


def _most_careful(said: list[S]) -> list[S]:
    care = max(row.care for row in said)
    return [row for row in said if row.care == care]
