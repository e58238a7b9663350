"""Packs: every row in one, none too full, and packing only where it saves work without costing steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.training.trainer.packing import packed_sequences, saves_work


@given(st.lists(st.integers(1, 50), max_size=40))
def test_packs_lie_between_the_tokens_and_the_rows(lengths: list[int]) -> None:
    assert -(-sum(lengths) // 50) <= packed_sequences(lengths, 50) <= len(lengths)


def test_each_row_goes_where_it_leaves_the_least_room() -> None:
    assert packed_sequences([], 10) == 0
    assert packed_sequences([6, 5, 4, 5], 10) == 2
    assert packed_sequences([7, 6, 4, 3], 10) == 2
    assert packed_sequences([6, 6, 6], 10) == 3


def test_a_row_that_fits_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="11 tokens does not fit into 10"):
        packed_sequences([1, 11], 10)


@pytest.mark.parametrize(
    ("rows", "packed", "batch", "processes", "expected"),
    [
        (1280, 256, 128, 8, True),
        (16, 1, 2, 1, False),  # one step of 16 rows instead of eight of two
        (100, 60, 8, 1, False),  # hardly two rows anywhere
        (80, 16, 8, 1, True),
        (80, 16, 8, 2, False),  # two processes take two packs, ten rows, at least
    ],
)
def test_packing_pays_when_it_saves_work_and_costs_no_steps(
    rows: int, packed: int, batch: int, processes: int, expected: bool
) -> None:
    assert saves_work(rows, packed, batch, processes) is expected
