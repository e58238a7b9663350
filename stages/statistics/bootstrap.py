"""The one bootstrap: how sure a figure about paired items is, where items that belong together are drawn together.

Why whole clusters are drawn: questions of one subject, and answers about one conversation, resemble each other, so ten of
them tell less than ten strangers would. Drawn one by one they pass for that much evidence, and a change that is not there is
found in a fifth of cases (see the tests).

Why the percentiles are expanded: with few clusters the plain percentile interval is too narrow (one-sided errors of 4 to 6 %
instead of 2.5 % at 9 to 12 of them), because the draws vary as a sum over n, not n − 1, clusters, and as a normal, not a t,
variable does. Taking the percentiles further out by both (the expanded percentile interval of Hesterberg, The American
Statistician 69(4), 2015) brings the errors to between 2 and 3.5 %, long tails apart. docs/retention.md has the figures.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import t

POWER = 0.8  # chance of noticing a change as large as the smallest detectable one
FEWEST = 6  # clusters; no draw lies outside their range, and the range of 5 covers their center in only 94 % of cases

G = TypeVar("G")
Statistic = Callable[[Sequence[G], Sequence[G]], float | None]
Numbers = NDArray[np.intp]


class Resampling(BaseModel):
    """How to draw, and how wide the interval is; a section of params inherits it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    confidence: float = Field(gt=0.5, lt=1)
    """Confidence of each interval by itself; of many, some miss by chance."""
    resamples: int = Field(ge=100)
    """Draws of the bootstrap, which draws whole clusters."""
    seed: int
    """Of the draws."""

    @property
    def tail(self) -> float:
        """What lies outside the interval on each side."""
        return (1 - self.confidence) / 2


class Estimate(NamedTuple):
    """A figure with its interval, None where nothing can be said, as with a single cluster.

    `detectable` is the smallest change from zero that would be noticed 8 times of 10. Where every cluster changed alike (a
    model against itself), the interval is a point, and what would have been noticed is not known: None.
    """

    value: float
    low: float | None = None
    high: float | None = None
    detectable: float | None = None


def ratio(
    amounts: Sequence[float], weights: Sequence[float], clusters: Iterable[Hashable], resampling: Resampling
) -> Estimate:
    """Return Σ amounts / Σ weights with its expanded percentile interval.

    Below six clusters the interval is value ± t · standard error, which is wide, and rightly.
    """
    numbers = _numbered(clusters)
    above, below = np.bincount(numbers, amounts), np.bincount(numbers, weights)
    value, count = float(above.sum() / below.sum()), len(above)
    if count < 2:
        return Estimate(value)
    drawn = _draws(count, resampling)
    values = above[drawn].sum(axis=1) / below[drawn].sum(axis=1)
    widening, t_quantile = sqrt(count / (count - 1)), float(t.ppf(1 - resampling.tail, count - 1))
    error = widening * float(values.std(ddof=1))
    if count < FEWEST:
        low, high = value - t_quantile * error, value + t_quantile * error
    else:
        low, high = _percentiles(values, NormalDist().cdf(-t_quantile * widening))
    return Estimate(value, low, high, (t_quantile + float(t.ppf(POWER, count - 1))) * error if error > 0 else None)


def paired(
    statistic: Statistic[G],
    left: Sequence[G],
    right: Sequence[G],
    clusters: Iterable[Hashable],
    resampling: Resampling,
) -> Estimate | None:
    """Return a statistic of pairs with its plain percentile interval, or None where the statistic is not defined.

    Plain, since the widening is derived for means, not for correlations, which end at 1; with few clusters it is too narrow.
    Draws in which it is not defined are left out; where they are more than half there is no interval.
    """
    value = statistic(left, right)
    if value is None:
        return None
    numbers = _numbered(clusters)
    sizes = np.bincount(numbers)
    if len(sizes) < 2:
        return Estimate(value)
    members = np.split(np.argsort(numbers, kind="stable"), np.cumsum(sizes)[:-1])
    values = []
    for drawn in _draws(len(sizes), resampling):
        rows = np.concatenate([members[cluster] for cluster in drawn])
        if (drawn_value := statistic([left[row] for row in rows], [right[row] for row in rows])) is not None:
            values.append(drawn_value)
    if len(values) < resampling.resamples / 2:
        return Estimate(value)
    return Estimate(value, *_percentiles(np.array(values), resampling.tail))


def _numbered(clusters: Iterable[Hashable]) -> Numbers:
    """Return the number of each item's cluster, in order of first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.intp)


def _draws(count: int, resampling: Resampling) -> Numbers:
    """Return clusters drawn with replacement, as many as there are, a row for each resample."""
    return np.random.default_rng(resampling.seed).integers(count, size=(resampling.resamples, count))


def _percentiles(values: NDArray[np.float64], tail: float) -> tuple[float, float]:
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
