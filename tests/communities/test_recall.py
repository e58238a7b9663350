"""Recall of neighbors through cells, against counting by hand."""

import numpy as np
import pytest

from stages.communities.recall import neighbor_recall
from stages.similarity.distinct import deduplicate


def test_the_share_of_true_neighbors_that_share_a_cell() -> None:
    turns = np.array([0.0, 0.01, 0.02, 1.5])
    unit = deduplicate(np.stack([np.cos(turns), np.sin(turns)], axis=1)).unit
    cells = np.array([[0, 1], [0, 2], [3, 2], [0, 1]], dtype=np.int32)
    # True pairs: 0-1, 0-2, 1-2; seen: 0-1 (cell 0) and 1-2 (cell 2); row 3 has no neighbor.
    assert neighbor_recall(unit, 0.9, cells) == pytest.approx(2 / 3)
    assert neighbor_recall(unit, 0.9, np.zeros((4, 1), dtype=np.int32)) == 1


def test_without_neighbors_nothing_is_missed() -> None:
    assert neighbor_recall(deduplicate(np.eye(5)).unit, 0.9, np.arange(5, dtype=np.int32)[:, None]) == 1
