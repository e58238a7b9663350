"""A bfloat16 screen lets through all that float32 does."""

import numpy as np
import pytest

from stages.communities import bfloat16
from stages.similarity.distinct import deduplicate
from stages.similarity.pairs import pairs, screen


@pytest.mark.slow
def test_no_alike_pair_is_ruled_out() -> None:
    rng = np.random.default_rng(5)
    rows = deduplicate(rng.normal(size=(20, 24))[rng.integers(0, 20, 500)] + 0.3 * rng.normal(size=(500, 24))).unit
    assert isinstance(rows, np.ndarray)
    left, right = slice(0, 200), slice(150, 500)
    sure, maybe = (
        set(zip(*(side.tolist() for side in within(left, right)), strict=True))
        for within in (screen(rows, 0.82), bfloat16.bf16_prefilter(rows, 0.82))
    )
    assert sure <= maybe
    assert len(maybe) < 1.3 * len(sure)
    assert {one for one, _ in maybe} <= set(range(200))
    assert {two for _, two in maybe} <= set(range(150, 500))


@pytest.mark.slow
def test_pairs_just_above_the_threshold_are_not_ruled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products near 0.8223 become 0.8203 or 0.8242 in bfloat16, and so does the floor."""
    rng = np.random.default_rng(5)
    first, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in rng.normal(size=(2, 200, 24)))
    other -= first * np.einsum("ij,ij->i", first, other)[:, None]
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    rows = np.concatenate([first, 0.8223 * first + np.sqrt(1 - 0.8223**2) * other]).astype(np.float32)

    def missing() -> int:
        found = bfloat16.bf16_prefilter(rows, 0.82229)(slice(0, 200), slice(200, 400))
        return len({(n, n + 200) for n in range(200)} - set(zip(*(side.tolist() for side in found), strict=True)))

    assert missing() == 0
    monkeypatch.setattr(bfloat16, "MARGIN", 0)
    assert missing() > 20


def test_small_data_does_not_wait_for_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bfloat16, "is_faster", lambda: True)
    assert bfloat16.fastest(bfloat16.LEAST - 1) is None
    assert bfloat16.fastest(bfloat16.LEAST) is bfloat16.bf16_prefilter
    monkeypatch.setattr(bfloat16, "is_faster", lambda: False)
    assert bfloat16.fastest(bfloat16.LEAST) is None


def test_pairs_are_the_same_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.similarity.bounds.LEAST", 2)
    rng = np.random.default_rng(6)
    unit = deduplicate(rng.normal(size=(40, 128))[rng.integers(0, 40, 300)] + 0.4 * rng.normal(size=(300, 128))).unit
    found = [
        sorted(pair for some in pairs(unit, 0.82, None, screening) for pair in zip(*some, strict=True))
        for screening in (screen, bfloat16.bf16_prefilter)
    ]
    assert found[0] == found[1]
    assert found[0]
