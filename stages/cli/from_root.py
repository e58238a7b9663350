"""Commands that read the repository's files by their paths from its root."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from stages.core.errors import InputError
from stages.core.params import PARAMS


def from_root(root: Path = Path()) -> None:
    """Refuse another folder; InputError."""
    if not (root / PARAMS).is_file():
        raise InputError(f"{root / PARAMS}: not there; run from the repository's root")


def lines_from_root(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that are only reckoned as they are taken, and none in another folder; InputError."""
    from_root()
    yield from lines
