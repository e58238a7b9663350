"""How many of the true neighbors an approximate search can see."""

import numpy as np

from stages.measures.similarity import alike_to, shared
from stages.measures.sketches import Vectors

SAMPLE = 512  # rows compared with all others in full


def neighbor_recall(unit: Vectors, threshold: float, cells: np.ndarray, seed: int = 0) -> float:
    """Return the share of the neighbors of randomly drawn rows that share a cell with them; 1 when there are no neighbors.

    `unit` holds distinct rows of length 1, `cells` the cells of each (int, shape (n, places)). Pairs that share a cell are
    compared in full precision, so this share is the recall of the whole search, and its precision is 1.
    """
    everyone = np.arange(unit.shape[0])
    drawn = np.random.default_rng(seed).choice(everyone, size=min(SAMPLE, len(everyone)), replace=False)
    true = seen = 0
    for row in drawn.tolist():
        near = np.flatnonzero(alike_to(unit, row, everyone, threshold))
        near = near[near != row]
        true += len(near)
        seen += int(np.count_nonzero(shared(cells, np.full(len(near), row), near) >= 0))
    return seen / true if true else 1.0
