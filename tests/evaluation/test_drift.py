"""Stage drift: a row a passage, in order, the same each time."""

import json
from pathlib import Path

import pytest
import torch

from stages.core import jsonl
from stages.core.errors import ModelError
from stages.evaluation.divergence import kl
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
    paths = {
        "source": tmp_path / "text.jsonl",
        "target": tmp_path / "drift.jsonl",
        "report": tmp_path / "drift.json",
    }
    main(base=tiny_model, tuned=other, **paths)
    first = (tmp_path / "drift.jsonl").read_bytes()
    rows = jsonl.read(tmp_path / "drift.jsonl", Drift)
    assert [(row.id, row.language, row.tokens) for row in rows] == [
        ("t0", "en", 24),
        ("t1", "zh", 21),
    ]  # a token a byte
    assert all(row.kl / row.tokens > 0.1 and row.agree < row.tokens for row in rows)
    assert [row.noise_agree for row in rows] == [24, None]
    found = json.loads((tmp_path / "drift.json").read_text())
    assert found["zh"] == {
        "passages": 1,
        "tokens": 21,
        "kl": pytest.approx(rows[1].kl / 21, abs=1e-6),
        "disagreement": pytest.approx(1 - rows[1].agree / 21, abs=1e-6),
    }
    assert found["noise"] == {"passages": 1, "tokens": 24, "kl": pytest.approx(0, abs=1e-5), "disagreement": 0}
    main(base=tiny_model, tuned=other, **paths)
    assert (tmp_path / "drift.jsonl").read_bytes() == first
    assert capfd.readouterr().out == ""


def test_too_little_memory_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, *_: Path) -> None:
            """Load nothing."""

        def compare(self, _: str) -> kl.Divergence:
            raise torch.OutOfMemoryError

    monkeypatch.setattr(kl, "ModelPair", Full)
    jsonl.write(tmp_path / "text.jsonl", PASSAGES)
    with pytest.raises(ModelError, match=r"^drift: out of memory; take a larger GPU, or set CUDA_VISIBLE_DEVICES= to"):
        main(
            base=tmp_path,
            tuned=tmp_path,
            source=tmp_path / "text.jsonl",
            target=tmp_path / "drift.jsonl",
            report=tmp_path / "drift.json",
        )
    assert not (tmp_path / "drift.jsonl").exists()
