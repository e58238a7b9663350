"""A pattern that is compiled when it is first looked for: the longest take a third of a second, and few runs need them."""

import re
from collections.abc import Iterator
from functools import cached_property


class Deferred:
    """What `re.compile` takes, with the methods of what it returns."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Take a pattern; one that is wrong is refused when it is first looked for."""
        self._pattern, self._flags = pattern, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, compiled once."""
        return re.compile(self._pattern, self._flags)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield all matches that do not overlap."""
        return self.compiled.finditer(text)

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match between two places."""
        return self.compiled.search(text, start, len(text) if end is None else end)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """Return the match that begins there."""
        return self.compiled.match(text, start)
