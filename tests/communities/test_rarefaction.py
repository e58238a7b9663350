"""Richness of fewer rows, against drawing them."""

from random import Random

import pytest

from stages.communities.rarefaction import rarefied
from stages.samples.indicators.formulas import richness

SIZES = [40, 12, 12, 5, 3, 1, 1, 1, 1]


def drawn_by_hand(sizes: list[int], drawn: int, top_n: int, times: int) -> float:
    rows = [community for community, size in enumerate(sizes) for _ in range(size)]
    rng, total = Random(3), 0
    for _ in range(times):
        some = rng.sample(rows, drawn)
        total += sum(min(some.count(community), top_n) for community in set(some))
    return total / times / drawn


@pytest.mark.parametrize("top_n", [1, 2, 4])
@pytest.mark.parametrize("drawn", [1, 8, 30, 75])
def test_it_is_what_drawing_gives_on_average(drawn: int, top_n: int) -> None:
    assert rarefied(SIZES, drawn, top_n) == pytest.approx(drawn_by_hand(SIZES, drawn, top_n, 4000), abs=0.02)


@pytest.mark.parametrize("top_n", [1, 3, 50])
def test_with_all_rows_drawn_it_is_formula_3(top_n: int) -> None:
    assert rarefied(SIZES, sum(SIZES), top_n) == pytest.approx(richness(SIZES, top_n), abs=1e-9)


def test_more_rows_than_there_are_cannot_be_drawn() -> None:
    assert rarefied(SIZES, sum(SIZES) + 1) is None
    assert rarefied([], 1) is None
    assert rarefied(SIZES, 0) is None


def test_a_large_set_and_a_part_of_it_compare_at_equal_n() -> None:
    large = [100] * 400  # 40,000 rows of 400 asks: a hundredth is rich, at 4,000 rows a tenth
    assert rarefied(large, 40_000) == pytest.approx(0.01, abs=1e-9)
    assert rarefied(large, 4_000) == pytest.approx(0.1, abs=1e-4)
    assert rarefied([2] * 40_000, 40_000) == pytest.approx(1 - 0.5 * 39_999 / 79_999, abs=1e-6)
