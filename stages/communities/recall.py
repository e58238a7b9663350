"""How many of the true neighbors an approximate search can see."""

import numpy as np

from stages.similarity.bounds import Vectors
from stages.similarity.pairs import between, shared

SAMPLE = 512  # rows compared with all others in full
BLOCK = 4096  # of the others at once


def neighbor_recall(unit: Vectors, threshold: float, cells: np.ndarray, seed: int = 0) -> float:
    """Return the share of the neighbors of randomly drawn rows that share a cell with them; 1 when there are no neighbors.

    `unit` holds distinct rows of length 1, `cells` the cells of each (int, shape (n, places)). Pairs that share a cell are
    compared in full precision, so this share is the recall of the whole search, and its precision is 1.
    """
    rows = unit.shape[0]
    drawn = np.random.default_rng(seed).choice(rows, size=min(SAMPLE, rows), replace=False)
    true = seen = 0
    for start in range(0, rows, BLOCK):
        left, right = between(unit, drawn, np.arange(start, min(start + BLOCK, rows)), threshold)
        others = left != right
        true += int(np.count_nonzero(others))
        seen += int(np.count_nonzero(shared(cells, left[others], right[others]) >= 0))
    return seen / true if true else 1.0
