"""Did general ability stay? Paired statistics of two models on the same items, and what they allow to say (§3.5).

Items of a subject, and answers about one conversation, resemble each other: the bootstrap draws whole clusters. Its percentile
interval is too narrow with few clusters (one-sided errors of 4 to 6 % instead of 2.5 % at 9 to 12 of them), so the
percentiles are taken further out, after Student's t (the expanded percentile interval of Hesterberg, The American
Statistician 69(4), 2015); that brings them to between 2 and 3.5 %, long tails apart. docs/retention.md explains every figure.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import binomtest, t

Verdict = Literal["retained", "collapsed", "inconclusive", "not measurable"]
Figures = dict[str, object]

POWER = 0.8  # chance of noticing a change as large as the smallest detectable one
FEWEST = 6  # clusters; no draw lies outside their range, and the range of 5 covers their center in only 94 % of cases
WORST: tuple[Verdict, ...] = ("collapsed", "inconclusive", "retained", "not measurable")


class Plan(NamedTuple):
    """How to draw: the intervals' confidence, the number of resamples, and a seed."""

    confidence: float
    resamples: int
    seed: int

    @property
    def tail(self) -> float:
        """What lies outside the interval on each side."""
        return (1 - self.confidence) / 2


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
    """Return Σ changes / Σ weights with its expanded bootstrap percentile interval, whole clusters drawn with replacement.

    Below six clusters the interval is value ± t · standard error, which is wide, and rightly.
    """
    sums: dict[Hashable, list[float]] = {}
    for change, weight, cluster in zip(changes, weights, clusters, strict=True):
        total = sums.setdefault(cluster, [0.0, 0.0])
        total[0], total[1] = total[0] + change, total[1] + weight
    totals, count = np.array(list(sums.values())), len(sums)
    value = float(totals[:, 0].sum() / totals[:, 1].sum())
    if count < 2:
        return Estimate(value, None, None, None)
    drawn = np.random.default_rng(plan.seed).integers(count, size=(plan.resamples, count))
    values = totals[drawn, 0].sum(axis=1) / totals[drawn, 1].sum(axis=1)
    widening, reach = sqrt(count / (count - 1)), float(t.ppf(1 - plan.tail, count - 1))
    error = widening * float(values.std(ddof=1))
    tail = NormalDist().cdf(-reach * widening)
    low, high = (float(bound) for bound in np.quantile(values, [tail, 1 - tail]))
    if count < FEWEST:
        low, high = value - reach * error, value + reach * error
    return Estimate(value, low, high, (reach + float(t.ppf(POWER, count - 1))) * error if error > 0 else None)


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


def conclusion(found: Mapping[str, Verdict], plan: Plan) -> Figures:
    """Return the overall verdict of the measures by name, what it rests on, and how often it may be wrong.

    "Retained" needs every measurable measure, so its error is no larger than one measure's. One collapsed measure is enough
    for "collapsed": were all losses exactly at their margins, at least one would be called collapsed by chance in at most
    `false_alarms` of cases (Bonferroni's bound); for losses within the margins it is far less.
    """
    by_verdict = {word: [name for name, said in found.items() if said == word] for word in WORST}
    said = [f"{word}: {', '.join(names)}" for word, names in by_verdict.items() if names]
    counted = len(found) - len(by_verdict["not measurable"])
    return {
        "verdict": overall(found.values()),
        "rests_on": "; ".join(said) or "nothing was measured",
        "measures": counted,
        "false_alarms": min(1.0, counted * plan.tail),
    }


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p of `lost` against `won` items that changed sides; 1.0 without any."""
    return float(binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0


def above_chance(right: int, n: int, chance: float) -> float:
    """Return the one-sided p of `right` out of `n` by guessing with probability `chance`.

    Guesses have no clusters: what makes a subject's answers alike is knowledge.
    """
    return float(binomtest(right, n, chance, alternative="greater").pvalue)


def accuracy_change(
    base: Sequence[int], tuned: Sequence[int], subjects: Sequence[str], chance: float, margin: float, plan: Plan
) -> Figures:
    """Compare 0/1 answers to the same questions; not measurable where the base cannot be told from guessing.

    `retention` is the share of the base's lead over `chance` that the tuned model still has, the lead taken as measured.
    """
    change, n = _difference(base, tuned, subjects, plan), len(base)
    lost = sum(b > t for b, t in zip(base, tuned, strict=True))
    won = sum(t > b for b, t in zip(base, tuned, strict=True))
    if not lost + won:  # no flip seen among n is no proof of none: the exact bound on a share of which 0 were seen
        change = change._replace(low=plan.tail ** (1 / n) - 1, high=1 - plan.tail ** (1 / n))
    guessing = above_chance(sum(base), n, chance)
    measurable = guessing < 1 - plan.confidence
    return _means(base, tuned, change) | {
        "lost": lost,
        "won": won,
        "mcnemar_p": mcnemar(lost, won),
        "chance": chance,
        "base_by_chance_p": guessing,
        "retention": _kept(change, sum(base) / n - chance) if measurable else None,
        "margin": margin,
        "verdict": verdict(change.low, change.high, margin) if measurable else "not measurable",
    }


def likelihood_change(
    base: Sequence[float], tuned: Sequence[float], subjects: Sequence[str], margin: float, plan: Plan
) -> Figures:
    """Compare log-probabilities (nats per character) of the right answers; `margin` in the same unit."""
    change = _difference(base, tuned, subjects, plan)
    return _means(base, tuned, change) | {"margin": margin, "verdict": verdict(change.low, change.high, margin)}


def perplexity_change(
    base: Sequence[float], tuned: Sequence[float], tokens: Sequence[int], margin: float, plan: Plan
) -> Figures:
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


def divergence(amounts: Sequence[float], tokens: Sequence[int], margin: float, plan: Plan) -> Figures:
    """Return how far two models lie apart per token, passages being the clusters; up to `margin` counts as retained.

    `amounts` by passage: nats of KL(base‖tuned), or the number of tokens at which the models prefer different ones.
    """
    found = paired_change(amounts, tokens, range(len(tokens)), plan)
    worse, better = (None if bound is None else -bound for bound in (found.high, found.low))
    size = {"n": len(tokens), "tokens": sum(tokens), "value": found.value}
    return size | _interval(found) | {"margin": margin, "verdict": verdict(worse, better, margin)}


def score_change(base: Sequence[float], tuned: Sequence[float], dialogues: Sequence[str], plan: Plan) -> Figures:
    """Compare scores of the same test rows; rows of one conversation are drawn together."""
    if not base:
        return {"n": 0, "base": None, "tuned": None, "delta": None, "verdict": "not measurable"}
    change = _difference(base, tuned, dialogues, plan)
    sides = {"gained": change.low is not None and change.low > 0, "lost": change.high is not None and change.high < 0}
    return _means(base, tuned, change) | {
        "verdict": next((side for side, holds in sides.items() if holds), "inconclusive")
    }


def published_change(base: float, tuned: float, n: int, margin: float, confidence: float) -> Figures:
    """Compare two published accuracies on the same `n` questions, of which the single answers are not known.

    The interval is that of two independent samples. Models of one family err on the same questions, so the paired interval
    is narrower; `best_low` … `best_high` is the narrowest it can be: every question that changed sides did so in one direction.
    `retained_from` is the smallest margin at which the wider interval says retained.
    """
    delta, reach = tuned - base, NormalDist().inv_cdf(0.5 + confidence / 2)
    error = sqrt((base * (1 - base) + tuned * (1 - tuned)) / n)
    least = sqrt((abs(delta) - delta**2) / n)
    wide, narrow = ((delta - reach * e, delta + reach * e) for e in (error, least))
    return {
        "n": n,
        "base": base,
        "tuned": tuned,
        "delta": delta,
        "low": wide[0],
        "high": wide[1],
        "best_low": narrow[0],
        "best_high": narrow[1],
        "detectable": (reach + NormalDist().inv_cdf(POWER)) * error,
        "retained_from": max(0.0, -wide[0]),
        "margin": margin,
        "verdict": verdict(*wide, margin),
        "best_verdict": verdict(*narrow, margin),
    }


def _difference(base: Sequence[float], tuned: Sequence[float], clusters: Sequence[Hashable], plan: Plan) -> Estimate:
    return paired_change([t - b for b, t in zip(base, tuned, strict=True)], [1.0] * len(base), clusters, plan)


def _means(base: Sequence[float], tuned: Sequence[float], change: Estimate) -> Figures:
    n = len(base)
    return {"n": n, "base": sum(base) / n, "tuned": sum(tuned) / n, "delta": change.value} | _interval(change)


def _kept(change: Estimate, lead: float) -> Figures:
    low, high = (None if bound is None else 1 + bound / lead for bound in (change.low, change.high))
    return {"value": 1 + change.value / lead, "low": low, "high": high}


def _interval(found: Estimate) -> Figures:
    return {"low": found.low, "high": found.high, "detectable": found.detectable}
