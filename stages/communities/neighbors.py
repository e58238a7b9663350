"""Who is near whom among distinct rows: counted always, listed as long as the list stays small."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from stages.similarity.bounds import Vectors
from stages.similarity.distinct import Distinct
from stages.similarity.pairs import Pairs, Screening, between, pairs, screen, shared

BLOCK = 1 << 15  # rows that one center is compared with at once
MOST = 1 << 24  # alike pairs kept in memory (128 MiB, four times that while they become a graph)


class Neighbors:
    """The neighborhoods of distinct rows: all rows with a cosine of at least `threshold`.

    `neighborhood_size` (int, shape (groups,)) counts its rows, copies and the row itself included. A low threshold can
    make more pairs than memory holds: then `listed` is False and neighborhoods are computed again when asked for.
    """

    def __init__(
        self, rows: Distinct, threshold: float, cells: np.ndarray | None = None, screening: Screening | None = None
    ) -> None:
        """Go once over all pairs, or with `cells` (int, shape (groups, places)) over those that share one of their cells."""
        self.unit: Vectors = rows.unit
        self.threshold, self.cells, self.screening = threshold, cells, screening or screen
        weights = rows.weights
        self.neighborhood_size = weights.copy()
        self.degree = np.zeros(len(weights), dtype=np.int64)
        self._pairs = list[Pairs]()
        self.listed, count = True, 0
        for left, right in pairs(self.unit, threshold, cells, self.screening):
            for row, other in ((left, right), (right, left)):
                np.add.at(self.neighborhood_size, row, weights[other])
                np.add.at(self.degree, row, 1)
            count += len(left)
            self.listed = count <= MOST
            if self.listed:
                self._pairs.append((left.astype(np.int32), right.astype(np.int32)))
            else:
                self._pairs.clear()

    def graph(self) -> sparse.csr_matrix:
        """Return the neighbors as a symmetric matrix, the diagonal included; only when `listed`."""
        return symmetric(self._pairs, len(self.neighborhood_size))

    def among(self, rows: np.ndarray) -> sparse.csr_matrix:
        """Return the neighbors among some rows (ascending), numbered by their places there, computed again."""
        cells = None if self.cells is None else self.cells[rows]
        return symmetric(pairs(self.unit[rows], self.threshold, cells, self.screening), len(rows))

    def of(self, row: int, rows: np.ndarray) -> np.ndarray:
        """Return `row` and those of `rows` in its neighborhood, ascending, computed again."""
        blocks = np.split(rows, range(BLOCK, len(rows), BLOCK))
        matches = [between(self.unit, np.array([row]), block, self.threshold)[1] for block in blocks]
        near = np.union1d(np.concatenate(matches), [row])
        if self.cells is None:
            return near
        return np.asarray(near[shared(self.cells, np.full(len(near), row), near) >= 0])

    def every(self) -> Iterator[Pairs]:
        """Yield all pairs, from the list or computed again."""
        yield from self._pairs if self.listed else pairs(self.unit, self.threshold, self.cells, self.screening)


def symmetric(alike: Iterator[Pairs] | list[Pairs], rows: int) -> sparse.csr_matrix:
    """Return pairs as a symmetric bool matrix, shape (rows, rows), the diagonal included, its columns in order."""
    diagonal = np.arange(rows, dtype=np.int32)
    some = [pair for pair in alike if len(pair[0])]
    left = np.concatenate([diagonal, *(pair[0] for pair in some), *(pair[1] for pair in some)], dtype=np.int32)
    right = np.concatenate([diagonal, *(pair[1] for pair in some), *(pair[0] for pair in some)], dtype=np.int32)
    matrix = sparse.csr_matrix((np.ones(len(left), dtype=bool), (left, right)), shape=(rows, rows))
    matrix.sort_indices()
    return matrix
