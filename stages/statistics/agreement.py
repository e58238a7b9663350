"""How far two graders agree: on names of grades, on their order, on scores; each with an interval."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

from stages.statistics import bootstrap
from stages.statistics.bootstrap import Estimate, Resampling, Statistic

RESAMPLING = Resampling(confidence=0.95, resamples=1000, seed=1)

G = TypeVar("G")


def cohens_kappa(left: Sequence[str], right: Sequence[str], order: Sequence[str] | None = None) -> float | None:
    """Return agreement beyond chance, 1 at most; None without rows, or where both gave one and the same grade throughout.

    With `order`, all grades from the lowest to the highest in equal steps, disagreements weigh by their distance (linearly
    weighted kappa).
    """
    if len({*left, *right}) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - seconds to import, and mostly nobody has graded

    return float(cohen_kappa_score(left, right, labels=order, weights="linear" if order else None))


def spearman(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return the rank correlation, ties sharing their mean rank; None under two rows or where one side does not vary."""
    if not _both_vary(left, right):
        return None
    from scipy.stats import spearmanr  # noqa: PLC0415 - half a second to import, and mostly nobody has graded

    return float(spearmanr(left, right).statistic)


def kendall(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Kendall's tau-b, which makes allowance for ties; None where `spearman` is."""
    if not _both_vary(left, right):
        return None
    from scipy.stats import kendalltau  # noqa: PLC0415 - as above

    return float(kendalltau(left, right).statistic)


def _both_vary(left: Sequence[float], right: Sequence[float]) -> bool:
    return len(set(left)) > 1 and len(set(right)) > 1


def estimate(
    statistic: Statistic[G], left: Sequence[G], right: Sequence[G], clusters: Sequence[Hashable] | None = None
) -> Estimate | None:
    """Return the statistic of paired grades with its 95 % interval, or None where it is not defined.

    Whole clusters are left out one by one where they are given, else single rows.
    """
    return bootstrap.paired(statistic, left, right, range(len(left)) if clusters is None else clusters, RESAMPLING)


def estimate_figures(agreement: Estimate | None) -> dict[str, float | None]:
    """Return value and interval as metrics; null, all three, where the statistic is not defined."""
    value, low, high = (agreement.value, agreement.low, agreement.high) if agreement else (None, None, None)
    return {"value": value, "low": low, "high": high}
