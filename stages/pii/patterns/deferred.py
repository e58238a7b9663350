"""A pattern that is compiled when it is first looked for, and only looked for where a text holds what each of its matches needs."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from functools import cached_property, lru_cache
from typing import Any

from stages.pii.patterns import parsed
from stages.text.languages import small

METHODS = frozenset({"finditer", "fullmatch", "match", "search"})
COMMON = frozenset(" ,.abcdefghijklmnopqrstuvwxyz")  # which most texts hold, if they are no Chinese
FEW = 24  # words that a text is searched for one by one, sooner than the pattern is held against it …
FEWER = 4  # … and sooner than for a sign of theirs that is not common
TURNS = 1024  # the texts of a conversation, each of which is shown to many patterns
_small = lru_cache(TURNS)(small)


@lru_cache(TURNS)
def _chars(text: str) -> frozenset[str]:
    return frozenset(small(text))


class Deferred:
    """What `re.compile` takes, with methods of what it returns; the longest patterns take a third of a second, and few runs need them."""

    finditer: Callable[..., Iterator[re.Match[str]]]
    fullmatch: Callable[..., re.Match[str] | None]
    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Take a pattern; one that is wrong is refused when it is first looked for."""
        self._pattern, self._flags = pattern, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, compiled once."""
        return re.compile(self._pattern, self._flags)

    def edges(self, *, last: bool) -> frozenset[str]:
        """Return with what its matches end or begin, as `parsed.edges` does; it is not compiled for that."""
        return parsed.edges(self._pattern, self._flags, last=last)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - one of the methods above
        """Return a method of the compiled pattern, and keep it as one's own."""
        if name not in METHODS:
            raise AttributeError(name)
        may_fit = holder(parsed.needed(self._pattern, self._flags))
        setattr(self, name, self._behind(may_fit, name) if may_fit else getattr(self.compiled, name))
        return self.__dict__[name]

    def _behind(self, may_fit: Callable[[str], bool], name: str) -> Callable[..., Any]:
        """Return a method that finds nothing where the pattern cannot fit."""

        def method(text: str, *place: int) -> Any:  # noqa: ANN401
            if may_fit(text):
                return getattr(self.compiled, name)(text, *place)
            return iter(()) if name == "finditer" else None

        return method


def holder(words: frozenset[str] | None) -> Callable[[str], bool] | None:
    """Return what tells whether a text, in small letters, may hold one of the words; None where they tell nothing.

    Few words of common signs are looked for one by one, of many a sign; of the others those alone of which the text has the
    sign that is not common. Where signs are common, every text in ASCII may hold one.
    """
    if not words or "" in words:
        return None
    plain = {word for word in words if COMMON.issuperset(word)}
    if len(plain) > FEW or any(len(word) == 1 for word in plain):
        plain = set()
    if len(words) - len(plain) <= FEWER:
        plain = set(words)
    listed, by_sign = tuple(sorted(plain, key=len)), _by_sign(words - plain)
    signs, ascii_too = frozenset(by_sign), any(map(str.isascii, by_sign))

    def holds(text: str) -> bool:
        lowered = _small(text)
        for word in listed:
            if word in lowered:
                return True
        if not signs or text.isascii():
            return ascii_too
        for sign in signs & _chars(text):
            for word in by_sign[sign]:
                if word in lowered:
                    return True
        return False

    return holds


def _by_sign(words: Set[str]) -> dict[str, tuple[str, ...]]:
    """Return the words by their first sign that is not common; of a word without one its first sign stands for it."""
    found = defaultdict[str, tuple[str, ...]](tuple)
    for word in words:
        sign = next((char for char in word if char not in COMMON), "")
        found[sign or word[0]] += (word if sign else word[0],)
    return dict(found)
