"""What is read of files, read again when one of them has changed: a pull, a merge or a run of the graph beside the page."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
Stamp = tuple[int, int, int] | None


def stamp(path: Path) -> Stamp:
    """Return what tells one state of a file from another: inode, size, time in nanoseconds; None where it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class Watched(Generic[T]):
    """A value made of files."""

    def __init__(self, paths: Sequence[Path], read: Callable[[], T]) -> None:
        """Read at the first `get`."""
        self.paths, self.read = tuple(paths), read
        self.seen: list[Stamp] | None = None
        self.value: T

    def get(self) -> T:
        """Return the value, of the files as they are now."""
        now = [stamp(path) for path in self.paths]
        if now != self.seen:
            self.value = self.read()
            self.seen = now  # taken before the reading: a change during it is seen the next time
        return self.value

    def put(self, value: T) -> None:
        """Take a value that is known to be the files'."""
        self.value, self.seen = value, [stamp(path) for path in self.paths]
