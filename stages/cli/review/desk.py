"""What the page works with: a queue in its order, its decisions, who decides, and which row comes next."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from threading import Timer
from typing import NamedTuple

from stages.cli.review.decided import Decided
from stages.cli.review.filters import Choice, Filters, choices
from stages.cli.review.queue import Author, Entry, Form, Queue, Refused
from stages.cli.review.state import OPEN
from stages.cli.review.watched import Watched
from stages.reviews.decisions import Decision
from stages.reviews.settlement import next_moment

PAUSE = 2.0  # seconds after a reading before rows are compared with each other: the first page comes first


class Rows(NamedTuple):
    """The rows of a queue, the most informative first, and the place of each."""

    entries: list[Entry]
    places: dict[str, int]
    choices: list[Choice]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Rows":
        """Put rows in order."""
        found = sorted(entries, key=lambda entry: entry.turn)
        return cls(found, {entry.id: place for place, entry in enumerate(found)}, choices(found))


class Progress(NamedTuple):
    """How many of all rows are decided, how many wait for somebody, how many this reviewer decided, and how many are disagreed on."""

    rows: int
    decided: int
    waiting: int
    own: int
    conflicts: int


class Desk:
    """One queue and one reviewer."""

    def __init__(self, queue: Queue, reviewer: str) -> None:
        """Read rows and decisions; InputError where a file is not what it should be."""
        queue.require()
        self.queue, self.reviewer = queue, reviewer
        self.decided = Decided(queue)
        self.refined: tuple[Rows, Rows] | None = None  # rows as they were read, and in their full order
        self.watched = Watched(queue.sources, self._load)
        self.watched.get()
        self.decided.states.get()

    @property
    def rows(self) -> Rows:
        """The rows, as the files have them now."""
        rows = self.watched.get()
        return self.refined[1] if self.refined and self.refined[0] is rows else rows

    def refine(self, rows: Rows) -> None:
        """Put rows in their full order, by what takes a while to find out."""
        entries = self.queue.refine()
        if entries is not None:
            self.refined = rows, Rows.of(entries)

    def at(self, key: str) -> Entry | None:
        """Return a row by its id."""
        place = self.rows.places.get(key)
        return None if place is None else self.rows.entries[place]

    @property
    def hides(self) -> bool:
        """Whether nothing may tell this reviewer yet what others said: rows of a blind queue are left to decide."""
        now = self.decided.now()
        return self.queue.blind and any(
            self.reviewer not in now.get(entry.id, OPEN).said for entry in self.rows.entries
        )

    def progress(self) -> Progress:
        """Count all rows, whatever is filtered; no conflicts where they are not told yet."""
        entries, now = self.rows.entries, self.decided.now()
        states = [now.get(entry.id, OPEN) for entry in entries]
        return Progress(
            rows=len(states),
            decided=sum(state.holds is not None for state in states),
            waiting=sum(entry.waits and state.holds is None for entry, state in zip(entries, states, strict=True)),
            own=sum(self.reviewer in state.said for state in states),
            conflicts=0 if self.hides else sum(state.conflict for state in states),
        )

    def finished(self) -> dict[str, object]:
        """Return what the queue's last page shows."""
        here, now = self.rows.places, self.decided.now()
        return self.queue.finished({key: state for key, state in now.items() if key in here}, self.reviewer)

    def around(self, key: str, filters: Filters) -> tuple[str | None, str | None]:
        """Return the rows before and after this one among those that fit; after the last comes the first, before it the last."""
        rows = self.rows  # once: each asks for the files' state
        here = rows.places.get(key, -1)
        fitting = [rows.places[entry.id] for entry in self.fitting(filters) if entry.id != key]
        if not fitting:
            return None, None
        cut = bisect_left(fitting, here)
        return rows.entries[fitting[cut - 1]].id, rows.entries[fitting[cut % len(fitting)]].id

    def fitting(self, filters: Filters) -> list[Entry]:
        """Return the rows that fit, in their order; none in conflict where that is not told yet."""
        if filters.state == "conflict" and self.hides:
            return []
        return filters.chosen(self.rows.entries, self.decided.now())

    def decide(self, key: str, form: Form, about: str | None = None, seen: str | None = None) -> Decision:
        """Record what a form says of a row; when this returns it is on disk.

        Where the form's page tells, `about` is the hash of what it showed, and `seen` how many lines people had said of the row.
        """
        if self.at(key) is None:
            raise Refused("the row is not in the queue any more: the graph made other rows meanwhile")
        if about is not None and about != self.queue.about(key):
            raise Refused("what is decided on was made anew since the page showed it: nothing is recorded; look again")
        state = self.decided[key]
        # Who may not see what others said, or whose page is older than that, cannot speak last in view of it.
        viewed = not self.queue.blind and seen in (None, str(len(state.lines)))
        author = Author(self.reviewer, state.conflict and viewed)
        decision = self.queue.decide(key, form, author).model_copy(update={"time": next_moment(state.lines)})
        self.decided.record(decision, lambda: self.queue.follow(decision, form))
        return decision

    def correct(self, key: str, form: Form) -> str:
        """Record what a stretch of a row is; return what to say of it."""
        if self.at(key) is None:
            raise Refused("the row is not in the queue any more: the graph made other rows meanwhile")
        return self.queue.correct(key, form, Author(self.reviewer))

    def last(self) -> str | None:
        """Return the row of what this reviewer said last and has not taken back."""
        decision, stretch = self._lasts()
        if stretch and (decision is None or stretch[0] > decision.time):
            return stretch[1]
        return decision.id if decision else None

    def undo(self) -> str | None:
        """Take back what this reviewer said last; return its row, or None where nothing is left."""
        decision, stretch = self._lasts()
        if stretch and (decision is None or stretch[0] > decision.time):
            self.queue.take_back(self.reviewer)
            return stretch[1]
        if decision is None:
            return None
        now = next_moment(self.decided[decision.id].lines)
        taken = self.queue.kind(id=decision.id, action="withdraw", reviewer=self.reviewer, time=now)
        self.decided.record(taken, lambda: self.queue.undo(decision))
        return decision.id

    def _lasts(self) -> tuple[Decision | None, tuple[datetime, str] | None]:
        return self.decided.last(self.reviewer, self.rows.places), self.queue.latest(self.reviewer)

    def _load(self) -> Rows:
        entries = self.queue.load()
        self.decided.reread()  # whether a decision is about the row as it is may have changed
        rows = Rows.of(entries)
        later = Timer(PAUSE, self.refine, [rows])
        later.daemon = True
        later.start()
        return rows
