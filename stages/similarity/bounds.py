"""Upper bounds on cosines in few dimensions, so that most pairs of rows need no full product.

By Cauchy and Schwarz, x·y = h·h' + r·r' <= h·h' + |r| |r'| for any split of the space; the bound is itself one product of few
dimensions. Dense rows are split into their part h along the directions in which a sample of the rows is longest, and one rest r.
Sparse rows are split by columns: the most frequent ones stay as they are, the others fall into buckets of which the length counts.
Two prompts have their rare tokens in different buckets, so the bound is close, and sparse rows become narrow dense ones.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

Vectors = np.ndarray | sparse.csr_matrix

SLACK = 1e-5  # of float32 products of rows of length 1: an upper bound of their rounding
LEAST = 4096  # with fewer rows a sketch costs more than it saves
SAMPLE = 4096  # rows that directions are found from
PROBE = 1024  # rows, all pairs of which tell how many pairs a width lets through
WIDTHS = (16, 32, 64, 96, 128, 160, 192, 256, 320, 384, 512, 768)
HEAD = 4  # one in so many dimensions of a sparse sketch is a column of its own
CHECK = 50_000  # what it costs to look at one pair in full, in dimensions of a tile's product a pair (measured: 0.4 µs, 8 ps)
SPARSE = 3_000  # what the full product of a sparse pair costs, in the same unit (22 ns)
SPARSE_CHECK = 350_000  # what it costs to look at one sparse pair in full (3 µs)
INFLATION = 2e-6  # added to the squared rest, above the rounding of the float32 parts it is the difference of

Build = Callable[[Vectors, int], np.ndarray]  # the sketches of rows in a width


def sketch(unit: Vectors, threshold: float) -> np.ndarray | None:
    """Return float32 rows, shape (n, width), whose products are at least the cosines of the rows of `unit`.

    The width is the cheapest by a sample of the pairs; None when the full products are cheaper, as with a low threshold.
    """
    rows, width = unit.shape
    if rows < LEAST:
        return None
    dense = isinstance(unit, np.ndarray)
    build, full, check = (directed(unit), width, CHECK) if dense else (bucketed(unit), SPARSE, SPARSE_CHECK)
    probe = unit[spread(rows, PROBE)]
    costs = {size: size + check * _share(build(probe, size), threshold) for size in WIDTHS if size < width}
    best = min(costs, key=lambda size: costs[size], default=0)
    return coordinates(unit, best, build) if best and costs[best] < full else None


def coordinates(unit: Vectors, width: int, build: Build | None = None, at_once: int = 8192) -> np.ndarray:
    """Return the rows in about `width` dimensions that keep neighbors together, float32, shape (n, width or fewer)."""
    build = build or (directed(unit) if isinstance(unit, np.ndarray) else bucketed(unit))
    starts = range(0, unit.shape[0], at_once)
    return np.concatenate([build(unit[start : start + at_once], width) for start in starts])


def directed(unit: Vectors) -> Build:
    """Return how to sketch dense rows: coordinates along the longest directions, then the length of the rest."""
    directions = axes(unit[spread(unit.shape[0], SAMPLE)], min(unit.shape[1], WIDTHS[-1]))

    def build(rows: Vectors, width: int) -> np.ndarray:
        inside = np.asarray(rows @ directions[:, : width - 1])
        square = 1 - np.einsum("ij,ij->i", inside, inside, dtype=np.float64)
        rest = np.sqrt(np.maximum(square, 0) + INFLATION)
        return np.column_stack([inside, rest]).astype(np.float32)

    return build


def axes(sample: Vectors, width: int) -> np.ndarray:
    """Return `width` orthonormal directions, shape (d, width), float32, in which the rows of `sample` are longest, longest first.

    By one round of randomized subspace iteration (Halko, Martinsson and Tropp, 2011) with a fixed seed.
    """
    start = np.random.default_rng(0).normal(size=(sample.shape[1], width)).astype(np.float32)
    space = np.linalg.qr(np.asarray(sample.T @ (sample @ start), dtype=np.float64)).Q
    inside = np.asarray(sample @ space.astype(np.float32), dtype=np.float64)
    turns = np.linalg.eigh(inside.T @ inside).eigenvectors[:, ::-1]
    return np.asarray(space @ turns, dtype=np.float32)


def bucketed(unit: Vectors) -> Build:
    """Return how to sketch sparse rows: the columns of most weight as they are, then the length of the rest in each bucket."""
    sample = sparse.csr_matrix(unit[spread(unit.shape[0], SAMPLE)])
    weight = np.asarray(sample.multiply(sample).sum(axis=0)).ravel()
    rank = np.empty(len(weight), dtype=np.int64)
    rank[np.argsort(-weight, kind="stable")] = np.arange(len(weight))

    def build(rows: Vectors, width: int) -> np.ndarray:
        given, head = sparse.csr_matrix(rows), width // HEAD
        is_head = rank < head
        bucket = np.where(is_head, rank, head + (rank - head) % (width - head))[given.indices]
        shape = (given.shape[0], width)
        square = sparse.csr_matrix((given.data.astype(np.float64) ** 2, bucket, given.indptr), shape=shape)
        sketched = np.sqrt(square.toarray())
        sketched[:, :head] = sparse.csr_matrix((given.data, bucket, given.indptr), shape=shape).toarray()[:, :head]
        return sketched.astype(np.float32)

    return build


def spread(rows: int, wanted: int) -> np.ndarray:
    """Return at most `wanted` row numbers, evenly spaced."""
    return np.unique(np.linspace(0, rows - 1, min(rows, wanted)).astype(np.int64))


def _share(rows: np.ndarray, threshold: float) -> float:
    """Return the share of the pairs of rows whose bound reaches the threshold."""
    pairs = len(rows) * (len(rows) - 1)
    return float(np.count_nonzero(rows @ rows.T >= threshold - SLACK) - len(rows)) / max(pairs, 1)
