"""Did general ability stay? Paired statistics of two models on the same items (§3.5).

Items of a subject, and answers about one conversation, resemble each other: the bootstrap draws whole clusters. With few
clusters (under about 20) its intervals are somewhat too narrow.
"""

from collections.abc import Hashable, Iterable, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import binomtest

Verdict = Literal["retained", "collapsed", "inconclusive", "not measurable"]

POWER = 0.8  # chance of noticing a change as large as the smallest detectable one
WORST: tuple[Verdict, ...] = ("collapsed", "inconclusive", "retained", "not measurable")


class Plan(NamedTuple):
    """How to draw: the intervals' confidence, the number of resamples, and a seed."""

    confidence: float
    resamples: int
    seed: int


class Estimate(NamedTuple):
    """A paired change with its interval; `detectable` is the smallest change that would be noticed 8 times of 10.

    With fewer than two clusters interval and detectable change are None: nothing can be said. Where every cluster changed
    alike (a model against itself), the interval is a point, and what would have been noticed is not known: None.
    """

    value: float
    low: float | None
    high: float | None
    detectable: float | None


def paired_change(
    changes: Sequence[float], weights: Sequence[float], clusters: Sequence[Hashable], plan: Plan
) -> Estimate:
    """Return Σ changes / Σ weights with its bootstrap percentile interval, whole clusters drawn with replacement."""
    sums: dict[Hashable, list[float]] = {}
    for change, weight, cluster in zip(changes, weights, clusters, strict=True):
        total = sums.setdefault(cluster, [0.0, 0.0])
        total[0], total[1] = total[0] + change, total[1] + weight
    totals = np.array(list(sums.values()))
    value = float(totals[:, 0].sum() / totals[:, 1].sum())
    if len(totals) < 2:
        return Estimate(value, None, None, None)
    drawn = np.random.default_rng(plan.seed).integers(len(totals), size=(plan.resamples, len(totals)))
    values = totals[drawn, 0].sum(axis=1) / totals[drawn, 1].sum(axis=1)
    tail = (1 - plan.confidence) / 2
    low, high = (float(bound) for bound in np.quantile(values, [tail, 1 - tail]))
    z = NormalDist().inv_cdf(1 - tail) + NormalDist().inv_cdf(POWER)
    error = float(values.std(ddof=1))
    return Estimate(value, low, high, z * error if error > 0 else None)


def verdict(low: float | None, high: float | None, margin: float) -> Verdict:
    """Say what an interval of a change (negative: worse) means: retained at a loss of at most `margin`, collapsed beyond it."""
    if low is None or high is None:
        return "inconclusive"
    if low >= -margin:
        return "retained"
    return "collapsed" if high < -margin else "inconclusive"


def overall(found: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; what is not measurable counts only when nothing else is there."""
    return min(found, key=WORST.index, default="not measurable")


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p of `lost` against `won` items that changed sides; 1.0 without any."""
    return float(binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0


def above_chance(right: int, n: int, chance: float) -> float:
    """Return the one-sided p of `right` out of `n` by guessing with probability `chance`."""
    return float(binomtest(right, n, chance, alternative="greater").pvalue)


def accuracy_change(
    base: Sequence[int], tuned: Sequence[int], subjects: Sequence[str], chance: float, margin: float, plan: Plan
) -> dict[str, object]:
    """Compare 0/1 answers to the same questions; not measurable where the base cannot be told from guessing."""
    n = len(base)
    change = paired_change([t - b for b, t in zip(base, tuned, strict=True)], [1.0] * n, subjects, plan)
    lost = sum(b > t for b, t in zip(base, tuned, strict=True))
    won = sum(t > b for b, t in zip(base, tuned, strict=True))
    guessing = above_chance(sum(base), n, chance)
    measurable = guessing < 1 - plan.confidence
    return {
        "n": n,
        "base": sum(base) / n,
        "tuned": sum(tuned) / n,
        "delta": change.value,
        "low": change.low,
        "high": change.high,
        "detectable": change.detectable,
        "lost": lost,
        "won": won,
        "mcnemar_p": mcnemar(lost, won),
        "base_by_chance_p": guessing,
        "margin": margin,
        "verdict": verdict(change.low, change.high, margin) if measurable else "not measurable",
    }


def perplexity_change(
    base: Sequence[float], tuned: Sequence[float], tokens: Sequence[int], margin: float, plan: Plan
) -> dict[str, object]:
    """Compare negative log-likelihoods (nats) of the same passages; the ratio of perplexities may rise to 1 + `margin`."""
    gains = [b - t for b, t in zip(base, tuned, strict=True)]
    change = paired_change(gains, tokens, range(len(gains)), plan)
    worst, best = (None if bound is None else float(np.exp(-bound)) for bound in (change.low, change.high))
    return {
        "n": len(gains),
        "base": float(np.exp(sum(base) / sum(tokens))),
        "tuned": float(np.exp(sum(tuned) / sum(tokens))),
        "ratio": float(np.exp(-change.value)),
        "low": best,
        "high": worst,
        "detectable": None if change.detectable is None else float(np.expm1(change.detectable)),
        "margin": margin,
        "verdict": verdict(change.low, change.high, float(np.log1p(margin))),
    }


def score_change(
    base: Sequence[float], tuned: Sequence[float], dialogues: Sequence[str], plan: Plan
) -> dict[str, object]:
    """Compare scores of the same test rows; rows of one conversation are drawn together."""
    n = len(base)
    if not n:
        return {"n": 0, "base": None, "tuned": None, "delta": None, "verdict": "not measurable"}
    change = paired_change([t - b for b, t in zip(base, tuned, strict=True)], [1.0] * n, dialogues, plan)
    sides = {"gained": change.low is not None and change.low > 0, "lost": change.high is not None and change.high < 0}
    return {
        "n": n,
        "base": sum(base) / n,
        "tuned": sum(tuned) / n,
        "delta": change.value,
        "low": change.low,
        "high": change.high,
        "detectable": change.detectable,
        "verdict": next((side for side, holds in sides.items() if holds), "inconclusive"),
    }
