"""How sure a change of right answers is, of which mostly few changed sides.

Three answers lost and one won say little about how the losses of other questions would vary, so that a bootstrap alone is too
sure: it has never seen more. The interval here is the wider, at each end, of the expanded percentiles and of Tango's score
interval for the difference of paired proportions (Statistics in Medicine 17, 1998), which also says how far no flip at all reaches.

Clusters count by their design effect (Kish, Survey Sampling, 1965): n questions are worth n / effect independent ones. Measured
from few flips the effect comes out too small, just where the subjects that lose most were not asked enough; so at the end where
unseen flips would lie, the interval must also hold at 1.645 standard errors (5 %, not 2.5 % of misses) under an intraclass
correlation of `PLANNED`. docs/retention.md has the figures, `python -m benchmarks.coverage` makes them.
"""

from collections.abc import Hashable, Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from stages.statistics.bootstrap import POWER, Estimate, Resampling, clustered, expanded, numbered, student

PLANNED = 0.15  # intraclass correlation of flips; of scores within schools 0.1 to 0.25 (Hedges and Hedberg 2007)
NEAR = 1e-9  # how near to the value the search for an end begins


def flips(changes: Sequence[int], clusters: Sequence[Hashable], resampling: Resampling) -> Estimate:
    """Return the mean of changes (−1 lost, 0 same, 1 won) with its interval within −1 … 1; a single cluster has none.

    `detectable` is None where not even the loss of every item would be noticed.
    """
    drawn = expanded(changes, [1.0] * len(changes), clusters, resampling)
    if drawn.low is None or drawn.high is None:
        return drawn
    sizes = np.bincount(numbered(clusters))
    measured = design_effect(changes, clusters)
    planned = max(measured, 1 + PLANNED * (float((sizes**2).sum()) / len(changes) - 1))
    low, high = score_interval(changes, measured, resampling.tail)
    far_low, far_high = score_interval(changes, planned, 2 * resampling.tail)
    low, high = max(-1.0, min(low, drawn.low)), min(1.0, max(high, drawn.high))
    if drawn.value <= 0:
        low = min(low, far_low)
    if drawn.value >= 0:
        high = max(high, far_high)
    changed = sum(map(abs, changes)) / len(changes)
    least = _detectable(changed, len(changes) / measured, len(sizes), resampling.tail)
    return Estimate(drawn.value, low, high, least if least <= 1 else None)


def _detectable(changed: float, n: float, clusters: int, tail: float) -> float:
    """Return the loss that would be noticed 8 times of 10 beside as many flips as there were: its own flips add to the error."""
    errors = (student(1 - tail, clusters - 1) + student(POWER, clusters - 1)) ** 2 / n
    return (errors + sqrt(errors**2 + 4 * errors * changed)) / 2  # the root of loss² = errors · (changed + loss)


def design_effect(changes: Sequence[int], clusters: Sequence[Hashable]) -> float:
    """Return how many times the variance of the mean is what it would be of independent items; 1 at least."""
    ones, n = [1.0] * len(changes), len(changes)
    alone = clustered(changes, ones, range(n)).error
    return max(1.0, (clustered(changes, ones, clusters).error / alone) ** 2) if alone else 1.0


def score_interval(changes: Sequence[int], effect: float, tail: float) -> tuple[float, float]:
    """Return Tango's interval of the mean change, all counts divided by the design effect."""
    lost, won, n = (count / effect for count in (changes.count(-1), changes.count(1), len(changes)))
    quantile = NormalDist().inv_cdf(1 - tail)
    return _score_low(lost, won, n, quantile), -_score_low(won, lost, n, quantile)


def _score_low(lost: float, won: float, n: float, quantile: float) -> float:
    """Return the least true change of which won − lost is no more than `quantile` standard errors above."""

    def beyond(change: float) -> float:
        # The share lost if `change` were true, by maximum likelihood: the root of 2n·q² + b·q + c.
        b = 2 * n * change - (lost + won) + (lost - won) * change
        c = -lost * change * (1 - change)
        share = max(-change, 0.0, (sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n))
        return won - lost - n * change - quantile * sqrt(n * max(2 * share + change - change**2, 0.0))

    value = (won - lost) / n
    if value <= -1 + NEAR:
        return -1.0
    from scipy.optimize import brentq  # noqa: PLC0415 - a quarter of a second to import

    return float(brentq(beyond, -1.0, value - NEAR))
