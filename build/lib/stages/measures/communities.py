"""Communities of alike rows (§3.3): every row belongs to exactly one, a row like no other to one of its own."""

import numpy as np

from stages.measures.similarity import Vectors, alike


def communities(vectors: Vectors, threshold: float) -> list[np.ndarray]:
    """Return each community's row indices, its center first and the others ascending; the largest community first.

    A row's neighborhood is all rows with a cosine of at least `threshold` to it. Rows are taken as centers by the size
    of their neighborhood, ties by row order; a center claims those of its neighbors that no earlier one has claimed.
    The same communities as `sentence_transformers.util.community_detection(min_community_size=1)` finds, up to
    pairs within float rounding of the threshold, which are decided here in float64 and there by the block they fall in.

    `vectors` has shape (n, d), dense or sparse; it need not be normalized. Exact duplicates are folded and weigh by their
    number, so that n copies of k rows cost what k rows cost.
    """
    if not vectors.shape[0]:
        return []
    like = alike(vectors, threshold)
    weights = np.bincount(like.group)
    reach = like.graph @ weights
    taken = np.zeros(len(like.first), dtype=bool)
    claimed = []
    for center in np.argsort(-reach, kind="stable"):
        if not taken[center]:
            near = like.graph.indices[like.graph.indptr[center] : like.graph.indptr[center + 1]]
            near = near[~taken[near]]
            taken[near] = True
            claimed.append((center, near))
    rows = np.split(np.argsort(like.group, kind="stable"), np.cumsum(weights)[:-1])
    found = [_unfolded(like.first[center], [rows[group] for group in near]) for center, near in claimed]
    return sorted(found, key=len, reverse=True)


def _unfolded(center: int, members: list[np.ndarray]) -> np.ndarray:
    every = np.sort(np.concatenate(members))
    return np.concatenate([[center], every[every != center]])
