"""Rank correlations of few observations: exact where all orders can be tried, corrected for their number, modest about n."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.cli.correlation.association import associations, holm, least, permuted, reach, told
from stages.cli.correlation.points import Point
from stages.statistics.agreement import spearman


def point(name: str, richness: float, score: float, balance: float = 0.5) -> Point:
    return Point(name, "revision", {"richness": richness, "balance": balance}, {"fact F1": score})


@pytest.mark.parametrize("values", [(2.0, 1.0, 3.0, 5.0, 4.0), (1.0, 1.0, 2.0, 3.0)])
def test_p_is_the_share_of_orders_that_agree_as_much(values: tuple[float, ...]) -> None:
    left = [float(number) for number in range(len(values))]
    every = [abs(spearman(left, order) or 0) for order in permutations(values)]
    observed = abs(spearman(left, values) or 0)
    assert permuted(left, values) == pytest.approx(sum(each >= observed - 1e-9 for each in every) / len(every))


@pytest.mark.parametrize("count", [3, 4, 6])
def test_full_agreement_has_the_least_p_that_so_many_can_have(count: int) -> None:
    assert permuted(range(count), range(count)) == pytest.approx(least(count))


def test_of_many_observations_p_is_drawn_and_never_zero() -> None:
    assert 0 < permuted(range(12), range(12)) < 0.001
    unordered = [5.0, 0.0, 9.0, 2.0, 11.0, 4.0, 7.0, 1.0, 10.0, 3.0, 8.0, 6.0]
    assert permuted(range(12), unordered) > 0.2


def test_holm_by_a_published_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_never_lowers(found: list[float]) -> None:
    corrected = holm(found)
    assert all(0 <= p <= new <= 1 for p, new in zip(found, corrected, strict=True))
    ranked = sorted(zip(found, corrected, strict=True))
    assert [new for _, new in ranked] == sorted(corrected)


def test_three_rows_show_nothing_however_well_they_agree() -> None:
    found = associations([point(str(n), n, n) for n in range(3)])
    (richness,) = [each for each in found if each.indicator == "richness"]
    assert richness.rho is not None and (richness.rho.value, richness.rho.low) == (1.0, None)
    assert richness.p == pytest.approx(1 / 3)
    assert "nothing can be shown" in told(found)


def test_what_does_not_vary_is_no_test() -> None:
    found = {each.indicator: each for each in associations([point(str(n), n, n) for n in range(7)])}
    assert found["balance"].rho is None and found["balance"].p is None
    assert found["richness"].holm == found["richness"].p  # the only test


def test_runs_of_one_data_set_under_many_names_have_nothing_to_test() -> None:
    seeds = [point(str(n), 0.5, n) for n in range(5)]  # experiments that differ in the seed of training alone
    found = associations(seeds)
    assert told(found) == "n = 5: all indicators, or all scores, are alike; there is nothing to test."


def test_many_data_sets_that_agree_are_said_to_and_a_few_among_many_tests_are_not() -> None:
    assert "richness goes with fact F1" in told(associations([point(str(n), n, n) for n in range(10)]))
    assert "Holm asks for 0.0010, to be had from n = 7 on" in reach(5, 50)
    assert reach(1, 5) == "n = 1: no correlation"
