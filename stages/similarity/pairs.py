"""Which rows are alike: cosine at or above a threshold, over distinct rows, in half the products.

Only full precision decides. A screen in fewer dimensions (`sketches`) or reduced precision may rule pairs out, never in.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from stages.similarity import bounds as sketches
from stages.similarity.bounds import SLACK, Vectors

BLOCK = 1024  # rows of a tile: its products stay in the processor's cache
CELLS = 1 << 20  # of sparse rows made dense at once for their product (4 MiB, which a core has at hand)
CROWD = 32  # a tile with more than one candidate in so many is decided by its whole product, not pair by pair …
SPARSE_CROWD = 128  # … of sparse rows, of which a pair takes as long as so many of the whole product (3 µs, 22 ns)
ROUNDING = 1e-7  # of the float32 vectors themselves: a cosine short of the threshold by less counts as reaching it

Item = TypeVar("Item")
Result = TypeVar("Result")
Pairs = tuple[np.ndarray, np.ndarray]  # (left, right): int, row numbers, left < right
PairScreen = Callable[[slice, slice], Pairs]  # of two blocks of rows: the pairs that may reach the floor, none missing
Screening = Callable[
    [np.ndarray, float], PairScreen
]  # from rows (float32, length at most 1) and a floor to their screen


class Tile(NamedTuple):
    """The alike pairs between two blocks of rows, `left` at or before `right`; tiles come by `right`, then by `left`."""

    left: slice
    right: slice
    pairs: Pairs


def screen(rows: np.ndarray, floor: float) -> PairScreen:
    """Return the screen that float32 products make; `rows` has shape (n, width)."""

    def within(left: slice, right: slice) -> Pairs:
        scores = rows[left] @ rows[right].T
        some = np.flatnonzero(scores.max(axis=1) >= floor)
        first, second = np.nonzero(scores[some] >= floor)
        return some[first] + left.start, second + right.start

    return within


def pairs(
    unit: Vectors, threshold: float, cells: np.ndarray | None = None, screening: Screening = screen
) -> Iterator[Pairs]:
    """Yield the pairs of rows of `unit` (length 1 or 0) with a cosine of at least `threshold`, each pair once.

    With `cells` (int, shape (n, places): the cells each row lies in) only pairs that share a cell are looked at.
    Memory is that of a few tiles; how many pairs there are is the caller's concern.
    """
    yield from (tile.pairs for tile in tiles(unit, threshold, cells, screening))


def tiles(
    unit: Vectors, threshold: float, cells: np.ndarray | None = None, screening: Screening = screen
) -> Iterator[Tile]:
    """Yield the tiles of the half-matrix of all rows, or of the rows of each cell, empty ones too."""
    sketch = sketches.sketch(unit, threshold)

    def areas() -> Iterator[_Area]:
        for cell, rows in [(0, np.arange(unit.shape[0]))] if cells is None else members(cells):
            here = None if sketch is None else screening(sketch if cells is None else sketch[rows], threshold - SLACK)
            blocks = [slice(start, min(start + BLOCK, len(rows))) for start in range(0, len(rows), BLOCK)]
            for right in blocks:
                yield from (_Area(cell, rows, here, left, right) for left in blocks if left.start <= right.start)

    def tile(area: _Area) -> Tile:
        alike = _alike(unit, area, threshold)
        if cells is not None:
            new = shared(cells, *alike) == area.cell
            alike = alike[0][new], alike[1][new]
        return Tile(area.left, area.right, alike)

    yield from _threaded(tile, areas())


class _Area(NamedTuple):
    """A tile to be looked at: blocks of the ascending `rows` of a cell."""

    cell: int
    rows: np.ndarray
    within: PairScreen | None
    left: slice
    right: slice


def _threaded(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results in order; each core works on an item of its own, which scales where threads in one product do not."""
    cores = os.cpu_count() or 1
    waiting = deque[Future[Result]]()
    single = partial(threadpool_limits, 1)  # for BLAS it holds in all threads, for OpenMP in the one that asks
    with single(), ThreadPoolExecutor(cores, initializer=single) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _alike(unit: Vectors, area: _Area, threshold: float) -> Pairs:
    left, right = area.rows[area.left], area.rows[area.right]
    maybe = None if area.within is None else area.within(area.left, area.right)
    crowd = CROWD if isinstance(unit, np.ndarray) else SPARSE_CROWD
    if maybe is None or len(maybe[0]) * crowd > len(left) * len(right):
        first, second = between(unit, left, right, threshold)
        later = second > first
        return first[later], second[later]
    first, second = area.rows[maybe[0]], area.rows[maybe[1]]
    later = second > first
    return _decided(unit, first[later], second[later], threshold)


def between(unit: Vectors, left: np.ndarray, right: np.ndarray, threshold: float) -> Pairs:
    """Return the alike pairs of rows in `left` with rows in `right`, by their float32 product, checked near the threshold."""
    scores = products(unit[left], unit[right])
    first, second = np.nonzero(scores >= threshold - SLACK)
    near = np.flatnonzero(scores[first, second] <= threshold + SLACK)
    first, second = left[first], right[second]
    short = near[_exact(unit, first[near], second[near]) < threshold - ROUNDING]
    return np.delete(first, short), np.delete(second, short)


def products(left: Vectors, right: Vectors) -> np.ndarray:
    """Return the cosines of rows of length 1, shape (left, right); of sparse rows only some of `left` are ever dense."""
    if isinstance(left, np.ndarray):
        return np.asarray(left @ right.T)
    step = max(CELLS // left.shape[1], 1)
    parts = (left[start : start + step].T.tocsr().toarray() for start in range(0, left.shape[0], step))
    return np.concatenate([np.asarray(right @ part).T for part in parts])


def _decided(unit: Vectors, left: np.ndarray, right: np.ndarray, threshold: float, at_once: int = 2048) -> Pairs:
    """Return those of the pairs that are alike."""
    if not isinstance(unit, np.ndarray):
        alike = _exact(unit, left, right) >= threshold - ROUNDING
        return left[alike], right[alike]
    blocks = (slice(start, start + at_once) for start in range(0, len(left), at_once))
    scores = [np.einsum("ij,ij->i", unit[left[block]], unit[right[block]]) for block in blocks]
    cosines = np.concatenate([np.zeros(0, dtype=np.float32), *scores]).astype(np.float64)
    near = np.flatnonzero(np.abs(cosines - threshold) <= SLACK)
    cosines[near] = _exact(unit, left[near], right[near])
    alike = cosines >= threshold - ROUNDING
    return left[alike], right[alike]


def _exact(unit: Vectors, left: np.ndarray, right: np.ndarray, at_once: int = 4096) -> np.ndarray:
    """Return the cosines of pairs in float64, the same whatever the block they were found in."""
    cosines = [np.zeros(0)]
    for start in range(0, len(left), at_once):
        first, second = (unit[side[start : start + at_once]].astype(np.float64) for side in (left, right))
        together = first * second if isinstance(first, np.ndarray) else first.multiply(second)
        cosines.append(np.asarray(together.sum(axis=1)).ravel())
    return np.concatenate(cosines)


def members(cells: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each cell that has more than one row, with its rows, ascending."""
    flat = cells.ravel()
    order = np.argsort(flat, kind="stable")
    bounds = np.flatnonzero(np.diff(flat[order], prepend=-1, append=-1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if end - start > 1:
            yield int(flat[order[start]]), order[start:end] // cells.shape[1]


def shared(cells: np.ndarray, left: np.ndarray, right: np.ndarray, at_once: int = 1 << 18) -> np.ndarray:
    """Return the lowest cell that the two rows of each pair share, -1 where they share none."""
    lowest = np.full(len(left), -1, dtype=np.int64)
    for start in range(0, len(left), at_once):
        first, second = (cells[side[start : start + at_once]] for side in (left, right))
        most = np.iinfo(cells.dtype).max
        low = np.where(first[:, :, None] == second[:, None, :], first[:, :, None], most).min(axis=(1, 2), initial=most)
        lowest[start : start + at_once] = np.where(low == most, -1, low)
    return lowest
