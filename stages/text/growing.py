"""What is found in the parts of a text, joined: a text that goes on from one that was asked for before costs its new parts alone.

Rules look at a conversation as far as it had come before each of its turns. Looked at anew each time, a conversation of n turns
costs n² / 2 of them. The result is the same whatever was asked for before.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from typing import Generic, TypeVar

TEXTS_AT_HAND = 16  # texts of several lines that are remembered: a row's, and as far as its conversation had come
PARTS_AT_HAND = 1024  # parts, which other rows of a conversation have too
LINE = re.compile("\n")

T = TypeVar("T")
Item = TypeVar("Item")


class Growing(Generic[T]):
    """A function of a text that is made of its parts': `joined` of the parts, or of what stands for some of them, and the others."""

    def __init__(
        self,
        of_part: Callable[[str], T],
        joined: Callable[[Iterable[T]], T],
        border: re.Pattern[str] = LINE,
    ) -> None:
        """Take what a part comes to, and what stands between two parts: a line break, and what it is told by."""
        self._of_part, self._joined, self._border = lru_cache(maxsize=PARTS_AT_HAND)(of_part), joined, border
        self._known: dict[str, T] = {}

    def __call__(self, text: str) -> T:
        """Return what is found in the text."""
        if "\n" not in text:
            return self._of_part(text)
        if text not in self._known:
            found = self._of(text)
            if len(self._known) >= TEXTS_AT_HAND:
                self._known.pop(next(iter(self._known)), None)
            self._known[text] = found
            return found
        return self._known[text]

    def _of(self, text: str) -> T:
        for begin in reversed(tuple(self._known)):
            if text.startswith(begin) and (border := self._border.match(text, len(begin))):
                rest = self._border.split(text[border.end() :])
                return self._joined([self._known[begin], *map(self._of_part, rest)])
        return self._joined(map(self._of_part, self._border.split(text)))


def union(sets: Iterable[frozenset[Item]]) -> frozenset[Item]:
    """Return what is in any of the sets."""
    return frozenset[Item]().union(*sets)


def in_a_row(rows: Iterable[tuple[Item, ...]]) -> tuple[Item, ...]:
    """Return the items of all rows."""
    return tuple(chain.from_iterable(rows))


def lines(parts: Iterable[str]) -> str:
    """Return the parts as lines of one text."""
    return "\n".join(parts)
