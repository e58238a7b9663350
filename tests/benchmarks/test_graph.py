"""The yardstick of an idle `make repro`: as many trivial stages, and a clone that has work is no clone to measure."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import graph

pytestmark = pytest.mark.slow


def test_the_trivial_graph_has_as_many_stages_and_nothing_to_do(tmp_path: Path) -> None:
    graph.build(tmp_path, 4)
    assert len(yaml.safe_load((tmp_path / "dvc.lock").read_text(encoding="utf-8"))["stages"]) == 4
    assert (tmp_path / "4.txt").read_text(encoding="utf-8") == "4\n"
    cost = graph.idle(tmp_path, [str(graph.BIN / "dvc"), "repro"])
    assert cost.processor > 0 and cost.seconds > 0


def test_work_to_do_is_not_measured(tmp_path: Path) -> None:
    graph.build(tmp_path, 2)
    (tmp_path / "0.txt").write_text("other\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="run it there until it has nothing to do"):
        graph.idle(tmp_path, [str(graph.BIN / "dvc"), "repro"])


def test_a_clone_without_a_graph_is_refused_in_one_line(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--template="], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.graph", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
