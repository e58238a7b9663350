"""What two models made of the same item, side by side."""

from collections.abc import Iterable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from stages.core.errors import InputError
from stages.core.row import Row

BASE = (
    "base"  # the folder of the model that others are held against: it reads and answers a part twice, to show the noise
)
T = TypeVar("T")
R = TypeVar("R", bound=Row)


class Pair(NamedTuple, Generic[T]):
    """The base's, and that of the model which is compared with it."""

    base: T
    model: T


def paired(base: Iterable[R], model: Iterable[R], place: Path) -> list[Pair[R]]:
    """Return both models' rows by id, in the base's order; both must have answered the same, or `place` is at fault."""
    others = {row.id: row for row in model}
    rows = list(base)
    if {row.id for row in rows} != set(others):
        raise InputError(f"{place}: not the rows that the base model answered; run `dvc repro` for both models")
    return [Pair(row, others[row.id]) for row in rows]
