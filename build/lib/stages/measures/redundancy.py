"""Which rows say what an earlier row said."""

import numpy as np
from scipy import sparse

BLOCK = 512  # rows compared at once: BLOCK × kept float32 in memory


def earlier_alike(vectors: sparse.csr_matrix, threshold: float, always: np.ndarray | None = None) -> list[int | None]:
    """For each row return the earliest kept row with cosine >= `threshold`, or None where the row itself is kept.

    Rows marked in `always` (bool, shape (n,)) come first and are kept whatever they resemble; then the others in order.
    `vectors` has shape (n, terms) and rows of length 1.
    """
    n = vectors.shape[0]
    forced = np.zeros(n, dtype=bool) if always is None else always
    order = np.argsort(~forced, kind="stable")
    kept: list[int] = []
    found: list[int | None] = [None] * n
    for start in range(0, n, BLOCK):
        block = order[start : start + BLOCK]
        before = len(kept)
        cosines = (vectors[block] @ vectors[np.concatenate([np.array(kept, dtype=int), block])].T).toarray()
        columns = list(range(before))  # of rows kept so far, in this block's product
        for place, row in enumerate(block):
            alike = [column for column in columns if cosines[place, column] >= threshold - 1e-6]
            if alike and not forced[row]:
                found[row] = kept[columns.index(alike[0])]
            else:
                kept.append(int(row))
                columns.append(before + place)
    return found
