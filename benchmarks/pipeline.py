"""The stages that ask no model, at size: seconds, CPU seconds, peak memory, and how these grow.

    python -m benchmarks.pipeline --workspace FOLDER --dialogues 20000 --rows 80000
    python -m benchmarks.pipeline --workspace FOLDER --rows 5000 --against OTHER_CHECKOUT --only judge select

Makes conversations and answers from the shipped corpus (`benchmarks.pipeline_input`: invented; nothing about quality can be read
from them), and runs the stages as dvc.yaml commands them, each as a process: ingest, anonymize, split over `--dialogues`; sample,
assemble, judge by rules, measure, select over `--rows`, four to a conversation; of them the default's share is wanted as real replies,
of which conversations hold fewer, so that fewer rows are drawn. All of it at a quarter, half and the whole of the
size. Prints one JSON line a stage and size; then one a stage with its `slope`: of the CPU seconds above those of a tiny input,
over the sizes, both as logarithms (`n_log_n` is what n log n would have). Memory is that of the process with all its children:
sampled, what they share counted once. With `--against`, the other checkout's code runs beside, on the same input, and `same` says
whether all files it wrote are the same bytes.
"""

import argparse
import hashlib
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from benchmarks import pipeline_input, workspace
from stages.cli.dvc_graph import Step, steps

ROOT = Path(__file__).parents[1]
DOMAIN = "real_estate"
TINY = 64  # conversations, or rows, that tell what it takes to begin
PER_DIALOGUE = 4  # rows of a conversation
SET_UP = ("ingest", "anonymize", "split", "seed", "curate", "evolve", "screen")
OF_DIALOGUES = ("ingest", "anonymize", "split")
OF_ROWS = ("sample", "assemble", "judge", "measure", "select")
PARAMS = {
    "seed.languages": ["en", "zh"],
    "seed.generated": 0,
    "evolve.generations": 0,
    "sample.reserve": 0,
    "select.target": 0,
}
EVERY = 0.25  # seconds between two looks at memory

Line = dict[str, object]


class Run(NamedTuple):
    """One size: where it runs, the stages, and how many rows they are given."""

    folder: Path
    stages: tuple[str, ...]
    size: int


def prepared(base: Path) -> Path:
    """Run what comes before, over the shipped corpus, once; return its workspace."""
    done = base / "done"
    if not done.exists():
        workspace.prepare(base, PARAMS)
        (base / "models/base").mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "metrics", base / "metrics", dirs_exist_ok=True)
        (base / "data/quality").mkdir(parents=True, exist_ok=True)
        (base / "data/quality/ifd.jsonl").write_text("", encoding="utf-8")
        workspace.run(base, SET_UP)
        done.touch()
    return base


def sized(base: Path, run: Run) -> None:
    """Make the input of a run of another size, in a workspace of its own."""
    if run.folder.exists():
        return
    partial = run.folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(base, partial, symlinks=True)
    if run.stages == OF_DIALOGUES:
        raw = partial / "data/raw" / DOMAIN
        pipeline_input.write_raw(raw / "made.jsonl", pipeline_input.talks(raw), run.size)
    else:
        workspace.prepare(partial, {**PARAMS, "sample.count": run.size})
        train = partial / "data/dialogues/train.jsonl"
        pipeline_input.write_dialogues(base / "data/dialogues/train.jsonl", train, -(-run.size // PER_DIALOGUE))
    partial.rename(run.folder)


def measured(step: Step, folder: Path, code: Path) -> Line:
    """Run a stage with the code of a checkout and return what it took."""
    words, used = [sys.executable, "-P", *shlex.split(step.command)[1:]], folder / "used.json"
    environment = {**os.environ, "PYTHONPATH": str(code), "DVC_STAGE": step.name}
    command = [sys.executable, str(ROOT / "benchmarks/measured.py"), str(used), *words]
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        peak = max(_watched(process), default=0)
    if process.returncode:
        raise SystemExit(f"{step.name} failed with exit code {process.returncode}")
    took = json.loads(used.read_text(encoding="utf-8"))
    return {**took, "peak_mib": max(peak >> 20, took["peak_mib"])}


def _watched(process: "subprocess.Popen[bytes]") -> Iterator[int]:
    """Yield the memory of all processes below `process`, again and again until it ends."""
    while process.poll() is None:
        total = 0
        try:
            for child in psutil.Process(process.pid).children(recursive=True):
                total += _memory(child)
        except psutil.Error:
            pass
        yield total
        time.sleep(EVERY)


def _memory(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(found, "pss", found.rss))


def digest(step: Step, folder: Path) -> dict[str, str]:
    """Return the hash of each file that a stage wrote."""
    outs = [folder / out for out in step.outs]
    paths = [path for out in outs for path in (sorted(out.rglob("*")) if out.is_dir() else [out]) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def through(run: Run, options: argparse.Namespace) -> Iterator[Line]:
    """Run the stages of one size, each with both checkouts where there are two; yield a line each."""
    known = {step.name: step for step in steps(run.folder)}
    kept = run.folder / "ran"
    ran = kept.read_text(encoding="utf-8").split() if kept.exists() else []
    for name in run.stages:
        step = known[name]
        if options.only and name not in options.only and name in ran:
            continue
        line: Line = {"stage": name, "size": run.size}
        if options.against:
            before = measured(step, run.folder, options.against)
            other = digest(step, run.folder)
        line |= measured(step, run.folder, ROOT)
        if options.against:
            differing = sorted(path for path, found in digest(step, run.folder).items() if other.get(path) != found)
            line |= {"before": before, "same": not differing, **({"differing": differing} if differing else {})}
        if name == "assemble" and not (run.folder / "data/labels/train.jsonl").exists():
            folder = run.folder / "data"
            pipeline_input.write_labels(
                folder / "prompts/assembled.jsonl",
                folder / "dialogues/train.jsonl",
                folder / "samples/replies.jsonl",
                folder / "labels/train.jsonl",
            )
        kept.write_text(" ".join([*ran, name]), encoding="utf-8")
        ran.append(name)
        yield line


def slope(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the exponent by which the values grow with the sizes, or None where there is nothing to tell it from."""
    if len(sizes) < 2 or min(values) <= 0:
        return None
    return round(float(np.polyfit(np.log(sizes), np.log(values), 1)[0]), 2)


def growth(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the slopes of each stage over its sizes but the tiny one, which tells what it takes to begin."""
    by_stage = defaultdict[str, list[Line]](list)
    for line in lines:
        by_stage[str(line["stage"])].append(line)
    for name, (first, *rest) in by_stage.items():
        sizes = [float(str(line["size"])) for line in rest]
        above = [float(str(line["cpu_seconds"])) - float(str(first["cpu_seconds"])) for line in rest]
        yield {
            "stage": name,
            "slope": slope(sizes, above),
            "n_log_n": slope(sizes, [size * math.log(size) for size in sizes]),
            "memory_slope": slope(sizes, [float(str(line["peak_mib"])) for line in rest]),
        }


def runs(options: argparse.Namespace) -> Iterator[Run]:
    """Yield the runs that are asked for, small ones first."""
    for kind, names, size in (("dialogues", OF_DIALOGUES, options.dialogues), ("rows", OF_ROWS, options.rows)):
        sizes = (TINY, size // 4, size // 2, size) if options.sizes > 1 else (TINY, size)
        yield from (Run(options.workspace / f"{kind}-{each}", names, each) for each in sizes if size)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, required=True, help="a folder that keeps inputs for another run")
    parser.add_argument("--dialogues", type=int, default=0, help="conversations through ingest, anonymize, split")
    parser.add_argument("--rows", type=int, default=0, help="labelled rows through sample to select")
    parser.add_argument("--sizes", type=int, default=3, choices=(1, 3), help="3: a quarter and a half of the size too")
    parser.add_argument("--only", nargs="+", metavar="STAGE", help="stages to run again; the others once")
    parser.add_argument("--against", type=Path, help="another checkout, whose code runs on the same input")
    options = parser.parse_args()
    base, lines = prepared(options.workspace.resolve() / "shipped"), list[Line]()
    options.workspace = options.workspace.resolve()
    for run in runs(options):
        sized(base, run)
        for line in through(run, options):
            print(json.dumps(line), flush=True)  # noqa: T201 - the result
            lines.append(line)
    for line in growth(lines):
        print(json.dumps(line), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
