"""Which rows are nearly the same, and who belongs together because of it."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

BLOCK = 512  # rows compared at once: BLOCK × n sparse cosines in memory
NOISE = 1e-5  # float32: a cosine that should be 1 may fall short by this


def groups(vectors: sparse.csr_matrix, threshold: float) -> np.ndarray:
    """Return for each row the number of its group, shape (n,).

    Rows with cosine >= `threshold` share a group, and so do those that share one with a third row. `vectors` has shape (n, terms) and rows of length 1 (or 0: a row without terms is alone).
    """
    n = vectors.shape[0]
    if not n:
        return np.zeros(0, dtype=np.int32)
    pairs = [_alike(vectors, start, threshold - NOISE) for start in range(0, n, BLOCK)]
    rows, columns = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    graph = sparse.csr_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def _alike(vectors: sparse.csr_matrix, start: int, floor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (row, column) indices of cosines >= floor between the block at `start` and itself and all later rows."""
    cosines = sparse.coo_matrix(vectors[start : start + BLOCK] @ vectors[start:].T)
    close = cosines.data >= floor
    return cosines.row[close] + start, cosines.col[close] + start
