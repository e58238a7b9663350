"""Which rows of a queue are worked at: by their facets, by how things stand with them, by words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from stages.cli.review.queue import Entry
from stages.cli.review.state import OPEN, State

WAITING, OWN = "waiting", "not by me"  # undecided, and somebody has to decide; whatever others said of it
STATES = (WAITING, "undecided", "decided", OWN, "conflict", "all")


class Filters(NamedTuple):
    """What was chosen: values of facets, a state, and words that must all occur; by whom, and the state where none is chosen."""

    facets: Mapping[str, str]
    state: str
    words: str
    reviewer: str
    usual: str

    @classmethod
    def of(cls, query: Mapping[str, str], facets: Iterable[str], reviewer: str, usual: str) -> "Filters":
        """Read an address's query; what it does not know is left out."""
        chosen = {name: query[name] for name in facets if query.get(name)}
        state = query.get("state", "")
        return cls(chosen, state if state in STATES else usual, query.get("q", "").strip(), reviewer, usual)

    @property
    def query(self) -> str:
        """The same as an address has it, with its question mark; "" where nothing was chosen."""
        state = {"state": self.state} if self.state != self.usual else {}
        words = {"q": self.words} if self.words else {}
        chosen = {**self.facets, **state, **words}
        return f"?{urlencode(chosen)}" if chosen else ""

    def chosen(self, entries: Iterable[Entry], states: Mapping[str, State]) -> list[Entry]:
        """Return the rows that fit, in their order."""
        words = self.words.casefold().split()
        return [
            entry for entry in entries if self._fits(entry, words) and self._stands(entry, states.get(entry.id, OPEN))
        ]

    def _fits(self, entry: Entry, words: Sequence[str]) -> bool:
        return all(value in entry.facets.get(name, ()) for name, value in self.facets.items()) and all(
            word in entry.words or entry.id.startswith(word) for word in words
        )

    def _stands(self, entry: Entry, found: State) -> bool:
        if self.state == "all":
            return True
        if self.state == "conflict":
            return found.conflict
        if self.state == OWN:
            return self.reviewer not in found.said and (entry.waits or bool(found.said))
        if self.state == WAITING and not entry.waits:
            return False
        return (found.holds is not None) == (self.state == "decided")


class Choice(NamedTuple):
    """A facet and its values, as a select shows them."""

    name: str
    values: tuple[str, ...]


def choices(entries: Iterable[Entry]) -> list[Choice]:
    """Return the facets that tell rows apart: those with more than one value."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        for name, values in entry.facets.items():
            found.setdefault(name, set()).update(values)
    return [Choice(name, tuple(sorted(values))) for name, values in found.items() if len(values) > 1]
