"""How sure a figure about paired items is, where items that belong together are drawn, or left out, together.

Why whole clusters: questions of one subject, and answers about one conversation, resemble each other, so ten of
them tell less than ten strangers would. Drawn one by one they pass for that much evidence, and a change that is not there is
found in a fifth of cases (see the tests).

Why two bootstraps: plain percentiles are too narrow with few clusters, because the draws vary as a sum over n, not n − 1,
clusters, and as a normal, not a t, variable does. Taking them further out by both (the expanded percentile interval of
Hesterberg, The American Statistician 69(4), 2015) is right for changes without long tails. Where a tail is long, few clusters
mostly lack it, and mean and spread come out low together; the bootstrap-t (Efron and Tibshirani, An Introduction to the
Bootstrap, 1993, ch. 12) draws that pair. It is still short of its aim with few clusters, so it aims lower (`CAUTION`). `ratio`
takes the wider of the two at each end.

Why no bootstrap for correlations (`paired`): drawn twice, a cluster agrees with itself, and six of them leave few draws. Leaving
out one at a time (the jackknife) says what the clusters are worth, and Fisher's z what so many rows tell.

docs/retention.md has the figures, `python -m benchmarks.coverage` makes them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, lru_cache
from math import atanh, sqrt, tanh
from statistics import NormalDist
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

POWER = 0.8  # chance of noticing a change as large as the smallest detectable one
FEWEST = 6  # clusters; no draw lies outside their range, and the range of 5 covers their center in only 94 % of cases
FEW_LADDERS = 5  # clusters at which a correlation's interval aims at half of the tail; fitted to ladders of uneven levels, docs/retention.md
CAUTION = 40  # clusters at which the bootstrap-t aims at half of the tail; fitted to long tails, docs/retention.md
ALIKE = 1e-9  # of a value, up to which an error is that of sums of floats
MOST = 1_000  # clusters that are drawn; more are put together at random first
NO_ERROR = 3  # rows at which a correlation's error on Fisher's z has no bound

G = TypeVar("G")
Statistic = Callable[[Sequence[G], Sequence[G]], float | None]
Numbers = NDArray[np.intp]
Floats = NDArray[np.float64]


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


class Clustered(NamedTuple):
    """A ratio of sums by cluster: `rests` are what each cluster's amount is above value · weight; `error` is the standard error."""

    value: float
    rests: Floats
    weights: Floats
    error: float

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return len(self.rests)


def ratio(
    amounts: Sequence[float], weights: Sequence[float], clusters: Iterable[Hashable], resampling: Resampling
) -> Estimate:
    """Return Σ amounts / Σ weights with the wider, at each end, of its expanded percentile and bootstrap-t intervals.

    Below six clusters it is value ± t · standard error, at the tail that the bootstrap-t aims at: wide, and rightly. There is none
    where so few all changed alike, by more than nothing: that they show no spread is chance, as a spread near 0 would have no end.
    """
    sums = clustered(amounts, weights, _bundled(clusters, resampling))
    alike = sums.value != 0 and sums.error <= ALIKE * abs(sums.value)
    if alike and sums.number < FEWEST:
        return Estimate(sums.value)
    return _bounded(sums, resampling, long_tails=True)


def expanded(
    amounts: Sequence[float], weights: Sequence[float], clusters: Iterable[Hashable], resampling: Resampling
) -> Estimate:
    """Return what `ratio` does with the expanded percentiles alone: for amounts within narrow bounds, which have no long tail."""
    return _bounded(clustered(amounts, weights, _bundled(clusters, resampling)), resampling, long_tails=False)


def _bundled(clusters: Iterable[Hashable], resampling: Resampling) -> Iterable[Hashable]:
    """Return the clusters, or more than `MOST` in as many bundles of whole ones, put together at random (the random groups of Wolter).

    Strangers put together are strangers still, so that bundles are worth what their clusters are; Wolter, Introduction to Variance
    Estimation, 2007, ch. 2. Without it the counts of 10,000 draws of 100,000 items would take 8 GB.
    """
    numbers = numbered(clusters)
    count = int(numbers.max(initial=0)) + 1
    bundles = np.arange(count) if count <= MOST else np.random.default_rng(resampling.seed).permutation(count) % MOST
    drawn: list[int] = bundles[numbers].tolist()
    return drawn


def paired(
    statistic: Statistic[G],
    left: Sequence[G],
    right: Sequence[G],
    clusters: Iterable[Hashable],
    resampling: Resampling,
) -> Estimate | None:
    """Return a statistic of pairs, −1 to 1, with its interval, or None where the statistic is not defined.

    The interval is the wider, at each end, of two with Student's t: value ± the jackknife's error between clusters; and
    Fisher's z with the error of a rank correlation of so many rows as these are worth (Bonett and Wright, Psychometrika 65,
    2000), which is their number by the design effect. Full agreement is taken for half a row short of it, as no flip is no proof.
    There is none where the statistic is not defined without one of the rows, on which then all rests, or for under four rows.
    """
    value = statistic(left, right)
    if value is None:
        return None
    numbers, rows = numbered(clusters), np.arange(len(left))
    count = len(np.unique(numbers))
    between = _jackknife(statistic, left, right, numbers)
    within = between if count == len(rows) else _jackknife(statistic, left, right, rows)
    worth = len(rows) / max(1.0, between / within) if between and within else len(rows)
    if between is None or within is None or worth <= NO_ERROR:
        return Estimate(value)
    aim = resampling.tail * count / (count + FEW_LADDERS)
    quantile, most = student(1 - aim, count - 1), 1 - 1 / (2 * len(rows))
    plain, z = quantile * sqrt(between), atanh(max(-most, min(most, value)))
    half = quantile * sqrt((1 + value**2 / 2) / (worth - NO_ERROR))
    low, high = min(value - plain, tanh(z - half)), max(value + plain, tanh(z + half))
    return Estimate(value, min(value, max(-1.0, low)), max(value, min(1.0, high)))


def _jackknife(statistic: Statistic[G], left: Sequence[G], right: Sequence[G], numbers: Numbers) -> float | None:
    """Return the variance of a statistic by leaving out one cluster at a time; None where that leaves it undefined, or nothing."""
    if len(set(numbers.tolist())) < 2:
        return None
    values = []
    for number in np.unique(numbers):
        kept = np.flatnonzero(numbers != number).tolist()
        value = statistic([left[row] for row in kept], [right[row] for row in kept])
        if value is None:
            return None
        values.append(value)
    return float(np.var(values)) * (len(values) - 1)


def clustered(amounts: Sequence[float], weights: Sequence[float], clusters: Iterable[Hashable]) -> Clustered:
    """Return the ratio of sums and how its clusters differ from it; of one cluster the standard error is not known, and 0."""
    numbers = numbered(clusters)
    above = np.bincount(numbers, np.asarray(amounts, dtype=np.float64))
    below: Floats = np.bincount(numbers, np.asarray(weights, dtype=np.float64)).astype(np.float64)
    value, count = float(above.sum() / below.sum()), len(above)
    rests = above - value * below
    error = sqrt(float((rests**2).sum()) * count / (count - 1)) / float(below.sum()) if count > 1 else 0.0
    return Clustered(value, rests, below, error)


@cache  # scipy's takes longer than the rest of an interval
def student(share: float, freedom: int) -> float:
    """Return the quantile of Student's t below which a share lies."""
    from scipy.special import stdtrit  # noqa: PLC0415 - .2 s to import; scipy.stats takes more

    return float(stdtrit(freedom, share))


def bounded(value: float, low: float, high: float, count: int, tail: float) -> Estimate:
    """Return an estimate with what its interval would notice: half of its width is taken for t standard errors."""
    power = 1 + student(POWER, count - 1) / student(1 - tail, count - 1)
    return Estimate(value, low, high, (high - low) / 2 * power if high > low else None)


def numbered(clusters: Iterable[Hashable]) -> Numbers:
    """Return the number of each item's cluster, in order of first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters], dtype=np.intp)


def _bounded(sums: Clustered, resampling: Resampling, long_tails: bool) -> Estimate:
    if sums.number < 2:
        return Estimate(sums.value)
    aim = resampling.tail * (sums.number / (sums.number + CAUTION) if long_tails else 1)
    if sums.error == 0 or sums.number < FEWEST:
        high = student(1 - aim, sums.number - 1) * sums.error
        low = -high
    else:
        changes, errors = _drawn(sums, resampling)
        further = -student(1 - resampling.tail, sums.number - 1) * sqrt(sums.number / (sums.number - 1))
        low, high = _percentiles(changes, NormalDist().cdf(further))
        if long_tails:
            told = errors > 1e-6 * sums.error  # clusters drawn that are all alike say nothing about their spread
            scaled = np.divide(changes, errors, out=np.zeros_like(changes), where=told)
            least, most = _percentiles(scaled, aim)
            low, high = min(low, -most * sums.error), max(high, -least * sums.error)
    return bounded(sums.value, sums.value + low, sums.value + high, sums.number, resampling.tail)


def _drawn(sums: Clustered, resampling: Resampling) -> tuple[Floats, Floats]:
    """Return, of each resample of as many clusters as there are, the ratio's distance from the value and its standard error."""
    rests, weights, count = sums.rests, sums.weights, sums.number
    sums_over = np.stack([rests, weights, rests**2, rests * weights, weights**2], axis=1)
    above, below, squares, products, weights_squared = (
        _times(count, resampling.resamples, resampling.seed) @ sums_over
    ).T
    changes = above / below
    spread = np.maximum(squares - 2 * changes * products + changes**2 * weights_squared, 0)
    return changes, np.sqrt(spread * count / (count - 1)) / below


@lru_cache(maxsize=1)  # measures of the same items are drawn alike, one after the other
def _times(count: int, resamples: int, seed: int) -> Floats:
    """Return how often each cluster is drawn, a row for each resample of as many clusters as there are."""
    drawn = np.random.default_rng(seed).integers(count, size=(resamples, count)) + count * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * count).reshape(resamples, count).astype(np.float64)


def _percentiles(values: Floats, tail: float) -> tuple[float, float]:
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
