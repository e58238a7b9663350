"""Communities by the graph of neighbors, for comparison with the greedy ones: Louvain's, and connected components."""

import numpy as np

from stages.communities.neighbors import MOST, Neighbors
from stages.core.errors import ParamsError
from stages.similarity.near_duplicates import connected

SEED = 0  # Louvain visits nodes in random order


def louvain(near: Neighbors, weights: np.ndarray) -> list[np.ndarray]:
    """Return the groups of each community of Louvain's method (Blondel et al., 2008), ascending, by their first member.

    A group of `weights[i]` equal rows is one node with the edges of all its rows, so the modularity is that of the rows.
    """
    import networkx as nx  # noqa: PLC0415 - .2 s to import, and mostly communities are by threshold

    if not near.listed:
        raise ParamsError(
            f"params.yaml: measure.algorithm louvain: more than {MOST} pairs of prompts are alike at measure.threshold; "
            "raise it, or use threshold or components"
        )
    graph = nx.Graph()
    graph.add_nodes_from(range(len(weights)))
    graph.add_weighted_edges_from((n, n, int(w) * (int(w) - 1) / 2) for n, w in enumerate(weights) if w > 1)
    for left, right in near.every():
        products = (weights[left] * weights[right]).tolist()
        graph.add_weighted_edges_from(zip(left.tolist(), right.tolist(), products, strict=True))
    groups = nx.community.louvain_communities(graph, weight="weight", seed=SEED)
    return sorted((np.array(sorted(nodes)) for nodes in groups), key=lambda nodes: int(nodes[0]))


def components(near: Neighbors, weights: np.ndarray) -> list[np.ndarray]:
    """Return the groups of each connected component, ascending, by their first member."""
    labels = connected(near.every(), len(weights))
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(labels))[:-1])
    return sorted(groups, key=lambda nodes: int(nodes[0]))
