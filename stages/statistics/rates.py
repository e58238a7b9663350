"""How often something was right, of items that come in families."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from stages.statistics.bootstrap import numbered
from stages.statistics.flips import PLANNED, design_effect


class Rate(NamedTuple):
    """A share of `n` items, with its interval."""

    n: int
    rate: float
    low: float
    high: float


def rate(rights: Sequence[int], families: Sequence[Hashable], confidence: float) -> Rate:
    """Return the share of ones among one or more items with Clopper and Pearson's exact interval.

    Items of a family resemble each other: n of them are worth n / design effect (Kish), where the effect is no less than under an
    intraclass correlation of `flips.PLANNED`.
    """
    from scipy.stats import beta  # noqa: PLC0415 - half a second to import

    n, right = len(rights), sum(rights)
    planned = 1 + PLANNED * (float((np.bincount(numbered(families)) ** 2).sum()) / n - 1)
    effect = max(planned, design_effect(rights, families))
    worth, hits, tail = n / effect, right / effect, (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, worth - hits + 1)) if right else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, worth - hits)) if right < n else 1.0
    return Rate(n=n, rate=right / n, low=low, high=high)
