"""A share of a count is that of the decimals in which it is written."""

import math

import pytest

from stages.core.shares import part


@pytest.mark.parametrize(
    ("share", "count", "whole"), [(0.29, 100, 29), (0.07, 100, 7), (1, 7, 7), (0, 7, 0), (2e-5, 50_000, 1)]
)
def test_a_whole_part_is_whole(share: float, count: int, whole: int) -> None:
    assert part(share, count) == whole


def test_what_is_no_whole_number_can_be_rounded_either_way() -> None:
    assert (math.floor(part(0.1, 31)), math.ceil(part(0.1, 31))) == (3, 4)
