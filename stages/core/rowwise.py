"""A pure function of one row, mapped over many rows on all cores: in order, in flat memory, the same result whatever their number.

Few rows stay in this process, so that a small run pays no start-up. What a worker gets and gives back is pickled: the function is
one of a module, or a `partial` of one, and text is cheaper than rows.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain, islice
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from threading import Thread
from typing import NamedTuple, TypeVar

from stages.core.errors import WorkerError

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 32  # rows that travel together
FEW = 2048  # rows that do not repay a process's start, of a function of a few milliseconds

Failure = tuple[int, Exception]  # the place of the row in its chunk


class Done(NamedTuple):
    """What became of a chunk: the results up to the first row that failed."""

    results: list[object]
    failure: Failure | None


def mapped(
    function: Callable[[T], R],
    rows: Iterable[T],
    processes: int | None = None,
    few: int = FEW,
    named: Callable[[T], object] | None = None,
) -> Iterator[R]:
    """Yield `function(row)` for each of the rows, in order.

    At most `few` rows are done here, more by as many `processes` (default: the cores that this process may use). An exception
    comes after the results of all rows before its row, with a note that names the row: by `named`, or its place.
    """
    waiting, count = iter(rows), processes or cores()
    first = list(islice(waiting, few + 1))
    every = chain(first, waiting)
    if count == 1 or len(first) <= few:
        return _here(function, every, named)
    return _apart(function, every, count, named)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _here(function: Callable[[T], R], rows: Iterable[T], named: Callable[[T], object] | None) -> Iterator[R]:
    for number, row in enumerate(rows, 1):
        try:
            result = function(row)
        except Exception as error:
            _note(error, number, row, named)
            raise
        yield result


def _apart(
    function: Callable[[T], R], rows: Iterator[T], processes: int, named: Callable[[T], object] | None
) -> Iterator[R]:
    """Keep every process busy, and no more chunks under way than that takes."""
    waiting, begun = deque[tuple[list[T], Future[Done]]](), 0
    pool = ProcessPoolExecutor(processes, mp_context=_context(function), initializer=_begin)
    try:
        while True:
            while len(waiting) < 2 * processes + 2 and (chunk := list(islice(rows, CHUNK))):
                waiting.append((chunk, pool.submit(_chunk, function, chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            results, failure = _done(future, begun + 1, begun + len(chunk))
            yield from results  # type: ignore[misc] # made by `function`
            if failure:
                place, error = failure
                _note(error, begun + place + 1, chunk[place], named)
                raise error
            begun += len(chunk)
    finally:
        pool.shutdown(cancel_futures=True)


def _done(future: "Future[Done]", first: int, last: int) -> Done:
    try:
        return future.result()
    except BrokenProcessPool:
        raise WorkerError(
            f"a process ended in the midst of rows {first} to {last}, or soon after; most likely memory ran out: make room, then run again"
        ) from None


def _note(error: Exception, number: int, row: T, named: Callable[[T], object] | None) -> None:
    error.add_note(f"row {number}" + (f": {named(row)}" if named else ""))


def _chunk(function: Callable[[T], object], rows: Sequence[T]) -> Done:
    """Run in a worker: do one row after the other, up to the first that fails."""
    results = list[object]()
    for place, row in enumerate(rows):
        try:
            results.append(function(row))
        except Exception as error:  # raised again where the rows before it were yielded
            return Done(results, (place, error))
    return Done(results, None)


def _context(function: Callable[..., object]) -> BaseContext:
    """Return how processes are started: as copies of one clean process, in which the function's module is already there.

    The module that was started is not: a worker reads it once more, and Python warns of one that is there before.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    while isinstance(function, partial):
        function = function.func
    context.set_forkserver_preload([function.__module__] if function.__module__ != "__main__" else [])
    return context


def _begin() -> None:
    """Run in a worker when it starts: Ctrl-C is its parent's to see, and without its parent it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        wait([parent.sentinel])
        os._exit(1)
