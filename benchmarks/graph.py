"""What `make repro` costs where there is nothing to do, against DVC on as many trivial stages, by turns.

    python -m benchmarks.graph [CLONE] [--rounds 7]

CLONE (the folder that this file is in, if none is given) is a clone in which `make repro` has nothing left to do. Beside it stands, in a
temporary folder, a repository of as many stages that each read one small file, the one that the stage before wrote, and write one.
DVC is in both the one of the environment that runs this. `make repro` is measured twice: as it is, and as it is after `dvc` ran by
hand or a file was touched, when DVC has to look for itself. Printed are medians of seconds and of processor seconds and of their
ratios, round by round; on a machine shared with other work the processor's seconds are the ones to go by.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import cyclopts
from cyclopts.validators import Number

from stages.cli import settled
from stages.cli.dvc_graph import steps
from stages.cli.repro import IDLE
from stages.core.errors import DialInsightError

GOAL = 1.5  # times the trivial graph
BIN = Path(sys.prefix) / "bin"
ROWS = ("dvc repro, trivial stages", "make repro", "make repro where DVC has to look")


class Cost(NamedTuple):
    """What a command took."""

    seconds: float
    processor: float


def main(
    clone: Path = Path(__file__).parents[1],
    /,
    *,
    rounds: Annotated[int, cyclopts.Parameter(validator=Number(gte=1))] = 7,
) -> int:
    """Print the costs; 1 if the median ratio of processor seconds is above the goal."""
    try:
        count = len(steps(clone))
    except DialInsightError as error:
        sys.exit(str(error))
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), count)
        costs = [_round(Path(folder), clone) for _ in range(rounds)]
    print(f"{count} stages, {rounds} rounds{'':<22}seconds   ratio   processor's   ratio")  # noqa: T201 - the result
    ratios = [
        _row(name, column, [row[0] for row in costs])
        for name, column in zip(ROWS, zip(*costs, strict=True), strict=True)
    ]
    return int(ratios[1] > GOAL)


def _round(trivial: Path, clone: Path) -> tuple[Cost, ...]:
    theirs = idle(trivial, [str(BIN / "dvc"), "repro"])
    (clone / settled.MARK).unlink(missing_ok=True)
    return theirs, *reversed([idle(clone, ["make", "repro"]) for _ in range(2)])


def _row(name: str, costs: Sequence[Cost], trivial: Sequence[Cost]) -> float:
    """Print a line of the table; return the median ratio of processor seconds."""
    seconds, processor = (statistics.median(column) for column in zip(*costs, strict=True))
    ratios = [[mine / base for mine, base in zip(*pair, strict=True)] for pair in zip(costs, trivial, strict=True)]
    whole, share = (float(statistics.median(column)) for column in zip(*ratios, strict=True))
    print(f"{name:<38}{seconds:>9.2f}{whole:>8.2f}{processor:>14.2f}{share:>8.2f}")  # noqa: T201 - as above
    return share


def build(folder: Path, count: int) -> None:
    """Make the repository of trivial stages, and run them."""
    (folder / "0.txt").write_text("0\n", encoding="utf-8")
    stages = (
        f"  stage{number}:\n    cmd: echo {number} > {number}.txt\n    deps: [{number - 1}.txt]\n    outs: [{number}.txt]\n"
        for number in range(1, count + 1)
    )
    (folder / "dvc.yaml").write_text(f"stages:\n{''.join(stages)}", encoding="utf-8")
    for words in (
        ["git", "init", "--quiet"],
        [str(BIN / "dvc"), "init", "--quiet"],
        [str(BIN / "dvc"), "config", "core.analytics", "false"],
        [str(BIN / "dvc"), "config", "core.check_update", "false"],
        [str(BIN / "dvc"), "repro", "--quiet"],
    ):
        subprocess.run(words, cwd=folder, check=True)


def idle(folder: Path, words: list[str]) -> Cost:
    """Run a command that has nothing to do, and return what it and its children took; end with a line if it did anything."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or IDLE not in done.stdout:
        sys.exit(f"{folder}: {' '.join(words)} did not say {IDLE!r}; run it there until it has nothing to do")
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    sys.exit(cyclopts.run(main))
