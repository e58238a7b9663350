"""Rows that say what a better row says."""

from collections.abc import Sequence

from stages.measures.similarity import Vectors, alike


def represented(vectors: Vectors, order: Sequence[int], threshold: float) -> dict[int, int]:
    """Return, for each row that another one stands for, that kept row; `order` lists all rows, the preferred first.

    A row is kept unless a row kept before it has a cosine of at least `threshold` to it, so no two kept rows are alike.
    """
    if not vectors.shape[0]:
        return {}
    like = alike(vectors, threshold)
    keeper: dict[int, int] = {}  # the kept row of a group
    found = {}
    for row in order:
        group = int(like.group[row])
        near = like.graph.indices[like.graph.indptr[group] : like.graph.indptr[group + 1]]
        kept = next((keeper[other] for other in near.tolist() if other in keeper), None)
        if kept is None:
            keeper[group] = row
        else:
            found[row] = kept
    return found
