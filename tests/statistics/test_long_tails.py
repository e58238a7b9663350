"""Cox's interval: by hand, and that it holds a mean whose tail was not drawn."""

import numpy as np
import pytest
from scipy.stats import t

from stages.statistics.long_tails import lognormal_mean


def test_by_hand() -> None:
    low, high = lognormal_mean([1.0, np.e**2, np.e**4, np.e**2], 0.025)
    variance = 8 / 3  # of the logarithms 0, 2, 4, 2
    half = t.ppf(0.975, 3) * np.sqrt(variance / 4 + variance**2 / 6)
    assert np.log(low) == pytest.approx(2 + variance / 2 - half)
    assert np.log(high) == pytest.approx(2 + variance / 2 + half)
    assert lognormal_mean([3.0, 3.0], 0.025) == pytest.approx((3.0, 3.0))


def test_of_two_amounts_far_apart_the_end_is_beyond_any_number() -> None:
    low, high = lognormal_mean([1e-8, 0.05], 0.025)
    assert low < 1e-8 and high == np.inf


def test_it_misses_a_tail_three_times_less_often_than_percentiles_do() -> None:
    random = np.random.default_rng(1)
    ends = [lognormal_mean(random.lognormal(-1.125, 1.5, 12).tolist(), 0.025) for _ in range(3000)]
    assert np.mean([high < 1 for _, high in ends]) < 0.09  # expanded percentiles: 25 %
    assert np.mean([low > 1 for low, _ in ends]) < 0.01
