"""Communities against Sentence Transformers' own function, on inputs of every shape.

They are those of 6.2 and later. Before, a community whose center an earlier one had claimed kept its other rows as one more
community, and the first of equal rows need not be the center: 9 of these 30 inputs gave the same, 14 the same but for the centers.
"""

import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from scipy import sparse

from stages.communities import louvain, neighbors
from stages.communities.communities import Algorithm, communities
from stages.communities.neighbors import Neighbors
from stages.core.errors import InputError, ParamsError
from stages.similarity import bounds, pairs
from stages.similarity.bounds import Vectors
from stages.similarity.distinct import deduplicate

Make = Callable[[np.random.Generator], np.ndarray]


def theirs(vectors: np.ndarray, threshold: float) -> list[tuple[int, frozenset[int]]]:
    from sentence_transformers.util import community_detection

    found = community_detection(vectors.astype(np.float32), threshold=threshold, min_community_size=1)
    return [(int(rows[0]), frozenset(map(int, rows))) for rows in found]


def found_in(vectors: Vectors, threshold: float, algorithm: Algorithm = "threshold") -> list[np.ndarray]:
    rows = deduplicate(vectors)
    return communities(rows, Neighbors(rows, threshold), algorithm)


def ours(vectors: Vectors, threshold: float, algorithm: Algorithm = "threshold") -> list[tuple[int, frozenset[int]]]:
    return [(int(rows[0]), frozenset(rows.tolist())) for rows in found_in(vectors, threshold, algorithm)]


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
    "blown up": lambda rng: clustered(rng) * rng.uniform(0.01, 100, (300, 1)),
    "one crowd": lambda rng: np.concatenate(
        [np.eye(40)[0] + 0.02 * rng.normal(size=(150, 40)), rng.normal(size=(99, 40))]
    ),
    "opposites": lambda rng: np.concatenate([clustered(rng), -clustered(rng)]),
    "chain": lambda rng: np.stack([np.cos(np.arange(80) / 9), np.sin(np.arange(80) / 9)], axis=1),
}


def test_only_versions_whose_communities_these_are_can_be_installed(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    allowed = next(r.specifier for r in map(Requirement, project["dependencies"]) if r.name == "sentence-transformers")
    assert not any(allowed.contains(old) for old in ("5.1.0", "5.7.0", "6.0.1", "6.1.0"))
    assert allowed.contains(version("sentence-transformers"))


def test_a_claimed_center_founds_no_community() -> None:
    """In a chain of nine the fourth claims 1 to 7; of the rest 8 is claimed by 9 or 9 by 8, but not by 7, which is claimed."""
    turns = np.arange(9) * 0.1
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    assert ours(vectors, np.cos(0.35)) == [(3, frozenset(range(7))), (7, frozenset({7, 8}))]


@pytest.mark.parametrize("threshold", [0.3, 0.82, 0.95])
@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.slow
def test_the_same_as_sentence_transformers(name: str, threshold: float) -> None:
    vectors = INPUTS[name](np.random.default_rng(7)).astype(np.float32)
    assert ours(vectors, threshold) == theirs(vectors, threshold)


@pytest.mark.parametrize("threshold", [0.3, 0.82, 0.95])
@pytest.mark.parametrize("name", INPUTS)
def test_the_same_with_sketches(name: str, threshold: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST", 2)
    monkeypatch.setattr(bounds, "WIDTHS", (2, 4, 8, 16))
    monkeypatch.setattr(pairs, "BLOCK", 64)
    vectors = INPUTS[name](np.random.default_rng(7)).astype(np.float32)
    assert ours(vectors, threshold) == theirs(vectors, threshold)


@pytest.mark.parametrize("most", [0, 60, 1500])
@pytest.mark.parametrize("name", INPUTS)
def test_the_same_when_the_pairs_are_too_many_to_list(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST", most)
    for threshold in (0.0, 0.3, 0.6):
        vectors = INPUTS[name](np.random.default_rng(11)).astype(np.float32)
        assert ours(vectors, threshold) == theirs(vectors, threshold)


def test_too_many_pairs_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST", 60)
    rows = deduplicate(clustered(np.random.default_rng(1)))
    near = Neighbors(rows, 0.3)
    assert not near.listed
    assert not near._pairs
    assert near.degree.sum() > 120
    assert near.neighborhood_size.tolist() == (near.degree + 1).tolist()  # no copies here


@pytest.mark.parametrize("name", ["clustered", "duplicated", "all distinct"])
def test_sparse_vectors_give_the_same_communities(name: str) -> None:
    vectors = INPUTS[name](np.random.default_rng(3)).astype(np.float32)
    assert ours(sparse.csr_matrix(vectors), 0.82) == ours(vectors, 0.82)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clustered(np.random.default_rng(5)).astype(np.float32)
    whole = ours(vectors, 0.6)
    monkeypatch.setattr(pairs, "BLOCK", 64)
    assert ours(vectors, 0.6) == whole
    assert len(whole) > 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=1, max_size=30), st.sampled_from([0.5, 0.82, 0.99]))
def test_every_row_is_in_exactly_one_community(rows: list[tuple[int, ...]], threshold: float) -> None:
    found = found_in(np.array(rows, dtype=np.float32), threshold)
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
    assert found_in(np.zeros((0, 3), dtype=np.float32), 0.5) == []


def test_cells_only_hide_pairs() -> None:
    vectors = clustered(np.random.default_rng(2)).astype(np.float32)
    rows = deduplicate(vectors)
    everywhere = np.zeros((len(rows.first), 1), dtype=np.int32)
    found = communities(rows, Neighbors(rows, 0.6, everywhere))
    assert [members.tolist() for members in found] == [members.tolist() for members in found_in(vectors, 0.6)]
    apart = np.arange(len(rows.first), dtype=np.int32)[:, None]
    assert len(communities(rows, Neighbors(rows, 0.6, apart))) == len(rows.first)


def test_cells_hide_pairs_where_they_are_too_many_to_list_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST", 10)
    rows = deduplicate(clustered(np.random.default_rng(2)))
    halves = (np.arange(300, dtype=np.int32) // 150)[:, None]
    near = Neighbors(rows, 0.6, halves)
    assert not near.listed
    assert all({*(members // 150)} in ({0}, {1}) for members in communities(rows, near, "components"))
    assert any({*(members // 150)} == {0, 1} for members in communities(rows, Neighbors(rows, 0.6), "components"))


@pytest.mark.parametrize("most", [10, 1 << 20])
def test_components_reach_over_a_third_row(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST", most)
    chain = INPUTS["chain"](np.random.default_rng(0))
    separate = np.concatenate([chain[:20], chain[40:50], chain[40:42]])
    rows = deduplicate(separate)
    assert Neighbors(rows, 0.99).listed == (most > 50)
    assert [len(members) for _, members in ours(separate, 0.99, "components")] == [20, 12]
    assert len(ours(separate, 0.99)) > 2


def test_louvain_splits_two_crowds_joined_by_a_bridge() -> None:
    turns = np.array([0.0, 0.1, 0.2, 0.3, 0.85, 1.4, 1.5, 1.6, 1.7, 1.7])
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    assert {len(rows) for _, rows in ours(vectors, np.cos(0.6), "components")} == {10}
    found = ours(vectors, np.cos(0.6), "louvain")
    assert {4, 5} & {len(rows) for _, rows in found}
    assert sorted(row for _, rows in found for row in rows) == list(range(10))
    assert any({8, 9} <= rows for _, rows in found)


def test_louvain_needs_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST", 5)
    with pytest.raises(ParamsError, match=r"measure\.threshold"):
        found_in(clustered(np.random.default_rng(1)), 0.3, "louvain")


def test_one_row_that_is_not_finite_is_refused_by_its_number() -> None:
    """Let pass, it made each row of its block a community of its own: 5,000 instead of 4,900."""
    for bad, kind in ((np.nan, np.asarray), (np.inf, np.asarray), (-np.inf, sparse.csr_matrix)):
        vectors = clustered(np.random.default_rng(2)).astype(np.float32)
        vectors[[217, 250], 3] = bad
        with pytest.raises(
            InputError, match=r"^vectors: row 217 of 300 \(the first is 0\) holds NaN or infinity; mend"
        ):
            found_in(kind(vectors), 0.82)


def test_the_center_is_the_row_with_the_largest_neighborhood() -> None:
    """The last row lies between two pairs and has both near; of two rows with as many neighbors the first is taken."""
    turns = np.array([0.0, 0.1, 0.4, 0.5, 0.25])
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    assert ours(vectors, np.cos(0.26), "components") == [(4, frozenset(range(5)))]
    assert ours(vectors, np.cos(0.26), "louvain") == [(4, frozenset({0, 1, 4})), (2, frozenset({2, 3}))]


def test_components_list_their_groups_in_order() -> None:
    turns = np.random.default_rng(0).permutation(np.concatenate([np.arange(120) / 100, 2 + np.arange(90) / 100]))
    rows = deduplicate(np.stack([np.cos(turns), np.sin(turns)], axis=1))
    found = louvain.components(Neighbors(rows, np.cos(0.015)), rows.weights)
    assert [len(groups) for groups in found] in ([120, 90], [90, 120])
    assert all((np.diff(groups) > 0).all() for groups in found)


def partitions(nodes: list[int]) -> Iterator[list[set[int]]]:
    """Yield every way to divide the nodes."""
    if not nodes:
        yield []
        return
    for rest in partitions(nodes[1:]):
        yield [{nodes[0]}, *rest]
        for n, part in enumerate(rest):
            yield [*rest[:n], part | {nodes[0]}, *rest[n + 1 :]]


@pytest.mark.parametrize("seed", [6, 14, 18, 22, 32, 48])  # in these the number of copies decides
def test_louvain_finds_the_best_division_of_the_rows_copies_counted(seed: int) -> None:
    """Modularity by hand: over all rows, equal ones joined with each other; no other division of the groups has more of it."""
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0, 1.2, 6))
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1).repeat(rng.integers(1, 4, 6), axis=0)
    rows = deduplicate(vectors)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(vectors)))
    alike = np.argwhere(np.triu(vectors @ vectors.T >= np.cos(0.4), k=1))
    graph.add_edges_from(alike.tolist())

    def modularity(parts: list[set[int]]) -> float:
        return float(nx.community.modularity(graph, [set(np.flatnonzero(np.isin(rows.group, [*p]))) for p in parts]))

    found = louvain.louvain(Neighbors(rows, np.cos(0.4)), rows.weights)
    best = max(map(modularity, partitions(list(range(len(rows.first))))))
    assert modularity([set(groups.tolist()) for groups in found]) == pytest.approx(best)


def test_louvain_finds_the_same_again() -> None:
    vectors = np.random.default_rng(3).normal(size=(150, 4)).astype(np.float32)
    assert len({str(ours(vectors, 0.5, "louvain")) for _ in range(6)}) == 1
