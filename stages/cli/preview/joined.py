"""Which question, answer and outcome belong together: by the row's id, by what a row descends from, or by their order."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from stages.cli.preview.chosen import Read, Wanted, read
from stages.cli.preview.views import View
from stages.cli.trial.exchange import Exchange
from stages.core import jsonl
from stages.core.row import Record


class Shown(Record):
    """One row's way through the stage."""

    id: str
    before: Read | None = None
    exchanges: tuple[Exchange, ...] = ()
    outcome: Read | None = None
    dropped: Read | None = None


class Made(NamedTuple):
    """The rows that a stage wrote."""

    kept: list[Read]
    dropped: list[Read]

    @classmethod
    def read(cls, place: Path, view: View, stage: str) -> Self:
        """Read them from the folder `place` in which the stage ran."""
        target = place / view.target.format(item=stage.partition("@")[2])
        return cls(read(target), read(jsonl.dropped_path(target)))


def joined(
    view: View, wanted: Wanted, rows: Sequence[Read], exchanges: Sequence[Exchange], made: Made
) -> Iterator[Shown]:
    """Yield each row with what was asked for it and what came of it: those of `rows`, those asked about, or some that came out."""
    dropped = {row["id"]: row for row in made.dropped}
    if view.choice == "outcomes":
        kept = wanted.first(made.kept)
        yield from (Shown(id=row["id"], outcome=row) for row in kept)
        rest = wanted.first(made.dropped)[: wanted.count - len(kept)]
        yield from (Shown(id=row["id"], dropped=row) for row in rest)
        return
    asked = [each.row for each in exchanges if each.place == view.place]
    before = {str(row[view.key]): row for row in rows}
    outcomes = _outcomes(view, list(dict.fromkeys(asked)), made)
    for key in before if rows else dict.fromkeys(asked):
        outcome = outcomes.get(key)
        own = {key, outcome["id"] if outcome else key}
        yield Shown(
            id=key,
            before=before.get(key),
            exchanges=tuple(each for each in exchanges if each.row in own),
            outcome=outcome,
            dropped=dropped.get(key),
        )


def _outcomes(view: View, asked: Sequence[str], made: Made) -> dict[str, Read]:
    """Return what was kept, by the row that it was made for.

    Where a request brings about a row of which nobody can know the id before, the requests whose rows were not dropped and the new
    rows are in the same order.
    """
    if view.made:
        dropped = {row["id"] for row in made.dropped}
        new = [row for row in made.kept if row["origin"] == view.made]
        left = [key for key in asked if key not in dropped]
        return dict(zip(left, new, strict=True)) if len(left) == len(new) else {}
    descended = {parent: row for row in made.kept for parent in row.get("parents", ())}
    return descended | {row["id"]: row for row in made.kept}
