"""Published accuracies: the interval of independent samples, the narrowest there can be, and verdicts by margin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.retention.paper_changes import published_change


def test_published_figures_by_hand() -> None:
    found = published_change(0.5, 0.4, 100, {"5": 0.05}, 0.95)
    error = np.sqrt((0.25 + 0.24) / 100)
    assert found.low == pytest.approx(-0.1 - 1.959964 * error, abs=1e-6)
    assert found.best_low == pytest.approx(-0.1 - 1.959964 * np.sqrt((0.1 - 0.01) / 100), abs=1e-6)
    assert found.verdicts == found.best_verdicts == {"5": "inconclusive"}
    assert found.retained_from == pytest.approx(0.1 + 1.959964 * error, abs=1e-6)
    assert found.detectable == pytest.approx((1.959964 + 0.841621) * error, abs=1e-6)  # noticed 8 times of 10
    assert published_change(0.5, 0.4, 10_000, {"5": 0.05, "12": 0.12}, 0.95).verdicts == {
        "5": "collapsed",
        "12": "retained",
    }
    assert published_change(0.4, 0.5, 10_000, {}, 0.95).retained_from == 0.0


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_whatever_the_pairing_its_interval_is_no_narrower_than_the_narrowest(a: int, b: int, c: int, d: int) -> None:
    """`a` both right, `b` lost, `c` won, `d` both wrong: McNemar's standard error against the one bounded without them."""
    n = a + b + c + d + 1
    found = published_change((a + b) / n, (a + c) / n, n, {}, 0.95)
    paired = np.sqrt(((b + c) / n - ((c - b) / n) ** 2) / n)
    assert found.best_high <= (c - b) / n + 1.959964 * paired + 1e-6
