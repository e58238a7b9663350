"""What reading a model again changes by itself: no change below it, and no margin below it, says anything (§3.5)."""

from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import NormalDist

from stages.evaluation.rows.pair import Pair

TWO_SIDED = NormalDist().inv_cdf(0.975)  # 19 times of 20


def floor(differences: Sequence[float], weights: Sequence[float], n: int) -> float:
    """Return how far from 0 Σ differences / Σ weights of a model against itself lies, 19 times of 20, and no less than here.

    The figure is one of `n` items, of which these may be a part. Noise, of sampling as of rounding, strikes each item by itself:
    nothing is clustered here.
    """
    spread = TWO_SIDED * sqrt(sum(difference**2 for difference in differences) * len(differences) / n)
    return max(abs(sum(differences)), spread) / sum(weights)


def of_means(again: Iterable[Sequence[Pair[float]]], n: int) -> float | None:
    """Return the largest floor of a mean of `n` items over comparisons of the base with itself; None without any."""
    floors = [floor([second - first for first, second in both], [1.0] * len(both), n) for both in again if both]
    return max(floors, default=None)
