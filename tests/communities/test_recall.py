"""Recall of neighbors through cells, against counting by hand."""

import numpy as np
import pytest

from stages.communities import recall
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


def crowd(rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    unit = deduplicate(rng.normal(size=(12, 8))[rng.integers(0, 12, rows)] + 0.3 * rng.normal(size=(rows, 8))).unit
    assert isinstance(unit, np.ndarray)
    return unit, rng.integers(0, 6, (rows, 2)).astype(np.int32)


def test_with_few_rows_all_are_asked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "BLOCK", 70)
    unit, cells = crowd(300)
    alike = (unit @ unit.T >= 0.8) & ~np.eye(300, dtype=bool)
    together = (cells[:, None, :, None] == cells[None, :, None, :]).any(axis=(2, 3))
    assert neighbor_recall(unit, 0.8, cells) == (alike & together).sum() / alike.sum()


def test_with_many_a_draw_answers_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "SAMPLE", 40)
    unit, cells = crowd(300)
    found = [neighbor_recall(unit, 0.8, cells, *seed) for seed in ((), (0,), (1,), ())]
    assert found[0] == found[1] == found[3] != found[2]
