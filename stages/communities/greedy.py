"""Greedy communities: the row with the largest neighborhood claims its neighbors, then the next one that is still free."""

from collections.abc import Callable

import numpy as np

from stages.communities import neighbors
from stages.communities.neighbors import Neighbors

Claim = tuple[int, np.ndarray]  # center, and all it claims, itself included, ascending


def claims(near: Neighbors) -> list[Claim]:
    """Return centers and what they claim, in the order of claiming.

    When the pairs are too many to list, centers compute their neighborhoods one by one. Each claim takes its rows out, so soon
    the rows that are left have few enough pairs to be listed.
    """
    order = np.argsort(-near.neighborhood_size, kind="stable")
    free = np.ones(len(order), dtype=bool)
    if near.listed:
        graph = near.graph()
        return _claimed(order, free, lambda row: graph.indices[graph.indptr[row] : graph.indptr[row + 1]])
    claimed = []
    for row in order:
        if near.degree[free].sum() <= 2 * neighbors.MOST:
            break
        claimed += _claimed(np.array([row]), free, lambda row: near.of(row, np.flatnonzero(free)))
    rest = np.flatnonzero(free)
    place = np.cumsum(free) - 1
    graph = near.among(rest)
    return claimed + _claimed(
        order, free, lambda row: rest[graph.indices[graph.indptr[place[row]] : graph.indptr[place[row] + 1]]]
    )


def _claimed(order: np.ndarray, free: np.ndarray, near: Callable[[int], np.ndarray]) -> list[Claim]:
    """Let the rows in `order` claim; `free` (bool, by row) is kept up to date."""
    claimed = []
    for row in order.tolist():
        if free[row]:
            around = near(row)
            around = around[free[around]]
            free[around] = False
            claimed.append((row, around))
    return claimed
