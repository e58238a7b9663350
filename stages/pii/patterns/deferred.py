"""A pattern that is compiled when it is first looked for, and only looked for where a text holds what each of its matches needs."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from functools import cached_property, lru_cache
from itertools import chain, islice
from operator import add
from typing import Any, NamedTuple

from stages.pii.patterns import parsed
from stages.text.languages import small

METHODS = frozenset({"finditer", "fullmatch", "match", "search"})
COMMON = frozenset(" ,.abcdefghijklmnopqrstuvwxyz")  # which most texts hold, if they are no Chinese
FEW = 24  # words that a text is searched for one by one, sooner than the pattern is held against it …
FEWER = 4  # … and sooner than for the first characters of words with signs that are not common
ASCII = re.compile(r"[\x00-\x7f]+")
TURNS = 1024  # the texts of a conversation, each of which is shown to many patterns
_small = lru_cache(TURNS)(small)


Rows = tuple[
    Set[str], Set[str], Set[str]
]  # of a text: the characters, which two stand in a row, which three of ASCII do


def _in_rows(lowered: str) -> Rows:
    """Return the rows of a text in small letters; of one in ASCII but the last, which tells most."""
    if lowered.isascii():
        return frozenset(), frozenset(), _triples(lowered)
    pairs = frozenset(map(add, lowered, lowered[1:]))
    return frozenset(lowered), pairs, _triples("\n".join(ASCII.findall(lowered)))


def _triples(lowered: str) -> Set[str]:
    return frozenset(map(add, map(add, lowered, lowered[1:]), lowered[2:]))


@lru_cache(TURNS)
def _rows(text: str) -> Rows:
    return _in_rows(_small(text))


class Talk(NamedTuple):
    """The texts of a conversation, in small letters: each, and all."""

    lowered: Mapping[str, str]
    whole: str
    rows: Rows
    held: dict[int, tuple[str, ...] | None]  # of the words that a pattern needs, those that stand in it


_reading: list[Talk | None] = [None]


@contextmanager
def reading(texts: Iterable[str]) -> Iterator[None]:
    """Take these texts for one conversation: what none of them holds is looked for in none, and what some hold in these alone.

    Every other text is asked by itself, so a pattern finds the same.
    """
    lowered = {text: small(text) for text in texts}
    lowered |= {text: text for text in lowered.values()}
    whole = "\n".join(dict.fromkeys(lowered.values()))
    _reading.append(Talk(lowered, whole, _in_rows(whole), {}))
    try:
        yield
    finally:
        _reading.pop()


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

    @cached_property
    def longest(self) -> int | None:
        """How many characters its matches have at most, as `parsed.longest` says; it is not compiled for that."""
        return parsed.longest(self._pattern, self._flags)

    @property
    def needs_few(self) -> bool:
        """Whether each match holds one of few words, which are sooner looked for than the pattern."""
        return self._needed is not None and self._needed.few

    @cached_property
    def _needed(self) -> "Words | None":
        return holder(parsed.needed(self._pattern, self._flags))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - one of the methods above
        """Return a method of the compiled pattern, and keep it as one's own."""
        if name not in METHODS:
            raise AttributeError(name)
        setattr(self, name, self._behind(self._needed, name) if self._needed else getattr(self.compiled, name))
        return self.__dict__[name]

    def _behind(self, needed: "Words", name: str) -> Callable[..., Any]:
        """Return a method that finds nothing where the pattern cannot fit."""
        key = id(needed)

        def method(text: str, *place: int) -> Any:  # noqa: ANN401
            if talk := _reading[-1]:
                lowered = talk.lowered.get(text)
                if lowered is not None:
                    if key not in talk.held:
                        talk.held[key] = needed.standing_in(talk)
                    held = talk.held[key]
                    if held is None:
                        return getattr(self.compiled, name)(text, *place)
                    for word in held:
                        if word in lowered:
                            return getattr(self.compiled, name)(text, *place)
                    return iter(()) if name == "finditer" else None
            if needed(text):
                return getattr(self.compiled, name)(text, *place)
            return iter(()) if name == "finditer" else None

        return method


class Words:
    """Words of which a text, in small letters, may hold one."""

    def __init__(self, words: Set[str]) -> None:
        """Few words are looked for one by one, as are short ones, of many those alone whose first characters stand in the text in a row."""
        plain = {word for word in words if COMMON.issuperset(word)}
        if len(plain) > FEW:
            plain = set()
        if len(words) - len(plain) <= FEWER:
            plain = set(words)
        plain |= {word for word in words if word.isascii() and len(word) < 3}
        self._listed, self._by_head = tuple(sorted(plain, key=len)), _by_head(words - plain)
        sized = {size: frozenset(head for head in self._by_head if len(head) == size + 1) for size in range(3)}
        self._heads = [(size, heads) for size, heads in sized.items() if heads]
        self._ascii_too = any(map(str.isascii, self._by_head))

    @property
    def few(self) -> bool:
        """Whether each of them is looked for."""
        return not self._heads

    def __call__(self, text: str) -> bool:
        """Whether the text holds one of them."""
        lowered = _small(text)
        for word in self._listed:
            if word in lowered:
                return True
        if not self._heads or (text.isascii() and not self._ascii_too):
            return False
        rows = _rows(text)
        for size, heads in self._heads:
            if not heads.isdisjoint(rows[size]) and any(word in lowered for word in self._begun(rows)):
                return True
        return False

    def standing_in(self, talk: Talk) -> tuple[str, ...] | None:
        """Return those that a conversation holds, None of many."""
        standing = (word for word in chain(self._listed, self._begun(talk.rows)) if word in talk.whole)
        found = tuple(islice(standing, FEW + 1))
        return found if len(found) <= FEW else None

    def _begun(self, rows: Rows) -> Iterator[str]:
        """Yield the words whose first characters stand in these rows."""
        for size, heads in self._heads:
            for head in heads & rows[size]:
                yield from self._by_head[head]


def holder(words: frozenset[str] | None) -> Words | None:
    """Return what tells whether a text, in small letters, may hold one of the words; None where they tell nothing."""
    return Words(words) if words and "" not in words else None


def _by_head(words: Set[str]) -> dict[str, tuple[str, ...]]:
    """Return the words by their first characters, as `Rows` have them: three of ASCII, else two, or one alone."""
    found = defaultdict[str, tuple[str, ...]](tuple)
    for word in words:
        found[word[: 3 if word[:3].isascii() else 2]] += (word,)
    return dict(found)
