"""Stage anonymize on a real Ray of this machine: the same bytes."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.rows.dialogue import Dialogue
from tests.dialogues.conftest import Make


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed")
def test_ray_writes_the_same_bytes(make: Make, corpus: list[Dialogue], root: Path, tmp_path: Path) -> None:
    talk = ("Deborah Quill", "This is Deborah, call me on 07700 90{:04d}."), ("Ansgar Bell", "Thanks, Deborah.")
    rows = [make(*((who, text.format(n)) for who, text in talk), key=f"made-{n}") for n in range(2500)]
    jsonl.write(tmp_path / "in.jsonl", [*rows[:1000], *corpus[::8], *rows[1000:]])
    (tmp_path / "params.yaml").write_text((root / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    inputs = {
        "--domain": root / "prompts/real_estate/domain.yaml",
        "--gold": root / "data/raw/pii_gold.jsonl",
        "--reviews": root / "data/review/personal.jsonl",
        "--held-out": root / "data/test/real_estate/dialogues.jsonl",
    }
    outs = ("target", "left", "report")
    for engine in ("local", "ray"):
        options = {"--source": "in.jsonl", **inputs, **{f"--{out}": f"{engine}/{out}" for out in outs}}
        words = [
            sys.executable,
            "-m",
            "stages.dialogues.anonymize",
            *(str(word) for pair in options.items() for word in pair),
        ]
        environment = {**os.environ, "PYTHONPATH": str(root), "DIAL_INSIGHT_ENGINE": engine}
        subprocess.run(words, cwd=tmp_path, env=environment, check=True)
    for out in outs:
        assert (tmp_path / "ray" / out).read_bytes() == (tmp_path / "local" / out).read_bytes()
    assert len(jsonl.read(tmp_path / "ray" / "target", Dialogue)) == 2500 + len(corpus[::8])
