"""Communities against Sentence Transformers' own function, on inputs of every shape."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from stages.measures.communities import communities

Make = Callable[[np.random.Generator], np.ndarray]


def theirs(vectors: np.ndarray, threshold: float) -> list[tuple[int, frozenset[int]]]:
    from sentence_transformers.util import community_detection

    found = community_detection(vectors.astype(np.float32), threshold=threshold, min_community_size=1)
    return [(int(rows[0]), frozenset(map(int, rows))) for rows in found]


def ours(vectors: np.ndarray | sparse.csr_matrix, threshold: float) -> list[tuple[int, frozenset[int]]]:
    return [(int(rows[0]), frozenset(rows.tolist())) for rows in communities(vectors, threshold)]


def clustered(rng: np.random.Generator) -> np.ndarray:
    centers = rng.normal(size=(12, 24))
    return centers[rng.integers(0, 12, 300)] + 0.35 * rng.normal(size=(300, 24))


def duplicated(rng: np.random.Generator) -> np.ndarray:
    return clustered(rng)[:40][rng.integers(0, 40, 300)]


INPUTS: dict[str, Make] = {
    "random": lambda rng: rng.normal(size=(250, 6)),
    "clustered": clustered,
    "duplicated": duplicated,
    "all equal": lambda rng: np.ones((60, 5)),
    "all distinct": lambda rng: np.eye(70),
    "one row": lambda rng: np.ones((1, 4)),
    "chain": lambda rng: np.stack([np.cos(np.arange(80) / 9), np.sin(np.arange(80) / 9)], axis=1),
}


@pytest.mark.parametrize("threshold", [0.3, 0.82, 0.95])
@pytest.mark.parametrize("name", INPUTS)
def test_the_same_as_sentence_transformers(name: str, threshold: float) -> None:
    vectors = INPUTS[name](np.random.default_rng(7)).astype(np.float32)
    assert ours(vectors, threshold) == theirs(vectors, threshold)


@pytest.mark.parametrize("name", ["clustered", "duplicated", "all distinct"])
def test_sparse_vectors_give_the_same_communities(name: str) -> None:
    vectors = INPUTS[name](np.random.default_rng(3)).astype(np.float32)
    assert ours(sparse.csr_matrix(vectors), 0.82) == ours(vectors, 0.82)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clustered(np.random.default_rng(5)).astype(np.float32)
    whole = ours(vectors, 0.6)
    monkeypatch.setattr("stages.measures.similarity.BLOCK", 7)
    assert ours(vectors, 0.6) == whole
    assert len(whole) > 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=1, max_size=30), st.sampled_from([0.5, 0.82, 0.99]))
def test_every_row_is_in_exactly_one_community(rows: list[tuple[int, ...]], threshold: float) -> None:
    found = communities(np.array(rows, dtype=np.float32), threshold)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(rows)))
    assert [len(members) for members in found] == sorted((len(members) for members in found), reverse=True)
    for center, *others in (members.tolist() for members in found):
        assert others == sorted(others)
        for row in others:
            one, two = np.array(rows[center], float), np.array(rows[row], float)
            assert one @ two >= (threshold - 1e-6) * np.linalg.norm(one) * np.linalg.norm(two)


def test_rows_without_words_are_alike_only_to_each_other() -> None:
    vectors = np.array([[0, 0], [1, 0], [0, 0]], dtype=np.float32)
    assert ours(vectors, 0.1) == [(0, frozenset({0, 2})), (1, frozenset({1}))]


def test_nothing_gives_nothing() -> None:
    assert communities(np.zeros((0, 3), dtype=np.float32), 0.5) == []
