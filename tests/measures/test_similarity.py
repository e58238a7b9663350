"""Alike rows: folded by equality, compared in half the products, decided in full precision."""

import numpy as np
import pytest
from scipy import sparse

from stages.measures import similarity
from stages.measures.similarity import alike, fold


def test_equal_rows_are_folded_in_the_order_of_their_first() -> None:
    vectors = np.array([[2, 1], [1, 2], [2, 1], [1, 2], [3, 3]], dtype=np.float32)
    for given in (vectors, sparse.csr_matrix(vectors)):
        first, group = fold(given)
        assert first.tolist() == [0, 1, 4]
        assert group.tolist() == [0, 1, 0, 1, 2]


def test_the_graph_holds_exactly_the_pairs_at_the_threshold() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(90, 5)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    assert (alike(vectors, 0.4).graph.toarray() == (unit @ unit.T >= 0.4)).all()


def test_a_pair_at_the_threshold_counts_whichever_side_float32_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    angle = np.arccos(0.82)
    vectors = np.array([[1, 0], [np.cos(angle), np.sin(angle)], [np.cos(angle + 1e-5), np.sin(angle + 1e-5)]])
    assert alike(vectors, 0.82).graph.toarray().tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
    monkeypatch.setattr(similarity, "BLOCK", 1)
    assert alike(vectors, 0.82).graph.toarray().tolist() == [[1, 1, 0], [1, 1, 1], [0, 1, 1]]


def test_no_more_than_half_the_products_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    products = similarity._products

    def counted(block: np.ndarray, rest: np.ndarray) -> np.ndarray:
        nonlocal made
        made += len(block) * len(rest)
        return products(block, rest)

    monkeypatch.setattr(similarity, "BLOCK", 10)
    monkeypatch.setattr(similarity, "_products", counted)
    alike(np.random.default_rng(1).normal(size=(200, 4)), 0.9)
    assert made <= 0.55 * 200**2
