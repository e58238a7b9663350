"""Cells keep neighbors together."""

import numpy as np
import pytest

from stages.communities import kmeans as port


def test_every_row_lies_in_its_nearest_cells_and_neighbors_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "ROWS", 50)
    monkeypatch.setattr(port, "PLACES", 3)
    rng = np.random.default_rng(2)
    crowd = np.repeat(np.arange(40), 25)
    rows = (rng.normal(size=(40, 16))[crowd] + 0.2 * rng.normal(size=(1000, 16))).astype(np.float32)
    found = port.cells(rows)
    assert found.shape == (1000, 3)
    assert found.dtype == np.dtype("int32")
    assert found.min() == 0 and found.max() == 19
    together = (found[:-1, :, None] == found[1:, None, :]).any(axis=(1, 2))
    assert together[crowd[:-1] == crowd[1:]].mean() > 0.95
    assert together[crowd[:-1] != crowd[1:]].mean() < 0.6


def test_few_rows_are_one_cell() -> None:
    assert port.cells(np.eye(6, dtype=np.float32)).tolist() == [[0]] * 6


def test_a_number_of_rows_that_no_cell_divides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "ROWS", 4)
    assert port.cells(np.eye(6, dtype=np.float32)).tolist() == [[0]] * 6
    assert port.cells(np.eye(8, dtype=np.float32)).max() == 1


def test_what_all_rows_share_sends_them_to_no_common_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame around every prompt is a large vector added to each: cells are found as if it were not there."""
    monkeypatch.setattr(port, "ROWS", 50)
    monkeypatch.setattr(port, "PLACES", 1)
    rng = np.random.default_rng(2)
    crowd = np.repeat(np.arange(20), 50)
    bare = rng.normal(size=(20, 16))[crowd] + 0.1 * rng.normal(size=(1000, 16))
    frame = 3000 * np.where(np.arange(16) % 2, 1, -1)
    for rows in (bare, bare + frame):
        found = port.cells(rows.astype(np.float32))[:, 0]
        assert len(np.unique(found)) > 12
        assert np.mean([len(np.unique(found[crowd == n])) for n in range(20)]) < 2
