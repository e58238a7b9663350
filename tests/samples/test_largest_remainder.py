"""Shares become whole numbers that sum to the total, within their limits."""

import numpy as np
import pytest

from stages.samples.largest_remainder import whole


@pytest.mark.parametrize(
    ("shares", "total", "most", "wanted"),
    [
        ([2.5, 1.25, 0.25], 4, None, [3, 1, 0]),
        ([1.5, 1.5], 3, None, [2, 1]),  # a tie: the earlier
        ([1.2, 2.7, 0.1], 3, None, [1, 2, 0]),
        ([0.9, 0.9, 0.9], 2, None, [1, 1, 0]),
        ([3.1, 2.9], 4, None, [2, 2]),  # more than the total: who lost least gets one less
        ([-1.5, 3.0], 2, None, [0, 2]),
        ([5.0, 0.0], 4, [2, 9], [2, 2]),
        ([5.0, 4.0], 9, [2, 3], [2, 3]),  # all there is
        ([0.4, 0.6], 0, None, [0, 0]),
        ([0.4, 0.6], -1, [1, 1], [0, 0]),
    ],
)
def test_largest_remainders(shares: list[float], total: int, most: list[int] | None, wanted: list[int]) -> None:
    found = whole(np.array(shares), total, None if most is None else np.array(most))
    assert found.tolist() == wanted
    assert found.dtype == np.dtype("int64")
