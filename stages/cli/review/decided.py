"""The decisions of a queue, held in memory as the file has them; a row is on disk before anything here says so."""

from collections.abc import Callable, Iterable, Mapping

from stages.cli.review.queue import Queue
from stages.cli.review.state import OPEN, State
from stages.cli.review.watched import Watched, stamp
from stages.reviews.decisions import Decision
from stages.reviews.journal import history, record
from stages.reviews.settlement import grouped


class Decided:
    """What people decided in one file."""

    def __init__(self, queue: Queue) -> None:
        """Take the lines of the queue's file that count: those about rows as they now are."""
        self.path, self.counts, self.kind, self.bears = queue.file, queue.counts, queue.kind, queue.bears
        self.states = Watched([queue.file, *queue.bears], self._read)

    def __getitem__(self, key: str) -> State:
        """Return how things stand with a row."""
        return self.now().get(key, OPEN)

    def now(self) -> Mapping[str, State]:
        """Return how things stand with every row that somebody spoke of."""
        return self.states.get()

    def reread(self) -> None:
        """Look at the file again although it has not changed, as the rows have."""
        self.states.seen = None

    def record(self, decision: Decision, first: Callable[[], None]) -> None:
        """Do what comes `first`, then add a line to the file; when this returns it is on disk.

        Lines that came from elsewhere meanwhile are read too: only where the file grew by just this line, and what `first` did
        leaves the other lines as they count, it is not read again.
        """
        size = self._size()  # before the reading: a line that comes during it is not among its states
        states, borne = self.states.get(), [stamp(path) for path in self.bears]
        first()
        record(self.path, decision)
        if (
            borne == [stamp(path) for path in self.bears]
            and self._size() == size + len(decision.model_dump_json().encode()) + 1
        ):
            lines = filter(self.counts, [*states.get(decision.id, OPEN).lines, decision])
            self.states.put({**states, decision.id: State.of(lines)})

    def last(self, reviewer: str, keys: Iterable[str]) -> Decision | None:
        """Return what this reviewer said last of one of the rows and has not taken back."""
        states = self.states.get()
        said = (states[key].said.get(reviewer) for key in keys if key in states)
        return max((line for line in said if line), key=lambda line: line.time, default=None)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _read(self) -> dict[str, State]:
        lines = filter(self.counts, history(self.path, self.kind))
        return {key: State.of(found) for key, found in grouped(lines).items()}
