"""How things stand with one row."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stages.reviews.decisions import Decision
from stages.reviews.settlement import conflicting, settled, standing


class State(NamedTuple):
    """How things stand with one row: all lines, what each reviewer says now, what holds, and whether they disagree."""

    lines: tuple[Decision, ...] = ()
    said: Mapping[str, Decision] = {}
    holds: Decision | None = None
    conflict: bool = False

    @classmethod
    def of(cls, lines: Iterable[Decision]) -> "State":
        """Return what the lines about one row come to, by the rule of `stages.reviews.settlement`."""
        told = tuple(sorted(set(lines), key=lambda line: line.time))
        return cls(told, standing(told), settled(told), conflicting(told))


OPEN = State()
