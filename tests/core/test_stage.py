"""How a stage reads its command line: named, typed, one line for what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

STAGE = """\
from pathlib import Path
from stages.core.row import Split
from stages.core.stage import run

def main(*, base: Path, tuned_scores: Path, split: Split) -> None:
    \"\"\"Compare two models.\"\"\"
    print(base.name, tuned_scores.name, split)

if __name__ == "__main__":
    run(main)
"""
RIGHT = ["--tuned-scores", "t.jsonl", "--split", "test", "--base", "b.jsonl"]
WRONG = {
    "a missing option": (RIGHT[:4], "--base"),
    "an unknown option": ([*RIGHT, "--tunde", "x"], "--tunde"),
    "a value that is none of the choices": (["--split", "tset", *RIGHT[:2], *RIGHT[4:]], '"train", "test"'),
    "values without names": (["b.jsonl", "t.jsonl", "test"], "--base"),
    "an option without its value": (RIGHT[:-1], "--base"),
}


def ran(folder: Path, root: Path, words: list[str]) -> "subprocess.CompletedProcess[str]":
    (folder / "comparing.py").write_text(STAGE, encoding="utf-8")
    command = [sys.executable, "-m", "comparing", *words]
    environment = {"PYTHONPATH": str(root), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_options_go_by_their_names_whatever_their_order(tmp_path: Path, root: Path) -> None:
    done = ran(tmp_path, root, RIGHT)
    assert (done.returncode, done.stdout) == (0, "b.jsonl t.jsonl test\n")
    assert done.stderr.startswith("comparing: done in ")


@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_line_is_one_line_that_names_the_option(
    tmp_path: Path, root: Path, words: list[str], named: str
) -> None:
    done = ran(tmp_path, root, words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("comparing: ") and named in done.stderr


def test_help_lists_options_types_and_choices(tmp_path: Path, root: Path) -> None:
    done = ran(tmp_path, root, ["--help"])
    assert done.returncode == 0
    assert "Compare two models." in done.stdout
    assert all(word in done.stdout for word in ("--base", "--tuned-scores", "PATH", "choices: train, test"))
