"""Stage drift: a row a passage, in order, the same each time."""

from pathlib import Path

import pytest

from stages.core import jsonl
from stages.evaluation.drift import main
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import Passage
from tests.support.tiny_model import build_tiny

pytestmark = pytest.mark.slow

PASSAGES = [
    Passage(id="t0", language="en", kind="story", text="Once there was a bridge."),
    Passage(id="t1", language="zh", kind="story", text="从前有一座桥。"),
]


def test_a_row_a_passage(tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = build_tiny(tmp_path / "other", seed=1)
    jsonl.write(tmp_path / "text.jsonl", PASSAGES)
    main(base=tiny_model, tuned=other, source=tmp_path / "text.jsonl", target=tmp_path / "drift.jsonl")
    first = (tmp_path / "drift.jsonl").read_bytes()
    rows = jsonl.read(tmp_path / "drift.jsonl", Drift)
    assert [(row.id, row.language, row.tokens) for row in rows] == [
        ("t0", "en", 24),
        ("t1", "zh", 21),
    ]  # a token a byte
    assert all(row.kl / row.tokens > 0.1 and row.agree < row.tokens for row in rows)
    main(base=tiny_model, tuned=other, source=tmp_path / "text.jsonl", target=tmp_path / "drift.jsonl")
    assert (tmp_path / "drift.jsonl").read_bytes() == first
    assert capfd.readouterr().out == ""
