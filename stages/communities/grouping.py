"""Texts to communities, by what section `measure` says (§3.3)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stages.communities import bfloat16
from stages.communities.communities import communities
from stages.communities.kmeans import WIDTH, cells
from stages.communities.neighbors import Neighbors
from stages.communities.recall import neighbor_recall
from stages.communities.settings import Measure
from stages.similarity.bounds import coordinates
from stages.similarity.distinct import deduplicate, expand
from stages.similarity.vectors import vectors


class Grouped(NamedTuple):
    """Communities (row numbers, the center first), and the share of alike pairs that they were made from."""

    communities: list[np.ndarray]
    neighbor_recall: float | None  # None: all pairs were compared

    @property
    def sizes(self) -> list[int]:
        """Rows of each community, the largest first."""
        return [len(members) for members in self.communities]


def grouped(texts: Sequence[str], params: Measure) -> Grouped:
    """Return the communities of `texts`; equal texts are read once."""
    places = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    encoded = vectors(list(places), params.representation, params.tokenizer, params.encoder)
    rows = expand(deduplicate(encoded), np.array([places[text] for text in texts]))
    distinct = len(rows.first)
    near_by = cells(coordinates(rows.unit, WIDTH)) if distinct > params.exact_limit else None
    near = Neighbors(rows, params.threshold, near_by, bfloat16.fastest(distinct))
    recall = None if near_by is None else neighbor_recall(rows.unit, params.threshold, near_by)
    return Grouped(communities(rows, near, params.algorithm), recall)
