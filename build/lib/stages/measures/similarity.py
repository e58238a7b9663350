"""Which rows are alike: cosine at or above a threshold, over rows folded by equality, in half the products."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

Vectors = np.ndarray | sparse.csr_matrix

BLOCK = 1024  # rows in one product
CELLS = 1 << 24  # of a sparse block made dense for its product (64 MiB): BLOCK shrinks when the vocabulary is large
SLACK = 1e-5  # float32 products this near the threshold are decided again in float64
ROUNDING = 1e-7  # of the float32 vectors themselves: a cosine short of the threshold by less counts as reaching it


class Alike(NamedTuple):
    """Rows folded into groups of equal rows, and which groups are alike."""

    first: np.ndarray  # int, shape (groups,): the first row of each group, ascending
    group: np.ndarray  # int, shape (n,): the group of each row
    graph: sparse.csr_matrix  # bool, shape (groups, groups): symmetric, the diagonal included


def alike(vectors: Vectors, threshold: float) -> Alike:
    """Return which rows have a cosine of at least `threshold`; equal rows always do, and zero rows only with each other.

    Memory grows with the number of alike pairs of distinct rows, never with n × vocabulary or n × n.
    """
    first, group = fold(vectors)
    unit = _unit(vectors[first])
    pairs = [pair for pair in _pairs(unit, threshold) if len(pair[0])]
    own = np.arange(len(first))
    left = np.concatenate([own, *(pair[0] for pair in pairs), *(pair[1] for pair in pairs)])
    right = np.concatenate([own, *(pair[1] for pair in pairs), *(pair[0] for pair in pairs)])
    shape = (len(first), len(first))
    graph = sparse.csr_matrix((np.ones(len(left), dtype=bool), (left, right)), shape=shape)
    graph.sort_indices()
    return Alike(first, group, graph)


def fold(vectors: Vectors) -> tuple[np.ndarray, np.ndarray]:
    """Return (the first row of each set of equal rows, ascending; the set's number for each row)."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    group = np.zeros(vectors.shape[0], dtype=np.int64)
    for row, key in enumerate(_contents(vectors)):
        number = seen.setdefault(key, len(first))
        if number == len(first):
            first.append(row)
        group[row] = number
    return np.array(first, dtype=np.int64), group


def _contents(vectors: Vectors) -> Iterator[bytes]:
    if isinstance(vectors, np.ndarray):
        yield from (np.ascontiguousarray(row).tobytes() for row in vectors)
        return
    tidy = vectors.copy()
    tidy.sum_duplicates()
    for start, end in zip(tidy.indptr[:-1], tidy.indptr[1:], strict=True):
        yield tidy.indices[start:end].tobytes() + b"|" + tidy.data[start:end].tobytes()


def _unit(vectors: Vectors) -> Vectors:
    """Return the rows at length 1 in float32; zero rows stay zero."""
    if isinstance(vectors, np.ndarray):
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        return np.asarray(vectors * _inverse(norms)[:, None], dtype=np.float32)
    norms = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1), dtype=np.float64).ravel())
    return sparse.csr_matrix(sparse.diags_array(_inverse(norms)) @ vectors, dtype=np.float32)


def _inverse(norms: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0))


def _pairs(unit: Vectors, threshold: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (left, right) indices of alike rows, left < right, block by block; each pair once."""
    rows, width = unit.shape
    block = BLOCK if isinstance(unit, np.ndarray) else int(np.clip(CELLS // max(width, 1), 64, BLOCK))
    for start in range(0, rows, block):
        scores = _products(unit[start : start + block], unit[start:])
        right, left = np.nonzero(scores >= threshold - SLACK)
        later = right > left
        left, right = left[later], right[later]
        near = np.flatnonzero(np.abs(scores[right, left] - threshold) <= SLACK)
        left, right = left + start, right + start
        short = near[_exact(unit, left[near], right[near]) < threshold - ROUNDING]
        yield np.delete(left, short), np.delete(right, short)


def _products(block: Vectors, rest: Vectors) -> np.ndarray:
    """Return cosines, shape (rest, block); only the block is ever dense."""
    if isinstance(block, np.ndarray):
        return np.asarray(rest @ block.T)
    return np.asarray(rest @ np.ascontiguousarray(block.toarray().T))


def _exact(unit: Vectors, left: np.ndarray, right: np.ndarray, at_once: int = 4096) -> np.ndarray:
    """Return the cosines of pairs in float64, the same whatever the block they were found in."""
    found = [np.zeros(0)]
    for start in range(0, len(left), at_once):
        one, two = (unit[side[start : start + at_once]].astype(np.float64) for side in (left, right))
        products = one * two if isinstance(one, np.ndarray) else one.multiply(two)
        found.append(np.asarray(products.sum(axis=1)).ravel())
    return np.concatenate(found)
