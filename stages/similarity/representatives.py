"""Rows that say what a preferred row says."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from stages.similarity.bounds import Vectors
from stages.similarity.distinct import Distinct, check_finite, deduplicate
from stages.similarity.pairs import tiles


def represented(
    vectors: Vectors, order: Sequence[int] | np.ndarray, threshold: float, always: np.ndarray | None = None
) -> dict[int, int]:
    """Return, for each row that another one stands for, that kept row; `order` lists all rows, the preferred first.

    A row is kept unless a row kept before it has a cosine of at least `threshold` to it, so no two kept rows are alike; of
    several such rows the first kept is returned. Rows marked in `always` (bool, shape (n,)) come first and are all kept.
    """
    if not vectors.shape[0]:
        return {}
    check_finite(vectors)  # here, where rows still have the caller's numbers
    forced = np.zeros(vectors.shape[0], dtype=bool) if always is None else always
    ranked = np.asarray(order)
    ranked = ranked[np.argsort(~forced[ranked], kind="stable")]
    rows = deduplicate(vectors[ranked])  # a group's first row is its preferred one
    keeper = _keepers(rows, threshold, forced[ranked[rows.first]])
    standing = ranked[rows.first[keeper[rows.group]]]
    alone = forced | (
        np.asarray(abs(sparse.csr_matrix(vectors)).sum(axis=1)).ravel() == 0
    )  # rows of zeros are like none
    pairs = zip(ranked.tolist(), standing.tolist(), strict=True)
    return {row: kept for row, kept in pairs if row != kept and not alone[row]}


def earlier_alike(vectors: Vectors, threshold: float, always: np.ndarray | None = None) -> list[int | None]:
    """For each row return the earliest kept row with cosine >= `threshold`, or None where the row itself is kept.

    Rows marked in `always` (bool, shape (n,)) come first and are kept whatever they resemble; then the others in order.
    """
    rows = range(vectors.shape[0])
    keepers = represented(vectors, rows, threshold, always)
    return [keepers.get(row) for row in rows]


def _keepers(rows: Distinct, threshold: float, forced: np.ndarray) -> np.ndarray:
    """Return for each group the first kept one it is like, or itself. Tiles come in order, so no pair has to be kept."""
    keeper = np.arange(len(rows.first))
    for left, right, (earlier, later) in tiles(rows.unit, threshold):
        if left != right:
            _settle(keeper, earlier, later, forced)
            continue
        by = np.lexsort((earlier, later))
        earlier, later = earlier[by], later[by]
        bounds = np.flatnonzero(np.diff(later, prepend=-1, append=-1))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            _settle(keeper, earlier[start:end], later[start:end], forced)
    return keeper


def _settle(keeper: np.ndarray, earlier: np.ndarray, later: np.ndarray, forced: np.ndarray) -> None:
    """Let the kept ones among `earlier`, whose fate is known, stand for `later`."""
    counts = (keeper[earlier] == earlier) & ~forced[later]
    np.minimum.at(keeper, later[counts], earlier[counts])
