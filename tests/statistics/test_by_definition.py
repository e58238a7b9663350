"""Intervals against their definitions, computed again draw by draw and row by row."""

from collections.abc import Sequence
from math import atanh, sqrt, tanh
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import spearmanr, t

from stages.statistics.agreement import spearman
from stages.statistics.bootstrap import CAUTION, Estimate, Resampling, expanded, paired, ratio

RESAMPLING = Resampling(confidence=0.9, resamples=700, seed=3)
TAIL = 0.05
Rows = tuple[list[float], list[float], list[str]]


def rows(clusters: int, tail: float = 0.0) -> Rows:
    """Return amounts, weights and clusters of one to four items each; with a `tail` some amounts are large."""
    rng = np.random.default_rng(clusters)
    of = [f"c{n}" for n in range(clusters) for _ in range(1 + n % 4)]
    amounts = rng.normal(0.2, 1, len(of)) + tail * (rng.random(len(of)) < 0.2)
    return amounts.tolist(), rng.uniform(0.5, 2, len(of)).tolist(), of


def summed(found: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return amounts and weights of each cluster."""
    amounts, weights, of = found
    names = list(dict.fromkeys(of))
    parts = [[n for n, other in enumerate(of) if other == name] for name in names]
    sums = [[sum(values[n] for n in part) for part in parts] for values in (amounts, weights)]
    return np.array(sums[0]), np.array(sums[1])


def error(above: np.ndarray, below: np.ndarray) -> float:
    """Return the standard error of Σ above / Σ below, clusters being one draw each."""
    rests = above - above.sum() / below.sum() * below
    return sqrt((rests**2).sum() * len(above) / (len(above) - 1)) / float(below.sum())


@pytest.mark.parametrize(("clusters", "tail"), [(7, 0.0), (15, 0.0), (8, 6.0), (30, 9.0)])
def test_both_bootstraps_are_what_their_authors_say(clusters: int, tail: float) -> None:
    found = rows(clusters, tail)
    above, below = summed(found)
    value = above.sum() / below.sum()
    draws = np.random.default_rng(3).integers(clusters, size=(700, clusters))
    values = np.array([above[drawn].sum() / below[drawn].sum() for drawn in draws])
    quantile = t.ppf(1 - TAIL, clusters - 1)
    further = NormalDist().cdf(-quantile * sqrt(clusters / (clusters - 1)))
    low, high = np.quantile(values, [further, 1 - further])
    mean = expanded(*found, RESAMPLING)
    assert (mean.value, mean.low, mean.high) == pytest.approx((value, low, high))
    scaled = [(one - value) / error(above[drawn], below[drawn]) for one, drawn in zip(values, draws, strict=True)]
    least, most = np.quantile(scaled, [a := TAIL * clusters / (clusters + CAUTION), 1 - a])
    whole = error(above, below)
    ends = min(low, value - most * whole), max(high, value - least * whole)
    both = ratio(*found, RESAMPLING)
    assert (both.low, both.high) == pytest.approx(ends)
    power = 1 + t.ppf(0.8, clusters - 1) / quantile
    assert both.detectable == pytest.approx((ends[1] - ends[0]) / 2 * power)


def test_below_six_clusters_the_interval_is_students_around_the_value() -> None:
    found = rows(5)
    above, below = summed(found)
    for interval, tail in ((expanded, TAIL), (ratio, TAIL * 5 / (5 + CAUTION))):
        half = t.ppf(1 - tail, 4) * error(above, below)
        given = interval(*found, RESAMPLING)
        assert (given.low, given.high) == pytest.approx((given.value - half, given.value + half))


def left_out(left: Sequence[float], right: Sequence[float], of: Sequence[object]) -> float:
    """Return the jackknife's variance of Spearman's correlation."""
    values = []
    for name in dict.fromkeys(of):
        kept = [n for n, other in enumerate(of) if other != name]
        values.append(spearmanr([left[n] for n in kept], [right[n] for n in kept]).statistic)
    return float(np.mean((np.array(values) - np.mean(values)) ** 2)) * (len(values) - 1)


@pytest.mark.parametrize("noise", [0.3, 1.5])
def test_a_correlation_has_the_wider_of_two_intervals_at_each_end(noise: float) -> None:
    rng = np.random.default_rng(8)
    of = [n // 5 for n in range(40)]
    shared = rng.normal(0, 1, 8)[of]
    left, right = (shared + noise * rng.normal(0, 1, 40)).tolist(), (shared + noise * rng.normal(0, 1, 40)).tolist()
    value = spearmanr(left, right).statistic
    between, within = left_out(left, right, of), left_out(left, right, range(40))
    worth = 40 / max(1, between / within)
    quantile = t.ppf(1 - TAIL * 8 / 13, 7)
    half = quantile * sqrt((1 + value**2 / 2) / (worth - 3))
    plain = quantile * sqrt(between)
    low = min(value - plain, tanh(atanh(value) - half))
    high = max(min(1, value + plain), tanh(atanh(value) + half))
    found = paired(spearman, left, right, of, RESAMPLING)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high))


def test_full_agreement_of_few_rows_is_no_proof_of_it() -> None:
    found = paired(spearman, range(8), range(8), range(8), RESAMPLING)
    assert found is not None and found.low is not None
    half = t.ppf(1 - TAIL * 8 / 13, 7) * sqrt(1.5 / 5)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(tanh(atanh(1 - 1 / 16) - half))
    assert paired(spearman, range(3), range(3), range(3), RESAMPLING) == Estimate(1.0)
