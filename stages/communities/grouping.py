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
from stages.similarity.bounds import Vectors, coordinates
from stages.similarity.distinct import deduplicate, expand
from stages.similarity.vectors import token_vectors, vectors
from stages.text.tokenizers import Encoded


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
    return _together(encoded, np.array([places[text] for text in texts]), params)


def grouped_tokens(texts: Encoded, params: Measure) -> Grouped:
    """Return the communities of texts that are encoded, in a representation that is made of tokens."""
    used, places = np.unique(texts.which, return_inverse=True)
    return _together(token_vectors(texts._replace(which=used), params.representation), places, params)


def _together(encoded: Vectors, places: np.ndarray, params: Measure) -> Grouped:
    """Return the communities of texts; `encoded` are the vectors of the distinct ones, `places` says which of them each is."""
    rows = expand(deduplicate(encoded), places)
    distinct = len(rows.first)
    near_by = cells(coordinates(rows.unit, WIDTH)) if distinct > params.exact_limit else None
    near = Neighbors(rows, params.threshold, near_by, bfloat16.fastest(distinct))
    recall = None if near_by is None else neighbor_recall(rows.unit, params.threshold, near_by)
    return Grouped(communities(rows, near, params.algorithm), recall)
