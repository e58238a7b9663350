"""Richness at another number of rows, so that data sets of different size compare (Hurlbert, 1971, on species in a sample)."""

from collections.abc import Iterable

import numpy as np


def rarefied(sizes: Iterable[int], drawn: int, top_n: int = 1) -> float | None:
    """Return formula (3)'s expectation for `drawn` rows, drawn without replacement from communities of these `sizes`.

    The rows of a community among the drawn ones follow the hypergeometric distribution, so the figure is exact and needs no draw;
    with all rows drawn it is their richness. None when there are fewer rows than `drawn`: larger sets than the one at hand are not guessed.
    """
    size, communities = np.unique(np.fromiter(sizes, dtype=np.int64), return_counts=True)
    rows = int(size @ communities)
    if not 0 < drawn <= rows:
        return None
    total = _log_choose(np.array(rows), np.array(drawn))
    kept = np.zeros(len(size))  # expected rows of a community that count
    for counted in range(top_n):  # of a community with so many rows drawn, so many count
        ways = _log_choose(size, np.array(counted)) + _log_choose(rows - size, np.array(drawn - counted))
        kept += (counted - top_n) * np.exp(ways - total)
    return float(communities @ (kept + top_n)) / drawn


def _log_choose(among: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the logarithm of the binomial coefficient; -inf where there is no way to choose."""
    from scipy.special import gammaln  # noqa: PLC0415 - .1 s to import, and sets of fewer rows than `drawn` ask for none

    possible = (chosen >= 0) & (chosen <= among)
    left = np.where(possible, among - chosen, 0)
    ways = gammaln(among + 1) - gammaln(np.maximum(chosen, 0) + 1) - gammaln(left + 1)
    return np.asarray(np.where(possible, ways, -np.inf))
