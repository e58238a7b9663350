"""Stage judge on a real Ray of this machine: the same bytes."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.rows.label_quality import LabelQuality
from stages.rows.sample import LabeledSample

ANSWERS = (
    "# Title",
    "Rosa can pay 999 thousand.",
    "Rosa can pay 401 thousand.",
    "```json\n{}\n```",
    "",
    "Rosa hat 400.",
)


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed")
def test_ray_writes_the_same_bytes(labels: list[LabeledSample], root: Path, tmp_path: Path) -> None:
    rows = [
        row.model_copy(update={"id": f"{row.id}-{n}", "answer": ANSWERS[n % len(ANSWERS)] or row.answer})
        for n in range(4000 // len(labels))
        for row in labels
    ]
    jsonl.write(tmp_path / "labels.jsonl", rows)
    (tmp_path / "params.yaml").write_text((root / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    inputs = {
        "--reviews": root / "data/review/judge.jsonl",
        "--prompts": root / "prompts/judge",
        "--calibration": root / "metrics/calibration.json",
        "--base": root / "models/base",
    }
    for engine in ("local", "ray"):
        outs = {"--target": f"{engine}/target", "--report": f"{engine}/report"}
        options = {"--source": "labels.jsonl", **inputs, **outs}
        words = [
            sys.executable,
            "-m",
            "stages.samples.judge",
            *(str(word) for pair in options.items() for word in pair),
        ]
        environment = {**os.environ, "PYTHONPATH": str(root), "DIAL_INSIGHT_ENGINE": engine}
        subprocess.run(words, cwd=tmp_path, env=environment, check=True)
    for out in ("target", "report"):
        assert (tmp_path / "ray" / out).read_bytes() == (tmp_path / "local" / out).read_bytes()
    found = jsonl.read(tmp_path / "ray" / "target", LabelQuality)
    assert [row.id for row in found] == [row.id for row in rows] and len({row.quality for row in found}) == 3
