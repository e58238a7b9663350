"""Rank correlations of few observations: what they are, how sure, and whether so few could have shown anything."""

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.cli.correlation.points import Point
from stages.reporting.counted import counted
from stages.reporting.wording import MISSING
from stages.statistics.agreement import estimate, kendall, spearman
from stages.statistics.bootstrap import Estimate

EXACT = 8  # observations up to which all orders are tried: 40,320
DRAWS, SEED = 20_000, 1  # orders drawn where there are more
ALPHA = 0.05
FEW = 10  # data sets; of fewer a rank correlation says next to nothing


class Association(NamedTuple):
    """How far an indicator goes with a score over `n` data sets; None where one of them does not vary."""

    indicator: str
    score: str
    n: int
    rho: Estimate | None
    tau: Estimate | None
    p: float | None = None  # of rho: the share of all orders in which it would be as far from zero
    holm: float | None = None  # the same, all tests of the table taken together


def associations(points: Sequence[Point]) -> list[Association]:
    """Return every indicator with every score that some point has, Holm's correction over all that could be tested."""
    indicators = dict.fromkeys(name for point in points for name in point.indicators)
    scores = dict.fromkeys(name for point in points for name in point.scores)
    found = [_associated(points, indicator, score) for indicator in indicators for score in scores]
    corrected = iter(holm([each.p for each in found if each.p is not None]))
    return [each._replace(holm=next(corrected)) if each.p is not None else each for each in found]


def _associated(points: Sequence[Point], indicator: str, score: str) -> Association:
    pairs = [
        (point.indicators[indicator], point.scores[score])
        for point in points
        if indicator in point.indicators and score in point.scores
    ]
    left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    rho, tau = estimate(spearman, left, right), estimate(kendall, left, right)
    return Association(indicator, score, len(pairs), rho, tau, None if rho is None else permuted(left, right))


def permuted(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Spearman's two-sided p: exact over all orders of up to eight values, else over orders drawn."""
    from scipy.stats import rankdata  # noqa: PLC0415 - half a second to import

    one, other = (np.asarray(rankdata(values)) - (len(values) + 1) / 2 for values in (left, right))
    orders = _orders(len(one))
    reached = np.abs(other[orders] @ one) >= abs(float(other @ one)) - 1e-9
    exact = len(one) <= EXACT
    return float(reached.mean()) if exact else float((reached.sum() + 1) / (len(orders) + 1))


@cache
def _orders(count: int) -> NDArray[np.intp]:
    if count <= EXACT:
        return np.array(list(permutations(range(count))), dtype=np.intp)
    draw = np.random.default_rng(SEED)
    return np.array([draw.permutation(count) for _ in range(DRAWS)], dtype=np.intp)


def holm(found: Sequence[float]) -> list[float]:
    """Return p values by Holm's step-down correction, in their order."""
    ranked, corrected, above = sorted(range(len(found)), key=lambda n: found[n]), [0.0] * len(found), 0.0
    for rank, number in enumerate(ranked):
        above = max(above, min(1.0, found[number] * (len(found) - rank)))
        corrected[number] = above
    return corrected


def least(count: int) -> float:
    """Return the smallest two-sided p that so many observations can have: full agreement, or full disagreement, of all orders."""
    return min(1.0, 2 / factorial(count))


def reach(count: int, tests: int) -> str:
    """Return what so many observations could show at best."""
    enough = next(n for n in range(1, 99) if least(n) <= ALPHA / max(1, tests))
    if count < 2:
        return f"n = {count}: no correlation"
    if least(count) > ALPHA:
        return f"n = {count}: even full agreement has p = {least(count):.2f}; nothing can be shown, whatever the coefficient"
    if not tests:
        return f"n = {count}: all indicators, or all scores, are alike; there is nothing to test"
    if least(count) > ALPHA / tests:
        return (
            f"n = {count}: full agreement has p = {least(count):.3f}, which is not enough among {counted(tests, 'test')} "
            f"(Holm asks for {ALPHA / tests:.4f}, to be had from n = {enough} on)"
        )
    few = "; so few that only very strong correlations can be seen" if count < FEW else ""
    return f"n = {count}: full agreement would be seen among {counted(tests, 'test')}{few}"


def told(found: Sequence[Association]) -> str:
    """Return what all tests of a table together show, and what so few data sets could."""
    tested = [each for each in found if each.p is not None]
    if not tested:
        return f"{reach(max((each.n for each in found), default=0), 0)}."
    best = min(tested, key=lambda each: each.p or 0.0)
    shown = [f"{each.indicator} goes with {each.score}" for each in tested if (each.holm or 0.0) <= ALPHA]
    provided = ", provided that the data sets are independent of each other, which draws of one pool are not"
    return (
        f"{reach(max(each.n for each in tested), len(tested))}. {counted(len(tested), 'test')}; the smallest p, {best.p:.3f} ({best.indicator} with "
        f"{best.score}), is {best.holm:.2f} by Holm: {'; '.join(shown) + provided if shown else 'nothing is shown'}."
    )


def coefficient_shown(found: Estimate | None) -> str:
    """Return a coefficient with its interval, where so few observations have one."""
    if found is None:
        return MISSING
    no_interval = found.low is None or found.high is None
    return f"{found.value:+.2f}" if no_interval else f"{found.value:+.2f} ({found.low:+.2f} … {found.high:+.2f})"
