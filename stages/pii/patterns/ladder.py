"""Many patterns for the end of a text, or for its beginning: only those are tried that its last or first characters allow."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from stages.pii.patterns import parsed
from stages.pii.patterns.deferred import Deferred
from stages.text.languages import small

T = TypeVar("T")
EDGES = 1 << 15  # of texts, whose patterns are remembered


class Ladder(Generic[T]):
    """Values and their patterns, in order; the patterns tell by themselves with what a text that they fit ends or begins."""

    def __init__(self, rungs: Iterable[tuple[T, str]], flags: int = 0, *, last: bool) -> None:
        """Take the rungs; `last`: the patterns are those of an end, else they are held against a beginning."""
        self._patterns = [(value, Deferred(f"(?:{pattern})$" if last else pattern, flags)) for value, pattern in rungs]
        self._last = last
        self._allowed = lru_cache(EDGES)(self._that_may_fit)

    def fitting(self, text: str) -> Iterator[T]:
        """Yield the values of all patterns that fit, in their order."""
        size = parsed.EDGE + text.endswith("\n")  # before which an end may be
        for value, fits in self._allowed(text[-size:] if self._last else text[:size]):
            if fits(text):
                yield value

    @cached_property
    def _edges(self) -> list[tuple[str, ...]]:
        return [tuple(pattern.edges(last=self._last)) for _, pattern in self._patterns]

    def _that_may_fit(self, edge: str) -> list[tuple[T, Callable[[str], object]]]:
        ends = {small(edge), small(edge).removesuffix("\n")}
        return [
            (value, pattern.compiled.search if self._last else pattern.compiled.match)
            for (value, pattern), edges in zip(self._patterns, self._edges, strict=True)
            if any(end.endswith(edges) if self._last else end.startswith(edges) for end in ends)
        ]
