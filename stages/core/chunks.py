"""Rows that are worked on together, by another process: what it does with them, and what comes back."""

import pickle
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from stages.core.errors import WorkerError

CHUNK = 32  # rows that travel together

Failure = tuple[int, Exception]  # the place of the row in its chunk


class Done(NamedTuple):
    """What became of a chunk: the results up to the first row that failed."""

    results: list[Any]
    failure: Failure | None


class Pool(NamedTuple):
    """Where chunks are worked on: how they are handed in, of how many rows, and how many are under way at a time."""

    submit: Callable[[Sequence[Any]], "Future[Done]"]
    rows: int
    ahead: int


@dataclass(frozen=True)
class Prepared:
    """A function of a row, and what is made ready for all rows of a chunk before the first: time is won by it, no result changed."""

    func: Callable[[Any], Any]
    prepare: Callable[[Sequence[Any]], None]

    def __call__(self, row: object) -> Any:  # noqa: ANN401 - what the function returns
        """Return what the function makes of the row."""
        return self.func(row)


def ready(function: Callable[[Any], object], rows: Sequence[Any]) -> None:
    """Make ready what the function wants for these rows; what fails here fails again at its row, and is told there."""
    if isinstance(function, Prepared):
        with suppress(Exception):
            function.prepare(rows)


def done(function: Callable[[Any], object], rows: Sequence[Any]) -> Done:
    """Run in a worker: do one row after the other, up to the first that fails."""
    ready(function, rows)
    results = list[object]()
    for place, row in enumerate(rows):
        try:
            results.append(function(row))
        except Exception as error:  # raised again where the rows before it were yielded
            return Done(results, (place, portable(error)))
    return Done(results, None)


def portable(error: Exception) -> Exception:
    """Return the error, or, if it does not survive being sent to another process, one that says what it was and where.

    Its text stays behind: it may quote what stood in the row.
    """
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever an exception's own class does when it is made again
        frames = traceback.extract_tb(error.__traceback__)
        at = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return WorkerError(f"{type(error).__qualname__}{at}, an exception that cannot be sent between processes")
    return error
