"""Upper bounds on cosines in few dimensions, so that most pairs of rows need no full product.

A row x splits into its part h in a space of `width` orthonormal axes and a rest of length r. Then x·y <= h·h' + r r' (Cauchy and
Schwarz on the rests), which is itself one product of `width` + 1 dimensions. The axes are the directions in which a sample of the
rows is longest, so the rests are short; any axes would be correct.
"""

import numpy as np
from scipy import sparse

Vectors = np.ndarray | sparse.csr_matrix

SLACK = 1e-5  # of float32 products of rows of length 1: an upper bound of their rounding
LEAST = 4096  # with fewer rows a sketch costs more than it saves
SAMPLE = 4096  # rows that the axes are found from
PROBE = 1024  # of them, all pairs of which tell how many pairs a width lets through
WIDTHS = (16, 32, 64, 96, 128, 160, 192, 256, 320, 384, 512)
CHECK = 50_000  # what it costs to look at one pair in full, in dimensions of a tile's product a pair (measured: 0.4 µs, 8 ps)
SPARSE = 3_000  # what the full product of a sparse pair costs, in the same unit
INFLATION = 2e-6  # added to the squared rest, above the rounding of the float32 parts it is the difference of


def sketch(unit: Vectors, threshold: float) -> np.ndarray | None:
    """Return float32 rows, shape (n, width + 1), whose products are at least the cosines of the rows of `unit`.

    The width is the cheapest by a sample of the pairs; None when the full products are cheaper, as with a low threshold.
    """
    rows, width = unit.shape
    if rows < LEAST:
        return None
    sample = unit[spread(rows, SAMPLE)]
    most = min(width, WIDTHS[-1])
    found = axes(sample, most)
    probe = unit[spread(rows, PROBE)] @ found
    costs = {size: size + CHECK * _share(probe[:, :size], threshold) for size in WIDTHS if size < most}
    best = min(costs, key=lambda size: costs[size], default=0)
    if not best or costs[best] >= (width if isinstance(unit, np.ndarray) else SPARSE):
        return None
    return _with_rest(unit, found[:, :best])


def coordinates(unit: Vectors, width: int = 128) -> np.ndarray:
    """Return the rows in the `width` directions in which a sample of them is longest, float32, shape (n, width or d)."""
    found = axes(unit[spread(unit.shape[0], SAMPLE)], min(width, unit.shape[1]))
    return np.ascontiguousarray(unit @ found, dtype=np.float32)


def spread(rows: int, wanted: int) -> np.ndarray:
    """Return at most `wanted` row numbers, evenly spaced."""
    return np.unique(np.linspace(0, rows - 1, min(rows, wanted)).astype(np.int64))


def axes(sample: Vectors, width: int) -> np.ndarray:
    """Return `width` orthonormal directions, shape (d, width), float32, in which the rows of `sample` are longest, longest first.

    By one round of randomized subspace iteration (Halko, Martinsson and Tropp, 2011) with a fixed seed.
    """
    start = np.random.default_rng(0).normal(size=(sample.shape[1], width)).astype(np.float32)
    space = np.linalg.qr(np.asarray(sample.T @ (sample @ start), dtype=np.float64)).Q
    inside = np.asarray(sample @ space.astype(np.float32), dtype=np.float64)
    turns = np.linalg.eigh(inside.T @ inside).eigenvectors[:, ::-1]
    return np.asarray(space @ turns, dtype=np.float32)


def _with_rest(unit: Vectors, directions: np.ndarray, at_once: int = 8192) -> np.ndarray:
    found = np.empty((unit.shape[0], directions.shape[1] + 1), dtype=np.float32)
    for start in range(0, len(found), at_once):
        inside = np.asarray(unit[start : start + at_once] @ directions)
        found[start : start + at_once, :-1] = inside
        found[start : start + at_once, -1] = _rest(inside)
    return found


def _rest(inside: np.ndarray) -> np.ndarray:
    square = np.einsum("ij,ij->i", inside, inside, dtype=np.float64)
    return np.asarray(np.sqrt(np.maximum(1 - square, 0) + INFLATION))


def _share(inside: np.ndarray, threshold: float) -> float:
    """Return the share of the sample's pairs whose bound reaches the threshold."""
    rest = _rest(inside).astype(np.float32)
    bounds = inside @ inside.T + np.outer(rest, rest)
    pairs = len(rest) * (len(rest) - 1)
    return float(np.count_nonzero(bounds >= threshold - SLACK) - len(rest)) / max(pairs, 1)
