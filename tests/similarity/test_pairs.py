"""Alike rows: folded by equality, compared in half the products, decided in full precision."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from stages.core.errors import InputError
from stages.similarity import bounds
from stages.similarity import pairs as module
from stages.similarity.bounds import Vectors
from stages.similarity.distinct import deduplicate, expand
from stages.similarity.pairs import Pairs, members, pairs, screen, shared


def alike(vectors: Vectors, threshold: float) -> np.ndarray:
    """Which rows are alike, bool, shape (n, n)."""
    rows = deduplicate(vectors)
    found = np.eye(len(rows.first), dtype=bool)
    for left, right in pairs(rows.unit, threshold):
        assert (left < right).all()
        assert not found[left, right].any()
        found[left, right] = found[right, left] = True
    return np.asarray(found[rows.group][:, rows.group])


def normal(rows: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def test_equal_rows_are_folded_in_the_order_of_their_first() -> None:
    vectors = np.array([[2, 1], [1, 2], [2, 1], [1, 2], [3, 3]], dtype=np.float32)
    for given in (vectors, sparse.csr_matrix(vectors)):
        _, first, group = deduplicate(given)
        assert first.tolist() == [0, 1, 4]
        assert group.tolist() == [0, 1, 0, 1, 2]


def test_copies_of_folded_rows_are_folded_too() -> None:
    vectors = np.array([[1, 0], [0, 1], [2, 0], [0, 1]], dtype=np.float32)
    distinct = deduplicate(vectors[:3])
    found, direct = expand(distinct, np.array([0, 1, 2, 1])), deduplicate(vectors)
    assert found.unit is distinct.unit
    assert found.first.tolist() == direct.first.tolist()
    assert found.group.tolist() == direct.group.tolist()


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(("least", "crowd"), [(1, 32), (1, 0), (4096, 32)])
def test_exactly_the_pairs_at_the_threshold(
    kind: Callable[[np.ndarray], Vectors], least: int, crowd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided by a tile's whole product, or pair by pair behind the screen (a crowd of 0), or without a screen."""
    monkeypatch.setattr(bounds, "LEAST", least)
    for name in ("CHECK", "SPARSE_CHECK"):
        monkeypatch.setattr(bounds, name, 0 if crowd == 0 else getattr(bounds, name))
    for name in ("CROWD", "SPARSE_CROWD"):
        monkeypatch.setattr(module, name, crowd)
    monkeypatch.setattr(module, "BLOCK", 40)
    vectors = np.repeat(normal(45, 40), 2, axis=0) + 0.5 * normal(90, 40, seed=1)
    unit = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    for threshold in (0.1, 0.4, 0.75):
        assert (alike(kind(vectors), threshold) == (unit @ unit.T >= threshold)).all()


def test_a_pair_at_the_threshold_counts_whichever_side_float32_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    angle = np.arccos(0.82)
    vectors = np.array([[1, 0], [np.cos(angle), np.sin(angle)], [np.cos(angle + 1e-5), np.sin(angle + 1e-5)]])
    assert alike(vectors, 0.82).tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    monkeypatch.setattr(module, "BLOCK", 1)
    assert alike(vectors, 0.82).tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]


def test_no_more_than_half_the_products_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    products = module.products

    def counted(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        made.append(len(left) * len(right))
        return products(left, right)

    monkeypatch.setattr(module, "BLOCK", 64)
    monkeypatch.setattr(module, "products", counted)
    alike(normal(1000, 4), 0.9)
    assert 0.5 * 1000**2 <= sum(made) <= 0.55 * 1000**2


def test_sparse_products_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = deduplicate(normal(30, 8)).unit, deduplicate(normal(20, 8, seed=1)).unit
    monkeypatch.setattr(module, "CELLS", 8 * 7)
    found = module.products(sparse.csr_matrix(left), sparse.csr_matrix(right))
    assert found == pytest.approx(module.products(left, right), abs=1e-6)


def test_a_screen_that_passes_everything_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST", 1)
    unit = deduplicate(np.repeat(normal(60, 64), 3, axis=0) + 0.3 * normal(180, 64, seed=2)).unit

    def everything(rows: np.ndarray, floor: float) -> Callable[[slice, slice], Pairs]:
        return screen(rows, -2.0)

    def listed(screening: module.Screening) -> list[tuple[int, int]]:
        return sorted(pair for found in pairs(unit, 0.6, None, screening) for pair in zip(*found, strict=True))

    assert listed(everything) == listed(screen)
    assert len(listed(screen)) > 100


def test_cells_with_their_members_and_what_rows_share() -> None:
    cells = np.array([[0, 3], [2, 3], [0, 2], [1, 4]], dtype=np.int32)
    assert [(cell, rows.tolist()) for cell, rows in members(cells)] == [(0, [0, 2]), (2, [1, 2]), (3, [0, 1])]
    assert shared(cells, np.array([0, 0, 1, 3]), np.array([1, 2, 2, 0])).tolist() == [3, 0, 2, -1]


def test_in_cells_each_pair_is_found_once_however_many_cells_it_shares() -> None:
    unit = deduplicate(np.ones((6, 3)) + 0.01 * normal(6, 3)).unit
    cells = np.array([[0, 1], [0, 1], [1, 2], [2, 0], [3, 4], [5, 6]], dtype=np.int32)
    found = sorted(pair for some in pairs(unit, 0.9, cells) for pair in zip(*some, strict=True))
    assert found == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_pair_by_pair_a_pair_at_the_threshold_counts_too(
    kind: Callable[[np.ndarray], Vectors], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LEAST", 1)
    for name in ("CHECK", "SPARSE_CHECK"):
        monkeypatch.setattr(bounds, name, 0)
    for name in ("CROWD", "SPARSE_CROWD"):
        monkeypatch.setattr(module, name, 0)
    turns = np.arccos(0.82) * np.arange(3) + [0, 0, 1e-5]
    vectors = np.pad(np.stack([np.cos(turns), np.sin(turns)], axis=1), ((0, 0), (0, 40)))
    assert alike(kind(vectors), 0.82).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_pairs_are_decided_block_by_block_alike() -> None:
    unit = deduplicate(normal(60, 12)).unit
    left, right = np.triu_indices(60, 1)
    whole, blocks = (module._decided(unit, left, right, 0.3, at_once) for at_once in (10_000, 7))
    products = unit[left] * unit[right]
    assert isinstance(products, np.ndarray)
    wanted = products.sum(axis=1) >= 0.3
    for found in (whole, blocks):
        assert (found[0].tolist(), found[1].tolist()) == (left[wanted].tolist(), right[wanted].tolist())
    assert [len(side) for side in module._decided(unit, left[:0], right[:0], 0.3)] == [0, 0]


def test_a_screen_lets_through_what_reaches_the_floor_with_its_row_numbers() -> None:
    within = screen(np.eye(4)[[0, 1, 0, 3, 1]], 1.0)
    assert sorted(zip(*(side.tolist() for side in within(slice(1, 3), slice(2, 5))), strict=True)) == [(1, 4), (2, 2)]


def test_cells_are_listed_with_all_their_rows_in_order() -> None:
    assert [(cell, rows.tolist()) for cell, rows in members(np.array([[1], [1]]))] == [(1, [0, 1])]
    many = np.random.default_rng(0).integers(0, 3, (200, 1))
    assert [rows.tolist() for _, rows in members(many)] == [np.flatnonzero(many == cell).tolist() for cell in range(3)]


def test_shared_cells_are_looked_up_block_by_block_alike() -> None:
    cells = np.random.default_rng(0).integers(0, 9, (30, 2)).astype(np.int32)
    left, right = np.triu_indices(30, 1)
    wanted = [
        min({*cells[one].tolist()} & {*cells[two].tolist()}, default=-1) for one, two in zip(left, right, strict=True)
    ]
    assert shared(cells, left, right).tolist() == shared(cells, left, right, at_once=7).tolist() == wanted


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_a_row_that_is_not_finite_is_found_among_many(kind: Callable[[np.ndarray], Vectors]) -> None:
    vectors = np.ones((2500, 3), dtype=np.float32)
    assert len(deduplicate(kind(vectors)).first) == 1
    vectors[[2300, 1700], 1] = np.nan, -np.inf
    with pytest.raises(InputError, match="vectors: row 1700 of 2500 "):
        deduplicate(kind(vectors))
