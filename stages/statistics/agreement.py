"""How far two graders agree: on names of grades, on their order, on scores; each with a bootstrap interval."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.stats import kendalltau, rankdata

CONFIDENCE, RESAMPLES, SEED = 0.95, 1000, 1  # of the intervals

G = TypeVar("G", bound=Hashable)
Statistic = Callable[[Sequence[G], Sequence[G]], float | None]


class Estimate(NamedTuple):
    """A statistic with its percentile interval; None where it is not defined, as for grades that are all the same."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def figures(self) -> dict[str, float | None]:
        """The three as metrics."""
        return self._asdict()


def cohens_kappa(one: Sequence[G], two: Sequence[G], order: Mapping[G, float] | None = None) -> float | None:
    """Return agreement beyond chance, 1 at most; None without rows, or where both gave one and the same grade throughout.

    With `order`, which places the grades on a line, disagreements weigh by their distance (linearly weighted kappa).
    """
    n = len(one)
    if not n:
        return None

    def apart(a: G, b: G) -> float:
        return float(a != b) if order is None else abs(order[a] - order[b])

    observed = sum(apart(a, b) for a, b in zip(one, two, strict=True)) / n
    left, right = Counter(one), Counter(two)
    chance = sum(left[a] * right[b] * apart(a, b) for a in left for b in right) / n**2
    return 1 - observed / chance if chance else None


def spearman(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Return the rank correlation, ties sharing their mean rank; None under two rows or where one side does not vary."""
    if len(set(one)) < 2 or len(set(two)) < 2:
        return None
    return float(np.corrcoef(rankdata(one), rankdata(two))[0, 1])


def kendall(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Return Kendall's tau-b, which makes allowance for ties; None where `spearman` is."""
    if len(set(one)) < 2 or len(set(two)) < 2:
        return None
    return float(kendalltau(one, two).statistic)


def estimate(
    statistic: Statistic[G], one: Sequence[G], two: Sequence[G], clusters: Sequence[Hashable] | None = None
) -> Estimate:
    """Return the statistic of paired grades with its bootstrap interval; whole clusters are drawn where they are given.

    Draws in which the statistic is not defined are left out; where they are more than half, or there is one cluster, there
    is no interval.
    """
    value = statistic(one, two)
    groups: dict[Hashable, list[int]] = {}
    for row, cluster in enumerate(range(len(one)) if clusters is None else clusters):
        groups.setdefault(cluster, []).append(row)
    members = list(groups.values())
    if value is None or len(members) < 2:
        return Estimate(value)
    found = []
    for drawn in np.random.default_rng(SEED).integers(len(members), size=(RESAMPLES, len(members))):
        rows = [row for group in drawn for row in members[group]]
        if (once := statistic([one[row] for row in rows], [two[row] for row in rows])) is not None:
            found.append(once)
    if len(found) < RESAMPLES / 2:
        return Estimate(value)
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(value, float(low), float(high))
