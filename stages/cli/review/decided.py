"""The decisions of a queue, held in memory as the file has them; a row is on disk before anything here says so."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from stages.cli.review.watched import Watched
from stages.reviews.decisions import Decision, history
from stages.reviews.journal import record
from stages.reviews.settlement import conflicting, grouped, settled, standing


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


class Decided:
    """What people decided in one file."""

    def __init__(self, path: Path, counts: Callable[[Decision], bool]) -> None:
        """Take the lines that `counts` says are about rows as they now are."""
        self.path, self.counts = path, counts
        self.states = Watched([path], self._read)

    def __getitem__(self, key: str) -> State:
        """Return how things stand with a row."""
        return self.states.get().get(key, OPEN)

    def reread(self) -> None:
        """Look at the file again although it has not changed, as the rows have."""
        self.states.seen = None

    def record(self, decision: Decision) -> None:
        """Add a line to the file; when this returns it is on disk. Lines that came from elsewhere meanwhile are read too."""
        before = self.states.get()
        size = self._size()
        record(self.path, decision)
        if self._size() == size + len(decision.model_dump_json().encode()) + 1:
            before[decision.id] = State.of([*before.get(decision.id, OPEN).lines, decision])
            self.states.put(before)

    def last(self, reviewer: str, keys: Iterable[str]) -> Decision | None:
        """Return what this reviewer said last of one of the rows and has not taken back."""
        states = self.states.get()
        said = (states[key].said.get(reviewer) for key in keys if key in states)
        return max((line for line in said if line), key=lambda line: line.time, default=None)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _read(self) -> dict[str, State]:
        lines = filter(self.counts, history(self.path))
        return {key: State.of(found) for key, found in grouped(lines).items()}
