"""Which rows are nearly the same, and who belongs together because of it."""

from collections.abc import Iterable

import numpy as np
from scipy import sparse

from stages.similarity.bounds import Vectors
from stages.similarity.distinct import deduplicate
from stages.similarity.pairs import Pairs, pairs

AT_ONCE = 1 << 22  # pairs joined in one go


def groups(vectors: Vectors, threshold: float) -> np.ndarray:
    """Return for each row the number of its group, shape (n,).

    Rows with cosine >= `threshold` share a group, and so do those that share one with a third row; a row of zeros (a text
    without terms) is alone.
    """
    if not vectors.shape[0]:
        return np.zeros(0, dtype=np.int64)
    rows = deduplicate(vectors)
    labels: np.ndarray = connected(pairs(rows.unit, threshold), len(rows.first))[rows.group]
    empty = np.asarray(sparse.csr_matrix(vectors).getnnz(axis=1) == 0)
    labels[empty] = labels.max() + 1 + np.arange(np.count_nonzero(empty))
    return labels


def connected(pair_blocks: Iterable[Pairs], nodes: int) -> np.ndarray:
    """Return the number of each node's connected component, shape (nodes,); memory does not grow with the pairs."""
    labels = np.arange(nodes)
    waiting, count = list[Pairs](), 0
    for pair in pair_blocks:
        waiting.append(pair)
        count += len(pair[0])
        if count > AT_ONCE:
            labels, waiting, count = _merged(labels, waiting), [], 0
    return _merged(labels, waiting)


def _merged(labels: np.ndarray, pair_blocks: list[Pairs]) -> np.ndarray:
    """Return the labels after the components of each pair of nodes are one."""
    left = np.concatenate([labels[:0], *(labels[first] for first, _ in pair_blocks)])
    if not len(left):
        return labels
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - .1 s to import, and few texts are alike

    right = np.concatenate([labels[:0], *(labels[second] for _, second in pair_blocks)])
    graph = sparse.csr_matrix((np.ones(len(left), dtype=bool), (left, right)), shape=(len(labels), len(labels)))
    return np.asarray(connected_components(graph, directed=False)[1][labels])
