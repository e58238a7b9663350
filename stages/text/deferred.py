"""A pattern that is compiled when it is first looked for: the longest take a third of a second, and few runs need them."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from stages.text import parsed

METHODS = frozenset({"finditer", "fullmatch", "match", "search"})


class Deferred:
    """What `re.compile` takes, with methods of what it returns: once looked for, these are called without a way round."""

    finditer: Callable[..., Iterator[re.Match[str]]]
    fullmatch: Callable[..., re.Match[str] | None]
    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Take a pattern; one that is wrong is refused when it is first looked for."""
        self._pattern, self._flags = pattern, flags

    def edges(self, *, last: bool) -> frozenset[str]:
        """Return with what its matches end or begin, as `parsed.edges` does; it is not compiled for that."""
        return parsed.edges(self._pattern, self._flags, last=last)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, compiled once."""
        return re.compile(self._pattern, self._flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - one of the methods above
        """Return a method of the compiled pattern, and keep it as one's own."""
        if name not in METHODS:
            raise AttributeError(name)
        setattr(self, name, getattr(self.compiled, name))
        return self.__dict__[name]
