"""The reference run: the graph with many params, one training after the other; each run's figures stay in metrics/reference/.

    python -m benchmarks.reference                      # or: make reference; hours, and it goes on where it was stopped
    python -m benchmarks.reference --only v0.5 v1.0 --seeds 1

What is run, and why, stands in `benchmarks/reference.yaml`. Every run is `dvc repro` of the committed graph in a clone of this
repository (`--workspace`), with the run's params written into its params.yaml: what a run has in common with the committed run DVC takes
from its cache, and a training that was killed goes on from its checkpoint. A run whose figures are there is not made again; figures of other params than
the plan's are refused until they are deleted. Tuned weights are deleted once they have been judged, scores of each test row stay,
so that any two runs can be compared. The tables of docs/evidence.md come from here: `python -m benchmarks.reference_table`.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from benchmarks import workspace
from benchmarks.workspace import ROOT
from stages.core import metrics
from stages.core.errors import DialInsightError, InputError

PLAN = Path(__file__).with_suffix(".yaml")
FIGURES = ROOT / "metrics/reference"
TARGETS = ("select", "compare@tuned", "retain")
SCORES, SCORES_KEPT = Path("data/scores/tuned.jsonl"), "scores.jsonl"
REPORTS = {  # what is kept of what the graph writes
    "quality": "metrics/selection.json",
    "labels": "metrics/ledger/label.json",
    "evolution": "metrics/evolution.json",
    "training": "metrics/training.json",
    "comparison": "metrics/comparison/tuned.json",
    "retention": "metrics/retention.json",
}


class Run(NamedTuple):
    """One training and what is asked of it."""

    name: str
    question: str
    seed: int
    params: dict[str, object]  # by dotted key; all others are params.yaml's

    def target(self, figures: Path = FIGURES) -> Path:
        """Return the file of its figures, with the scores of each test row beside it."""
        return figures / f"{self.name}-s{self.seed}/run.json"


def the_plan() -> dict[str, Any]:
    """Return what benchmarks/reference.yaml says."""
    plan: dict[str, Any] = YAML(typ="safe").load(PLAN.read_text(encoding="utf-8"))
    return plan


def planned(plan: Mapping[str, Any]) -> Iterator[Run]:
    """Yield all runs of a plan, the seeds outermost."""
    for seed in plan["seeds"]:
        for question, asked in plan["questions"].items():
            for name, own in asked["runs"].items():
                params = {**plan["common"], **asked["params"], **own, "select.seed": seed, "finetune.seed": seed}
                yield Run(name, question, seed, params)


def missing(runs: Iterable[Run], figures: Path = FIGURES) -> list[Run]:
    """Return the runs without figures; figures of other params are refused by name."""
    left = []
    for run in runs:
        target = run.target(figures)
        if not target.exists():
            left.append(run)
        elif metrics.read(target)["params"] != run.params:
            raise InputError(
                f"{target}: made with other params than {PLAN.name} has now; delete its folder, then again"
            )
    return left


def clone(folder: Path) -> str:
    """Bring the clone to this repository's last commit, which is returned; its caches and its unfinished run stay."""
    commit = _git(ROOT, "rev-parse", "HEAD")
    if not (folder / ".git").exists():
        _git(ROOT, "clone", "--quiet", "--no-checkout", ROOT.as_posix(), folder.as_posix())
    _git(folder, "fetch", "--quiet", "origin", commit)
    _git(folder, "checkout", "--quiet", "--force", "--detach", commit)
    return commit


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make(run: Run, folder: Path) -> None:
    """Run the graph with the run's params, and keep its figures."""
    commit = clone(folder)
    workspace.write_params(folder / "params.yaml", run.params)
    dvc(folder, "gc", "--workspace", "--force", "--quiet")  # the weights of the run before
    dvc(folder, "repro", "--quiet", *TARGETS)
    told = {name: metrics.read(folder / path) for name, path in REPORTS.items()}
    target = run.target()
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / SCORES, target.parent / SCORES_KEPT)
    metrics.write(target, {**run._asdict(), "commit": commit, **told})  # last: a run that has it is whole


def dvc(folder: Path, *words: str) -> None:
    """Run DVC in a clone; its failure is ours."""
    path = os.pathsep.join([Path(sys.executable).parent.as_posix(), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": folder.as_posix(), "PATH": path}
    if code := subprocess.call([sys.executable, "-m", "dvc", *words], cwd=folder, env=environment):
        raise SystemExit(code)


def _asked(run: Run, options: argparse.Namespace) -> bool:
    return run.name in (options.only or [run.name]) and run.seed in (options.seeds or [run.seed])


def main() -> None:
    """Make what is missing, and say what there is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--workspace", type=Path, default=ROOT / ".dvc/tmp/reference", help="the clone that runs")
    parser.add_argument("--only", nargs="+", help="names of runs; all, if none is named")
    parser.add_argument("--seeds", type=int, nargs="+", help="of the plan's; all, if none is named")
    options = parser.parse_args()
    runs = [run for run in planned(the_plan()) if _asked(run, options)]
    if not runs:
        parser.error("no run of the plan has these names and seeds")
    try:
        left = missing(runs)
        for number, run in enumerate(left, 1):
            print(f"{run.target().parent.name}: {number} of {len(left)} that are missing, of {len(runs)}", flush=True)  # noqa: T201
            make(run, options.workspace.absolute())
    except DialInsightError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
