"""Distinct rows: equal ones are folded into one that counts with their number."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from scipy import sparse

from stages.core.errors import InputError
from stages.similarity.bounds import Vectors

BLOCK = 1024  # rows that are float64 at once


class Distinct(NamedTuple):
    """Distinct rows at length 1, and which of them each row equals."""

    unit: Vectors  # float32, shape (groups, d); rows of zeros stay zero
    first: np.ndarray  # int, shape (groups,): the first row of each group of equal rows, ascending
    group: np.ndarray  # int, shape (n,): the group of each row

    @property
    def weights(self) -> np.ndarray:
        """Return how many rows each group stands for, shape (groups,)."""
        return np.bincount(self.group, minlength=len(self.first))


def deduplicate(vectors: Vectors) -> Distinct:
    """Return the distinct rows of `vectors`, shape (n, d), dense or sparse, in the order of their first occurrence.

    Raises InputError for a row that is not finite: one such row can make every row of its block seem like no other.
    """
    check_finite(vectors)
    seen: dict[bytes, int] = {}
    first: list[int] = []
    group = np.zeros(vectors.shape[0], dtype=np.int64)
    for row, key in enumerate(_contents(vectors)):
        number = seen.setdefault(key, len(first))
        if number == len(first):
            first.append(row)
        group[row] = number
    places = np.array(first, dtype=np.int64)
    return Distinct(_unit(vectors if len(first) == len(group) else vectors[places]), places, group)


def check_finite(vectors: Vectors, of: str = "vectors") -> None:
    """Refuse vectors that are not finite, naming the first such row; `of` says whose vectors they are."""
    for start in range(0, vectors.shape[0], BLOCK):
        rows = vectors[start : start + BLOCK]
        sizes = np.abs(rows) if isinstance(rows, np.ndarray) else abs(rows)
        sums = np.asarray(sizes.sum(axis=1, dtype=np.float64)).ravel()
        if not np.isfinite(sums).all():
            row = start + int(np.argmin(np.isfinite(sums)))
            raise InputError(
                f"{of}: row {row} of {vectors.shape[0]} (the first is 0) holds NaN or infinity; "
                "mend what made it, such as a damaged encoder"
            )


def expand(rows: Distinct, copies: np.ndarray) -> Distinct:
    """Return the folding of more rows: `copies` (int, shape (n,)) says which row of `rows` each equals, in order of first use."""
    return Distinct(rows.unit, np.unique(copies, return_index=True)[1][rows.first], rows.group[copies])


def _contents(vectors: Vectors) -> Iterator[bytes]:
    """Yield a 128-bit digest of each row."""
    if isinstance(vectors, np.ndarray):
        yield from (blake2b(np.ascontiguousarray(row).tobytes(), digest_size=16).digest() for row in vectors)
        return
    tidy = vectors if vectors.has_canonical_format else vectors.copy()
    tidy.sum_duplicates()
    for start, end in zip(tidy.indptr[:-1], tidy.indptr[1:], strict=True):
        key = tidy.indices[start:end].tobytes() + b"|" + tidy.data[start:end].tobytes()
        yield blake2b(key, digest_size=16).digest()


def _unit(vectors: Vectors) -> Vectors:
    """Return the rows at length 1 in float32; zero rows stay zero."""
    if isinstance(vectors, np.ndarray):
        norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        unit = np.empty(vectors.shape, dtype=np.float32)
        for start in range(0, len(unit), BLOCK):
            rows = slice(start, start + BLOCK)
            unit[rows] = vectors[rows] * _inverse(norms[rows])[:, None]
        return unit
    tidy = vectors if vectors.has_canonical_format else vectors.copy()
    tidy.sum_duplicates()  # and in order, which each product of two rows would see to again
    data = np.empty(len(tidy.data), dtype=np.float32)
    for start in range(0, tidy.shape[0], BLOCK):
        part = tidy[start : start + BLOCK]
        norms = np.sqrt(np.asarray(part.multiply(part).sum(axis=1, dtype=np.float64)).ravel())
        begin = tidy.indptr[start]
        data[begin : begin + part.nnz] = np.repeat(_inverse(norms), np.diff(part.indptr)) * part.data
    scaled = sparse.csr_matrix((data, tidy.indices, tidy.indptr), shape=tidy.shape)
    scaled.has_canonical_format = True
    return scaled


def _inverse(norms: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0))
