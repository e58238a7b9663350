"""Where items and rows have a few units in a row in common: an inverted index of hashed runs, linear in items and rows."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

SPAN = 4  # units of a run that is looked up: one word in eight may differ; whatever a rule asks is decided unit by unit
CROWD = 50  # a run that stands more often in the items tells none of them from the others: `which of the following is`
BITS = 22  # of the table that says at once of most runs that no item has them

OFFSET = 28  # bits of a place in a row: texts of up to 134 million units
MIDDLE = 1 << (OFFSET - 1)

Ids = np.ndarray  # int64, shape (n,): a number for each distinct unit of the items, 0: none of theirs


class Shared(NamedTuple):
    """Runs that a row has in common with an item, and by how many units the item would begin after the row does (may be negative)."""

    rows: np.ndarray
    items: np.ndarray
    offsets: np.ndarray
    counts: np.ndarray  # how many runs speak for that place


class Index:
    """The runs of `span` units of items, looked up in batches of rows."""

    def __init__(self, items: Sequence[Sequence[str]], span: int = SPAN) -> None:
        """Give each unit of the items a number, and look up where their runs begin."""
        self.span = span
        self._numbers: dict[str, int] = {}
        for item in items:
            for unit in item:
                self._numbers.setdefault(unit, len(self._numbers) + 1)
        self._codes = np.random.default_rng(0).integers(1, 1 << 63, len(self._numbers) + 1, dtype=np.uint64)
        self.items = [self.ids(item) for item in items]
        starts, flat = _joined(self.items)
        hashes, places = self._runs(flat)
        owner = np.searchsorted(starts, places, side="right") - 1
        order = np.argsort(hashes, kind="stable")
        hashes, owner, places = hashes[order], owner[order], (places - starts[owner])[order]
        self._hashes, first, counts = np.unique(hashes, return_index=True, return_counts=True)
        few = counts <= CROWD
        self._hashes, self._first, self._counts = self._hashes[few], first[few], counts[few]
        self._owner, self._place = owner, places
        self._known = np.zeros(1 << BITS, dtype=bool)
        self._known[self._hashes >> np.uint64(64 - BITS)] = True

    def ids(self, row: Iterable[str]) -> Ids:
        """Return the numbers of a row's units."""
        get = self._numbers.get
        return np.array([get(unit, 0) for unit in row], dtype=np.int64)

    def _runs(self, flat: Ids) -> tuple[np.ndarray, np.ndarray]:
        """Return the hashes of all runs without an unknown unit, and where each begins."""
        count = max(len(flat) - self.span + 1, 0)
        codes, hashes, known = self._codes[flat], np.zeros(count, dtype=np.uint64), np.ones(count, dtype=bool)
        for place in range(self.span):
            hashes = (hashes ^ codes[place : place + count]) * np.uint64(0x9E3779B97F4A7C15)
            known &= flat[place : place + count] > 0
        places = np.flatnonzero(known)
        return hashes[places], places

    def shared(self, rows: Sequence[Ids]) -> Shared:
        """Return where rows may hold items, by row, then by item."""
        starts, flat = _joined(rows)
        hashes, places = self._runs(flat)
        seen = self._known[hashes >> np.uint64(64 - BITS)]
        hashes, places = hashes[seen], places[seen]
        if not len(self._hashes):
            hashes, places = hashes[:0], places[:0]
        found = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        same = self._hashes[found] == hashes if len(hashes) else np.zeros(0, dtype=bool)
        found, places = found[same], places[same]
        counts = self._counts[found]
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        postings = np.repeat(self._first[found], counts) + steps
        places = np.repeat(places, counts)
        row = np.searchsorted(starts, places, side="right") - 1
        pair = row * len(self.items) + self._owner[postings]
        offset = places - starts[row] - self._place[postings]
        distinct, amount = np.unique((pair << OFFSET) + offset + MIDDLE, return_counts=True)
        pair = distinct >> OFFSET
        return Shared(pair // len(self.items), pair % len(self.items), (distinct & (2 * MIDDLE - 1)) - MIDDLE, amount)


def _joined(rows: Sequence[Ids]) -> tuple[np.ndarray, Ids]:
    """Return where each row begins, and all rows with an unknown unit after each: no run goes from one into the next."""
    starts = np.cumsum([0, *(len(row) + 1 for row in rows)])[:-1].astype(np.int64)
    flat = np.zeros(int(sum(len(row) + 1 for row in rows)), dtype=np.int64)
    for start, row in zip(starts.tolist(), rows, strict=True):
        flat[start : start + len(row)] = row
    return starts, flat


def longest_run(same: np.ndarray) -> int:
    """Return how many True stand in a row at most."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))
