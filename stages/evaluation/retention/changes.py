"""How a tuned model differs from its base on the same items, measure by measure: figures, interval and verdict (§3.5).

The fields of each record stand in the order in which the metrics show them; docs/retention.md explains every figure. `noise` is
the change, in the unit of the margin, that the base makes against itself where it was read again; None: it was read once.
"""

from collections.abc import Hashable, Sequence
from math import inf, isfinite

import numpy as np

from stages.core.row import Record
from stages.evaluation.retention.verdicts import DomainVerdict, Verdict, domain_verdict, verdict
from stages.statistics.bootstrap import Estimate, Resampling, bounded, ratio
from stages.statistics.flips import flips
from stages.statistics.long_tails import lognormal_mean


class MeanChange(Record):
    """Both models' means over `n` items, and tuned − base with its interval and the smallest change it would notice."""

    n: int
    base: float
    tuned: float
    delta: float
    low: float | None
    high: float | None
    detectable: float | None


class LikelihoodChange(MeanChange):
    """Of the log-probability of right answers, nats per character."""

    margin: float
    noise: float | None = None
    verdict: Verdict


class ScoreChange(MeanChange):
    """Of the domain score, 0 to 10."""

    verdict: DomainVerdict


class NoScores(Record):
    """What stands in the place of a `ScoreChange` where no test row has an answer of both models."""

    n: int = 0
    base: None = None
    tuned: None = None
    delta: None = None
    verdict: DomainVerdict = "not measurable"


class LeadKept(Record):
    """The share of the base's lead over chance that the tuned model still has; the interval takes the lead as measured."""

    value: float
    low: float | None
    high: float | None


class _Formulated(Record):
    formulation: str


class AccuracyChange(MeanChange, _Formulated):  # the fields of the last base come first
    """Of the share of right answers: `lost` and `won` count the flips, `base_by_chance_p` tells the base from guessing."""

    lost: int
    won: int
    mcnemar_p: float
    chance: float
    base_by_chance_p: float
    retention: LeadKept | None
    margin: float
    noise: float | None = None
    verdict: Verdict


class PerplexityChange(Record):
    """Of the perplexity of the same passages: the `ratio` tuned / base, its interval, and the smallest rise it would notice."""

    n: int
    base: float
    tuned: float
    ratio: float
    low: float | None
    high: float | None
    detectable: float | None
    margin: float
    noise: float | None = None
    verdict: Verdict


class DivergenceVerdict(Record):
    """How far two models lie apart per token: `value` with its interval, over `n` passages."""

    n: int
    tokens: int
    value: float
    low: float | None
    high: float | None
    detectable: float | None
    margin: float
    noise: float | None = None
    verdict: Verdict


def mcnemar(lost: int, won: int) -> float:
    """Return the exact two-sided p of `lost` against `won` items that changed sides; 1.0 without any."""
    from scipy.special import bdtr  # noqa: PLC0415 - .2 s to import; scipy.stats takes a second

    return min(1.0, 2 * float(bdtr(min(lost, won), lost + won, 0.5)))


def above_chance(right: int, n: int, chance: float) -> float:
    """Return the one-sided p of `right` out of `n` by guessing with probability `chance`.

    Guesses have no clusters: what makes a subject's answers alike is knowledge.
    """
    from scipy.special import bdtrc  # noqa: PLC0415 - as above

    return float(bdtrc(right - 1, n, chance)) if right else 1.0


def accuracy_change(
    formulation: str,
    base: Sequence[int],
    tuned: Sequence[int],
    subjects: Sequence[str],
    chance: float,
    margin: float,
    resampling: Resampling,
) -> AccuracyChange:
    """Compare 0/1 answers to the same questions, one at least; not measurable where the base cannot be told from guessing."""
    n, changes = len(base), [after - before for before, after in zip(base, tuned, strict=True)]
    change, lost, won = flips(changes, subjects, resampling), changes.count(-1), changes.count(1)
    guessing = above_chance(sum(base), n, chance)
    measurable = guessing < 1 - resampling.confidence
    return AccuracyChange(
        formulation=formulation,
        **_means(base, tuned, change).model_dump(),
        lost=lost,
        won=won,
        mcnemar_p=mcnemar(lost, won),
        chance=chance,
        base_by_chance_p=guessing,
        retention=_kept(change, sum(base) / n - chance) if measurable else None,
        margin=margin,
        verdict=verdict(change.low, change.high, margin) if measurable else "not measurable",
    )


def likelihood_change(
    base: Sequence[float], tuned: Sequence[float], subjects: Sequence[str], margin: float, resampling: Resampling
) -> LikelihoodChange:
    """Compare log-probabilities (nats per character) of the right answers; `margin` in the same unit."""
    change = _difference(base, tuned, subjects, resampling)
    means = _means(base, tuned, change)
    return LikelihoodChange(**means.model_dump(), margin=margin, verdict=verdict(change.low, change.high, margin))


def perplexity_change(
    base: Sequence[float], tuned: Sequence[float], tokens: Sequence[int], margin: float, resampling: Resampling
) -> PerplexityChange:
    """Compare negative log-likelihoods (nats) of the same passages; the ratio of perplexities may rise to 1 + `margin`."""
    gains = [before - after for before, after in zip(base, tuned, strict=True)]
    gain = ratio(gains, tokens, range(len(gains)), resampling)
    with np.errstate(over="ignore"):  # a broken model's perplexity may be beyond any number
        return PerplexityChange(
            n=len(gains),
            base=float(np.exp(sum(base) / sum(tokens))),
            tuned=float(np.exp(sum(tuned) / sum(tokens))),
            ratio=float(np.exp(-gain.value)),
            low=None if gain.high is None else float(np.exp(-gain.high)),
            high=None if gain.low is None else float(np.exp(-gain.low)),
            detectable=None if gain.detectable is None else float(np.expm1(gain.detectable)),
            margin=margin,
            verdict=verdict(gain.low, gain.high, float(np.log1p(margin))),
        )


def divergence(
    amounts: Sequence[float],
    tokens: Sequence[int],
    margin: float,
    resampling: Resampling,
    noise: float | None = None,
    most: float = inf,
) -> DivergenceVerdict:
    """Return how far two models lie apart per token, passages being the clusters; up to `margin` counts as retained.

    `amounts` by passage: nats of KL(base‖tuned), or the number of tokens at which the models prefer different ones. Where the
    models differ in every passage, the interval is no narrower than that of a lognormal amount per token; there is none where that
    one has no end. It ends at `most`, which a token can have at most; `detectable` is None where that would not be noticed.
    """
    apart = ratio(amounts, tokens, range(len(tokens)), resampling)
    if apart.low is not None and apart.high is not None:
        low, high = max(0.0, apart.low), apart.high
        if min(amounts) > 0:
            rates = [amount / count for amount, count in zip(amounts, tokens, strict=True)]
            far_low, far_high = lognormal_mean(rates, resampling.tail)
            low, high = min(low, far_low), max(high, far_high)
        apart = _within(bounded(apart.value, low, high, len(tokens), resampling.tail), most)
    worse, better = (None if bound is None else -bound for bound in (apart.high, apart.low))
    return DivergenceVerdict(
        n=len(tokens),
        tokens=sum(tokens),
        **apart._asdict(),
        margin=margin,
        noise=noise,
        verdict=verdict(worse, better, margin),
    )


def _within(apart: Estimate, most: float) -> Estimate:
    """Return an estimate whose interval ends at `most`; without one if it had no end."""
    value, low, high, detectable = apart
    if low is None or high is None or not isfinite(high):
        return Estimate(value)
    return Estimate(value, low, min(most, high), detectable if detectable is None or detectable <= most else None)


def score_change(
    base: Sequence[float], tuned: Sequence[float], dialogues: Sequence[str], resampling: Resampling
) -> ScoreChange | NoScores:
    """Compare scores of the same test rows; rows of one conversation are drawn together."""
    if not base:
        return NoScores()
    change = _difference(base, tuned, dialogues, resampling)
    return ScoreChange(**_means(base, tuned, change).model_dump(), verdict=domain_verdict(change.low, change.high))


def _difference(
    base: Sequence[float], tuned: Sequence[float], clusters: Sequence[Hashable], resampling: Resampling
) -> Estimate:
    differences = [after - before for before, after in zip(base, tuned, strict=True)]
    return ratio(differences, [1.0] * len(base), clusters, resampling)


def _means(base: Sequence[float], tuned: Sequence[float], change: Estimate) -> MeanChange:
    n = len(base)
    return MeanChange(
        n=n,
        base=sum(base) / n,
        tuned=sum(tuned) / n,
        delta=change.value,
        low=change.low,
        high=change.high,
        detectable=change.detectable,
    )


def _kept(change: Estimate, lead: float) -> LeadKept:
    low, high = (None if bound is None else 1 + bound / lead for bound in (change.low, change.high))
    return LeadKept(value=1 + change.value / lead, low=low, high=high)
