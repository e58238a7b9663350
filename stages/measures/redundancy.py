"""Which rows say what an earlier row said."""

import numpy as np

from stages.measures.representatives import represented
from stages.measures.sketches import Vectors


def earlier_alike(vectors: Vectors, threshold: float, always: np.ndarray | None = None) -> list[int | None]:
    """For each row return the earliest kept row with cosine >= `threshold`, or None where the row itself is kept.

    Rows marked in `always` (bool, shape (n,)) come first and are kept whatever they resemble; then the others in order.
    """
    rows = range(vectors.shape[0])
    found = represented(vectors, rows, threshold, always)
    return [found.get(row) for row in rows]
