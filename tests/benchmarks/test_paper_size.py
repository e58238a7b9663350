"""Which stages the paper's size runs, and what is measured of each."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.paper_size import wanted
from stages.cli.dvc_graph import Step


def step(name: str, deps: tuple[str, ...], *outs: str) -> Step:
    return Step(name=name, command="", deps=deps, params=(), outs=outs)


def test_what_select_stands_on_runs_in_order_and_no_model_is_fetched() -> None:
    graph = [
        step("select", ("labels.jsonl", "quality.jsonl"), "train"),
        step("judge", ("labels.jsonl", "models/base"), "quality.jsonl"),
        step("label", ("pairs.jsonl", "models/base", "code"), "labels.jsonl"),
        step("base", (), "models/base"),
        step("sample", ("raw",), "pairs.jsonl"),
        step("testset", ("raw",), "test.jsonl"),
        step("finetune", ("train",), "models/tuned"),
    ]
    assert [each.name for each in wanted(graph)] == ["sample", "label", "judge", "select"]


def test_the_peak_is_the_commands_own(tmp_path: Path, root: Path) -> None:
    held = bytearray(400 << 20)  # of this process, which a child's peak must not show
    command = [sys.executable, str(root / "benchmarks/measured.py"), str(tmp_path / "used.json")]
    peaks = []
    for size in (0, 100):
        code = subprocess.call([*command, sys.executable, "-c", f"x = b'x' * ({size} << 20); raise SystemExit(3)"])
        assert code == 3
        peaks.append(json.loads((tmp_path / "used.json").read_text())["peak_mib"])
    assert 90 < peaks[1] - peaks[0] < 110
    assert peaks[1] < len(held) >> 20
