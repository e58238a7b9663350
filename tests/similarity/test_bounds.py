"""A sketch's products are never below the cosines they stand for."""

import numpy as np
import pytest
from scipy import sparse

from stages.similarity import bounds
from stages.similarity.bounds import SLACK, axes, coordinates, sketch, spread
from stages.similarity.distinct import deduplicate


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST", 2)
    monkeypatch.setattr(bounds, "CHECK", 500)  # in so small a set many pairs are alike


def crowds(rows: int = 300, width: int = 200, noise: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.asarray(rng.normal(size=(30, width))[rng.integers(0, 30, rows)] + noise * rng.normal(size=(rows, width)))


@pytest.mark.parametrize(("dense", "density"), [(True, 1.0), (False, 1.0), (False, 0.1)])
def test_bounds_hold_for_every_pair(dense: bool, density: float) -> None:
    exact = deduplicate(crowds() * (np.random.default_rng(1).random((300, 200)) < density)).unit
    assert isinstance(exact, np.ndarray)
    found = coordinates(exact if dense else sparse.csr_matrix(exact), 128)
    assert found.shape[1] < exact.shape[1]
    cosines = exact.astype(np.float64) @ exact.T.astype(np.float64)
    assert (found @ found.T >= cosines - SLACK).all()
    if dense:
        assert (found @ found.T >= 0.82).mean() < 1.2 * (cosines >= 0.82).mean() + 0.02


def test_prompts_with_other_rare_words_are_ruled_out() -> None:
    rng = np.random.default_rng(4)
    topic = rng.integers(0, 100, 400)
    words = np.where(
        rng.random((400, 60)) < 0.4,
        rng.integers(0, 20, (400, 60)),
        20 + topic[:, None] * 30 + rng.integers(0, 30, (400, 60)),
    )
    counts = sparse.csr_matrix((np.ones(words.size), words.ravel(), np.arange(401) * 60), shape=(400, 3020))
    unit = deduplicate(sparse.csr_matrix(counts)).unit
    found = sketch(unit, 0.82)
    assert found is not None
    assert found.shape[1] < 200
    cosines = sparse.csr_matrix(unit @ unit.T).toarray()
    assert (found @ found.T >= cosines - SLACK).all()
    assert (found @ found.T >= 0.82).mean() < 0.01 < (cosines >= 0.5).mean()


def test_bounds_hold_where_nothing_is_left_over() -> None:
    exact = deduplicate(crowds(noise=0.0)[:, :40] @ np.eye(40, 200)).unit
    assert isinstance(exact, np.ndarray)
    found = sketch(exact, 0.95)
    assert found is not None
    assert (found @ found.T >= exact.astype(np.float64) @ exact.T - SLACK).all()


def test_no_sketch_where_it_would_not_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = deduplicate(np.random.default_rng(0).normal(size=(300, 64))).unit
    assert sketch(unit, 0.0) is None
    monkeypatch.setattr(bounds, "LEAST", 301)
    assert sketch(unit, 0.9) is None


def test_axes_are_orthonormal_and_the_longest_first() -> None:
    rows = crowds() * np.linspace(2, 0.1, 200)
    found = axes(rows.astype(np.float32), 24)
    assert found.T @ found == pytest.approx(np.eye(24), abs=1e-5)
    lengths = np.linalg.norm(rows @ found, axis=0)
    assert (np.diff(lengths) < 1e-3).all()
    best = np.linalg.norm(np.linalg.svd(rows, compute_uv=False)[:24])
    assert np.linalg.norm(lengths) > 0.95 * best


def test_coordinates_have_the_asked_width_or_all_there_is() -> None:
    assert coordinates(deduplicate(crowds()).unit, 16).shape == (300, 16)
    assert coordinates(sparse.csr_matrix(deduplicate(crowds()).unit), 16).shape == (300, 16)
    assert coordinates(deduplicate(crowds(width=5)).unit, 16).shape == (300, 6)  # and the rest, nothing here
    assert spread(10, 4).tolist() == [0, 3, 6, 9]


def test_a_rest_smaller_than_the_rounding_still_bounds_a_row_that_is_mostly_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By float32 parts the rest of the first 60 rows is 0; times a rest of 0.8 it is more than SLACK all the same."""
    rng = np.random.default_rng(0)
    inside = np.zeros((400, 40))
    inside[:, :8] = rng.normal(size=(400, 8))
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    axis = np.eye(40)[20]
    inside[:60] = np.sqrt(1 - 9e-8) * inside[:60] + 3e-4 * axis
    inside[60:70] = 0.6 * inside[:10] + 0.8 * axis
    unit = deduplicate(inside).unit
    assert isinstance(unit, np.ndarray)
    cosines = unit.astype(np.float64) @ unit.T.astype(np.float64)

    def holds() -> bool:
        found = coordinates(unit, 9)
        assert found.shape == (400, 9)
        return bool((found @ found.T >= cosines - SLACK).all())

    assert holds()
    monkeypatch.setattr(bounds, "INFLATION", 0)
    assert not holds()
