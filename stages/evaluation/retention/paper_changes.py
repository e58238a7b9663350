"""How two published accuracies differ, of which the single answers are not known (§3.5, Table 4)."""

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist

from stages.core.row import Record
from stages.evaluation.retention.verdicts import Verdict, verdict
from stages.statistics.bootstrap import POWER


class PublishedChange(Record):
    """Of two published accuracies, as shares of 1, with the widest and the narrowest interval; verdicts by margin.

    `retained_from` is the smallest margin at which the wider interval says retained.
    """

    n: int
    base: float
    tuned: float
    delta: float
    low: float
    high: float
    best_low: float
    best_high: float
    detectable: float
    retained_from: float
    verdicts: dict[str, Verdict]
    best_verdicts: dict[str, Verdict]


def published_change(
    base: float, tuned: float, n: int, margins: Mapping[str, float], confidence: float
) -> PublishedChange:
    """Compare two published accuracies on the same `n` questions, of which the single answers are not known.

    The interval is that of two independent samples. Models of one family err on the same questions, so the paired interval
    is narrower; `best_low` … `best_high` is the narrowest it can be: every question that changed sides did so in one direction.
    """
    delta, z_quantile = tuned - base, NormalDist().inv_cdf(0.5 + confidence / 2)
    error = sqrt((base * (1 - base) + tuned * (1 - tuned)) / n)
    least = sqrt((abs(delta) - delta**2) / n)
    wide, narrow = ((delta - z_quantile * e, delta + z_quantile * e) for e in (error, least))
    return PublishedChange(
        n=n,
        base=base,
        tuned=tuned,
        delta=delta,
        low=wide[0],
        high=wide[1],
        best_low=narrow[0],
        best_high=narrow[1],
        detectable=(z_quantile + NormalDist().inv_cdf(POWER)) * error,
        retained_from=max(0.0, -wide[0]),
        verdicts={name: verdict(*wide, margin) for name, margin in margins.items()},
        best_verdicts={name: verdict(*narrow, margin) for name, margin in margins.items()},
    )
