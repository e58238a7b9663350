"""Communities of alike rows (§3.3): every row belongs to exactly one, a row like no other to one of its own."""

from typing import Literal

import numpy as np

from stages.communities import louvain
from stages.communities.greedy import claims
from stages.communities.neighbors import Neighbors
from stages.similarity.distinct import Distinct

Algorithm = Literal["threshold", "louvain", "components"]


def communities(rows: Distinct, near: Neighbors, algorithm: Algorithm = "threshold") -> list[np.ndarray]:
    """Return each community's row numbers, its center first and the others ascending; the largest community first.

    threshold: rows are taken as centers by the size of their neighborhood (all rows with a cosine of at least the threshold),
    ties by row order; a center claims those of its neighbors that no earlier one has claimed. These are the communities that
    `sentence_transformers.util.community_detection(min_community_size=1)` finds, up to pairs within float rounding of the
    threshold, which are decided here in float64 and there by the block they fall in, and to rows of zeros, which it leaves out.

    louvain, components: of the graph of neighbors; the center is the row with the largest neighborhood, ties by row order.

    Exact duplicates are folded and weigh by their number, so that n copies of k rows cost what k rows cost.
    """
    if not len(rows.group):
        return []
    weights = rows.weights
    if algorithm == "threshold":
        centered = claims(near)
    else:
        find = louvain.louvain if algorithm == "louvain" else louvain.components
        centered = [_centered(groups, near.neighborhood_size) for groups in find(near, weights)]
    members = np.split(np.argsort(rows.group, kind="stable"), np.cumsum(weights)[:-1])
    unfolded = [_unfolded(rows.first[center], [members[group] for group in groups]) for center, groups in centered]
    return sorted(unfolded, key=len, reverse=True)


def _centered(groups: np.ndarray, sizes: np.ndarray) -> tuple[int, np.ndarray]:
    return int(groups[np.argmax(sizes[groups])]), groups


def _unfolded(center: int, members: list[np.ndarray]) -> np.ndarray:
    every = np.sort(np.concatenate(members)) if len(members) > 1 else members[0]
    return np.concatenate([[center], every[every != center]])
