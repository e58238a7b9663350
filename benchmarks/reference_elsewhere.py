"""The reference run's trainings on a machine with a GPU, which needs neither DVC nor a network.

    python -m benchmarks.reference_elsewhere pack FOLDER            # here: what every run trains on, and its params; minutes
    python -m benchmarks.reference_elsewhere run FOLDER --base BASE # there: train, answer, ask the benchmarks
    python -m benchmarks.reference_elsewhere take FOLDER            # here again: score, compare, judge; figures as of `make reference`

Calls the same stages with the same params as `benchmarks.reference`, the base model's answers and benchmarks included, which are
made anew on that machine: figures of two machines are not compared. On a GPU a training multiplies in bfloat16 and keeps float32
weights; everything after it is float32, as everywhere. Runs that were done are not done again.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import workspace
from benchmarks.reference import FIGURES, REPORTS, SCORES_KEPT, Run, clone, dvc, planned, the_plan
from benchmarks.workspace import ROOT
from stages.core import metrics
from stages.evaluation import compare, retain, score

BASE = "base"  # the folder of what is asked of the base model
PACKED, DONE = "run.json", "seconds.json"
PREPARED = {
    "rows.jsonl": "data/train/train.jsonl",
    "quality.json": "metrics/selection.json",
    "params.yaml": "params.yaml",
}
PREPARED |= {f"{name}.json": REPORTS[name] for name in ("labels", "evolution")}


def pack(folder: Path, within: Path) -> None:
    """Write for each run what it trains on and its params, and once what all are asked."""
    for run in sorted(planned(the_plan()), key=lambda run: run.name):  # what has the same rows, one after the other
        there = folder / run.target().parent.name
        if (there / PACKED).exists():
            if metrics.read(there / PACKED)["params"] != run.params:
                raise SystemExit(f"{there}: packed with other params than the plan has now; delete it, then again")
            continue
        commit = clone(within)
        workspace.write_params(within / "params.yaml", run.params)
        dvc(within, "repro", "--quiet", "select", "testset")
        there.mkdir(parents=True, exist_ok=True)
        (folder / BASE).mkdir(exist_ok=True)
        shutil.copyfile(within / "data/labels/test.jsonl", folder / "test.jsonl")
        shutil.copyfile(within / "params.yaml", folder / BASE / "params.yaml")
        for name, path in PREPARED.items():
            shutil.copyfile(within / path, there / name)
        metrics.write(there / PACKED, {**run._asdict(), "commit": commit})  # last: a run that has it is whole


def run_all(folder: Path, base: Path, at_once: int) -> None:
    """Do the base, then every run of the folder, so many at once; what fails is named and leaves the others alone."""
    left = [each.parent for each in folder.glob("*/params.yaml") if not (each.parent / DONE).exists()]
    left.sort(key=lambda one: (one.name != BASE, one.name[-1], one.name))  # the base, then seed after seed
    with ThreadPoolExecutor(at_once) as pool:
        codes = pool.map(lambda one: _apart(one, base), left)
        failed = [one.name for one, code in zip(left, codes, strict=True) if code]
    if failed:
        raise SystemExit(f"{len(failed)} of {len(left)} runs failed: {', '.join(failed)}; see the log in their folders")


def _apart(one: Path, base: Path) -> int:
    words = [
        sys.executable,
        "-m",
        "benchmarks.reference_elsewhere",
        "one",
        str(one.absolute()),
        "--base",
        str(base.absolute()),
    ]
    with (one / "log").open("w") as log:
        code = subprocess.call(words, cwd=ROOT, stdout=log, stderr=log)
    print(f"{one.name}: {'failed' if code else 'done'}", flush=True)  # noqa: T201 - hours
    return code


def run_one(folder: Path, base: Path) -> None:
    """Train, answer and ask, in the run's folder, as its params.yaml says."""
    from stages.evaluation import bench, drift, predict  # noqa: PLC0415 - torch and transformers, only where a model runs
    from stages.training import finetune  # noqa: PLC0415 - as above

    os.chdir(folder)
    started, here, data = time.monotonic(), Path(), ROOT / "data"
    model = base if folder.name == BASE else here / "tuned"
    if model != base:
        launch = ROOT / "stages/training/launch"
        trained = {
            "target": model,
            "drawn": here / "mixed.jsonl",
            "report": here / "training.json",
            "plot": here / "loss.json",
        }
        finetune.main(source=here / "rows.jsonl", general=data / "mix", base=base, launch=launch, **trained)
        text = data / "bench/general_text.jsonl"
        told = {"target": here / "drift.jsonl", "report": here / "drift.json"}
        drift.main(base=base, tuned=model, source=text, **told)
    predict.main(source=here.absolute().parent / "test.jsonl", model=model, target=here / "answers.jsonl")
    asked = {"target": here / "outcomes.jsonl", "report": here / "general.json"}
    bench.main(model=model, data=data / "bench", official=data / "bench/official", **asked)
    if model != base:
        shutil.rmtree(model)
    metrics.write(here / DONE, {"seconds": time.monotonic() - started, "device": _device()})


def _device() -> str:
    import torch  # noqa: PLC0415 - seconds, and only where a model runs

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "CPU"


def take(folder: Path) -> None:
    """Score, compare and judge what is done; write each run's figures where `make reference` would."""
    if not (folder / BASE / DONE).exists():
        raise SystemExit(
            f"{folder / BASE}: the base has not been asked, so nothing can be compared; `run` the folder first"
        )
    (folder / "none.jsonl").write_text("", encoding="utf-8")
    (folder / "grading.json").write_text(
        json.dumps({"judge": None, "why_no_grades": "llm.judge is null"}), encoding="utf-8"
    )
    for one in sorted(folder.glob(f"*/{DONE}"), key=lambda done: done.parent.name != BASE):
        _scored(one.parent, folder)
    for one in _done(folder):
        told = metrics.read(one / PACKED)
        run = Run(told["name"], told["question"], told["seed"], told["params"])
        target = run.target(FIGURES)
        if target.exists():
            continue
        base = folder / BASE
        workspace.stage(
            one, compare.main, base=base / "scores.jsonl", model=one / "scores.jsonl", report=one / "comparison.json"
        )
        outcomes = {"base": base / "outcomes.jsonl", "tuned": one / "outcomes.jsonl", "drift": one / "drift.jsonl"}
        scores = {"base_scores": base / "scores.jsonl", "tuned_scores": one / "scores.jsonl"}
        workspace.stage(one, retain.main, **outcomes, **scores, report=one / "retention.json", plot=one / "plot.json")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one / "scores.jsonl", target.with_name(SCORES_KEPT))
        found = {name: metrics.read(one / f"{name}.json") for name in REPORTS}
        metrics.write(target, {**told, "device": metrics.read(one / DONE)["device"], **found})


def _done(folder: Path) -> Iterable[Path]:
    return sorted(one.parent for one in folder.glob(f"*/{DONE}") if one.parent.name != BASE)


def _scored(one: Path, folder: Path) -> None:
    if not (one / "scores.jsonl").exists():
        asked = {"labels": folder / "test.jsonl", "predictions": one / "answers.jsonl", "grades": folder / "none.jsonl"}
        stored = ROOT / "data/test/real_estate/current"
        told = {"target": one / "scores.jsonl", "report": one / "domain.json"}
        workspace.stage(one, score.main, **asked, grading=folder / "grading.json", stored=stored, **told)


def main() -> None:
    """Pack, run or take."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=("pack", "run", "one", "take"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", type=Path, default=ROOT / "models/base", help="run: the base model")
    parser.add_argument("--at-once", type=int, default=6, help="run: trainings beside each other")
    parser.add_argument("--workspace", type=Path, default=ROOT / ".dvc/tmp/reference", help="pack: the clone that runs")
    options = parser.parse_args()
    if options.command == "pack":
        pack(options.folder, options.workspace.absolute())
    elif options.command == "run":
        run_all(options.folder, options.base, options.at_once)
    elif options.command == "one":
        run_one(options.folder, options.base)
    else:
        take(options.folder)


if __name__ == "__main__":
    main()
