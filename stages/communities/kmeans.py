"""Cells of neighboring rows for data too large to compare all with all: k-means by FAISS, each row in its nearest few cells."""

import numpy as np

ROWS = (
    1000  # rows to a cell, were each in one cell only: so the work in cells grows with the rows, not with their square
)
WIDTH = 128  # dimensions that rows are placed by
PLACES = 8  # cells each row lies in. Two rows at cosine 0.84 in 384 dimensions without structure share one in 99 of 100 cases
ROUNDS = 5  # of k-means
LEARNED_FROM = 64  # rows a cell that the centers are learned from


def cells(coordinates: np.ndarray) -> np.ndarray:
    """Return the cells of each row, int32, shape (n, at most PLACES); `coordinates` is float32, shape (n, width)."""
    import faiss  # noqa: PLC0415 - only for large data

    rows, width = coordinates.shape
    count = max(rows // ROWS, 1)
    centered = coordinates - coordinates.mean(axis=0)  # or what all rows share would send them to one cell
    faiss.normalize_L2(centered)
    means = faiss.Kmeans(
        width,
        count,
        niter=ROUNDS,
        spherical=True,
        seed=1,
        min_points_per_centroid=1,
        max_points_per_centroid=LEARNED_FROM,
    )
    means.train(centered)
    return np.asarray(means.index.search(centered, min(PLACES, count))[1], dtype=np.int32)
