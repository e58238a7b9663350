"""Samples over cells: weights kept, supplies kept, nothing lost."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.samples.drawing.quotas import apportion, quotas, shares

PLENTY = 10**6


def test_largest_remainder() -> None:
    weights, none = np.array([5.0, 3.0, 2.0]), np.zeros(3)
    assert apportion(10, weights, np.full(3, PLENTY), none).tolist() == [5, 3, 2]
    assert apportion(7, weights, np.full(3, PLENTY), none).tolist() == [4, 2, 1]


def test_what_a_full_entry_cannot_take_goes_to_the_others_by_weight() -> None:
    found = apportion(12, np.array([6.0, 4.0, 2.0]), np.array([0, 20, 20]), np.zeros(3))
    assert found.tolist() == [0, 8, 4]
    assert apportion(12, np.array([6.0, 4.0, 2.0]), np.array([3, 20, 20]), np.zeros(3)).tolist() == [3, 6, 3]


def test_scenes_and_tasks_keep_their_weights_with_fewer_samples_than_cells() -> None:
    found = quotas(56, [1.0, 0.9, 0.9, 0.8], [1.0, 1.0, 1.0, 1.0, 0.9, 0.8], np.full((4, 6, 10), 5))
    assert found.sum(axis=(1, 2)).tolist() == [16, 14, 14, 12]
    assert sorted(found.sum(axis=(0, 2)).tolist()) == [8, 9, 9, 10, 10, 10]
    assert set(found.sum(axis=(0, 1)).tolist()) == {5, 6}


def test_a_divisible_count_is_divided_exactly() -> None:
    found = quotas(240, [2.0, 1.0], [3.0, 1.0], np.full((2, 2, 5), PLENTY))
    assert found.tolist() == [[[24] * 5, [8] * 5], [[12] * 5, [4] * 5]]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 400), st.lists(st.integers(0, 9), min_size=24, max_size=24))
def test_nothing_over_supply_and_nothing_lost(count: int, supply: list[int]) -> None:
    cells = np.array(supply).reshape(2, 3, 4)
    found = quotas(count, [1.0, 0.7], [1.0, 0.8, 0.3], cells)
    assert (found >= 0).all()
    assert (found <= cells).all()
    assert found.sum() == min(count, cells.sum())


def test_entries_fill_up_one_after_the_other() -> None:
    found = shares(20, np.array([10.0, 5.0, 5.0]), np.array([1, 8, 100]))  # 10, 5, 5; then 9.5 and 9.5; then 11
    assert found.tolist() == [1, 8, 11]
    assert shares(3, np.ones(3), np.ones(3, dtype=np.int64)).tolist() == [1, 1, 1]
    assert shares(1, np.ones(2), np.array([5, 5])).tolist() == [0.5, 0.5]
    assert shares(9, np.ones(3), np.array([0, 2, 3])).tolist() == [0, 2, 3]


def test_who_is_owed_most_comes_first_but_nobody_without_supply() -> None:
    weights, supply = np.ones(3), np.array([9, 9, 0])
    assert apportion(1, weights, supply, np.array([0.0, 0.2, 0.9])).tolist() == [0, 1, 0]
    assert apportion(1, weights, supply, np.array([0.1, 0.0, 0.0])).tolist() == [1, 0, 0]
