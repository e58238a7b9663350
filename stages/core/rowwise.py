"""A pure function of one row, mapped over many rows on all cores: in order, in flat memory, the same result whatever their number.

Few rows stay in this process, so that a small run pays no start-up. What a worker gets and gives back is pickled: the function is
one of a module, or a `partial` of one, and text is cheaper than rows. The workers are processes of this machine, or, where
`engine: ray` asks for it, Ray's.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import chain, islice
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from threading import Thread
from typing import TypeVar

from stages.core import engine, on_ray
from stages.core.chunks import CHUNK, Done, Pool, Prepared, done, ready
from stages.core.errors import WorkerError

T = TypeVar("T")
R = TypeVar("R")

FEW = 2048  # rows that do not repay a process's start, of a function of a few milliseconds


def mapped(
    function: Callable[[T], R],
    rows: Iterable[T],
    processes: int | None = None,
    few: int = FEW,
    named: Callable[[T], object] | None = None,
) -> Iterator[R]:
    """Yield `function(row)` for each of the rows, in order.

    At most `few` rows are done here, more by as many `processes` (default: the cores that this process may use), or by Ray's
    workers, whatever their number. An exception comes after the results of all rows before its row, with a note that names the
    row: by `named`, or its place.
    """
    waiting, count, where = iter(rows), processes or cores(), engine.chosen()
    first = list(islice(waiting, few + 1))
    every = chain(first, waiting)
    if len(first) <= few:
        return _here(function, every, named)
    if where == "ray":
        return _apart(on_ray.workers(function, few, cores()), every, named)
    return _here(function, every, named) if count == 1 else _apart(_processes(function, count), every, named)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _here(function: Callable[[T], R], rows: Iterable[T], named: Callable[[T], object] | None) -> Iterator[R]:
    waiting, number = iter(rows), 0
    while chunk := list(islice(waiting, CHUNK if isinstance(function, Prepared) else 1)):
        ready(function, chunk)
        for row in chunk:
            number += 1
            try:
                result = function(row)
            except Exception as error:
                _note(error, number, row, named)
                raise
            yield result


def _apart(
    workers: AbstractContextManager[Pool], rows: Iterator[T], named: Callable[[T], object] | None
) -> Iterator[R]:
    """Keep the workers busy, and no more chunks under way than that takes."""
    waiting, begun = deque[tuple[list[T], Future[Done]]](), 0
    with workers as pool:
        while True:
            while len(waiting) < pool.ahead and (chunk := list(islice(rows, pool.rows))):
                waiting.append((chunk, pool.submit(chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            results, failure = _done(future, begun + 1, begun + len(chunk))
            yield from results
            if failure:
                place, error = failure
                _note(error, begun + place + 1, chunk[place], named)
                raise error
            begun += len(chunk)


@contextmanager
def _processes(function: Callable[[T], object], count: int) -> Iterator[Pool]:
    pool = ProcessPoolExecutor(count, mp_context=_context(function), initializer=_begin)
    try:
        yield Pool(lambda chunk: pool.submit(done, function, chunk), CHUNK, 2 * count + 2)
    finally:
        pool.shutdown(cancel_futures=True)


def _done(future: "Future[Done]", first: int, last: int) -> Done:
    try:
        return future.result()
    except BrokenProcessPool:
        raise WorkerError(
            f"a process ended in the midst of rows {first} to {last}, or soon after; most likely memory ran out: make room, then run again"
        ) from None
    except WorkerError as error:  # of the workers, not of a row
        raise WorkerError(f"rows {first} to {last}: {error}") from None


def _note(error: Exception, number: int, row: T, named: Callable[[T], object] | None) -> None:
    error.add_note(f"row {number}" + (f": {named(row)}" if named else ""))


def _context(function: Callable[..., object]) -> BaseContext:
    """Return how processes are started: as copies of one clean process, in which the function's module is already there.

    The module that was started is not: a worker reads it once more, and Python warns of one that is there before.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    while isinstance(function, partial | Prepared):
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
