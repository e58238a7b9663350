"""Of rows that are alike the preferred one stays."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from stages.core.errors import InputError
from stages.similarity import pairs
from stages.similarity.bounds import Vectors
from stages.similarity.representatives import earlier_alike, represented


def test_the_preferred_row_stands_for_those_like_it() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [1, 0]], dtype=np.float32)
    assert represented(vectors, [0, 1, 2, 3], 0.9) == {1: 0, 3: 0}
    assert represented(vectors, [3, 2, 1, 0], 0.9) == {1: 3, 0: 3}


def test_a_dropped_row_stands_for_nobody() -> None:
    turn = [np.array([np.cos(a), np.sin(a)]) for a in (0.0, 0.3, 0.6)]  # 0 like 1, 1 like 2, 0 not like 2
    assert represented(np.array(turn), [0, 1, 2], np.cos(0.4)) == {1: 0}


def test_no_rows() -> None:
    assert represented(np.zeros((0, 2)), [], 0.9) == {}


def by_hand(vectors: np.ndarray, order: list[int], threshold: float, always: list[bool]) -> dict[int, int]:
    """Go through the rows one by one, the forced first; the first kept row that is alike stands for a row."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kept, found = list[int](), dict[int, int]()
    for row in sorted(order, key=lambda row: not always[row]):
        by = next((one for one in kept if unit[one] @ unit[row] >= threshold - 1e-7), None)
        if by is None or always[row]:
            kept.append(row)
        else:
            found[row] = by
    return found


@pytest.mark.parametrize("forced", [0, 25])
@pytest.mark.parametrize("block", [16, 1024])
def test_it_is_what_going_row_by_row_gives(block: int, forced: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "BLOCK", block)
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(25, 8))[rng.integers(0, 25, 120)] + 0.3 * rng.normal(size=(120, 8))
    rows[rng.integers(0, 120, 30)] = rows[rng.integers(0, 120, 30)]  # exact copies
    order, always = rng.permutation(120).tolist(), np.isin(np.arange(120), rng.choice(120, forced, replace=False))
    wanted = by_hand(rows, order, 0.85, always.tolist())
    for vectors in (rows, sparse.csr_matrix(rows)):
        assert represented(vectors, order, 0.85, always if forced else None) == wanted
    assert 30 < len(wanted) < 100


def test_in_row_order_every_row_has_its_keeper_or_none() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [1, 0.02], [0, 1]], dtype=np.float32)
    assert earlier_alike(vectors, 0.9) == [None, 0, None, 0, 2]
    assert earlier_alike(vectors, 0.9, np.array([False, True, False, False, True])) == [1, None, 4, 1, None]


def test_a_row_that_is_not_finite_is_named_as_the_caller_numbers_it() -> None:
    vectors = np.array([[1, 0], [0, 1], [np.nan, 1]])
    with pytest.raises(InputError, match="vectors: row 2 of 3 "):
        represented(vectors, [2, 0, 1], 0.9)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_rows_without_a_term_stand_for_nobody(kind: Callable[[np.ndarray], Vectors]) -> None:
    vectors = np.array([[0, 0], [1, 0], [0, 0], [1, 0]], dtype=np.float32)
    assert represented(kind(vectors), [0, 1, 2, 3], 0.9) == {3: 1}
