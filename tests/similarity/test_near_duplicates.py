"""Groups of near-duplicate rows."""

import numpy as np
import pytest
from scipy import sparse

from stages.core.errors import InputError
from stages.similarity import near_duplicates, pairs
from stages.similarity.near_duplicates import groups


def unit(rows: list[list[float]]) -> sparse.csr_matrix:
    dense = np.array(rows, dtype=np.float32)
    norms = np.linalg.norm(dense, axis=1, keepdims=True)
    return sparse.csr_matrix(dense / np.where(norms > 0, norms, 1))


def test_groups_reach_over_a_third_row() -> None:
    found = groups(unit([[1, 0], [1, 0.3], [1, 0.62], [0, 1]]), 0.95)
    assert found[0] == found[1] == found[2] != found[3]


def test_an_exact_copy_is_found_at_one_and_empty_rows_stay_alone() -> None:
    found = groups(unit([[1, 2, 3], [0, 0, 0], [1, 2, 3], [0, 0, 0]]), 1.0)
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3


def test_every_empty_row_is_alone() -> None:
    found = groups(unit([[1, 2, 3], [0, 0, 0], [0, 0, 0], [3, -1, 0], [0, 0, 0]]), 1.0)
    assert len(set(found.tolist())) == 5


def test_the_order_and_the_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    base = rng.random((40, 12))
    rows = np.concatenate([base, base + rng.random((40, 12)) * 0.01])
    order = rng.permutation(len(rows))
    large = groups(unit(rows[order].tolist()), 0.999)
    monkeypatch.setattr(pairs, "BLOCK", 64)
    monkeypatch.setattr(near_duplicates, "AT_ONCE", 3)
    small = groups(unit(rows.tolist()), 0.999)
    assert {frozenset(np.flatnonzero(small == label)) for label in small} == {
        frozenset(order[large == label]) for label in large
    }


def test_nothing() -> None:
    assert groups(sparse.csr_matrix((0, 1)), 0.9).shape == (0,)


def test_a_row_that_is_not_finite_is_named() -> None:
    rows = unit([[1, 0], [1, 0.3], [0, 1]])
    rows.data[0] = np.inf
    with pytest.raises(InputError, match="vectors: row 0 of 3 "):
        groups(rows, 0.95)


@pytest.mark.parametrize("at_once", [1, 5, 1 << 22])
def test_components_are_joined_however_the_pairs_come(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "AT_ONCE", at_once)
    blocks = [(np.array(left), np.array(right)) for left, right in (([0, 4], [1, 5]), ([], []), ([1, 2], [2, 6]))]
    found = near_duplicates.connected([(a.astype(int), b.astype(int)) for a, b in blocks], 8).tolist()
    assert [found[n] == found[0] for n in range(8)] == [True, True, True, False, False, False, True, False]
    assert found[4] == found[5]
    assert len(set(found)) == 4
