"""The mean of positive amounts with a long tail, of which few are seen."""

from collections.abc import Sequence
from math import exp, inf, sqrt

import numpy as np

from stages.statistics.bootstrap import student


def lognormal_mean(amounts: Sequence[float], tail: float) -> tuple[float, float]:
    """Return the interval of the mean of two or more lognormal amounts, by Cox's method with Student's t.

    Olsson, Confidence intervals for the mean of a log-normal distribution, Journal of Statistics Education 13(1), 2005. Its
    upper end knows of the tail from the spread of the logarithms, where a bootstrap knows only what was drawn; of a few amounts far
    apart it is beyond any number: inf.
    """
    logs, count = np.log(amounts), len(amounts)
    variance = float(logs.var(ddof=1))
    middle = float(logs.mean()) + variance / 2
    half = student(1 - tail, count - 1) * sqrt(variance / count + variance**2 / (2 * (count - 1)))
    try:
        return exp(middle - half), exp(middle + half)
    except OverflowError:
        return exp(middle - half), inf
