"""The paper's size: 40,000 rows through every stage up to `select`, with a stand-in that answers; time and memory of each stage.

    python -m benchmarks.paper_size --workspace FOLDER
    python -m benchmarks.paper_size --workspace FOLDER --rows 500 --dialogues conversations.jsonl

Runs the stages that `select` stands on as dvc.yaml commands them, in a copy of this repository at `--workspace` with the paper's
profile, whose generator and judge are `benchmarks.stand_in`: **load only; nothing about quality can be read from these rows.**
Prints one JSON line a stage: rows in and out, seconds, CPU seconds and peak memory of its process. A killed run goes on: stages that
are done for as many rows are not run again, and answers are cached in the workspace.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

from ruamel.yaml import YAML

from stages.cli import profile
from stages.cli.dvc_graph import Step, steps

ROOT = Path(__file__).parents[1]
TAKEN = ("data", "metrics", "prompts", "stages", "dvc.yaml", "params.yaml", ".dvcignore", ".gitignore")
LAST, LEFT_OUT = "select", {"base"}  # no model of the graph is needed where an endpoint answers
DONE = "paper_size.jsonl"  # in the workspace
MODEL = "stand-in"


def prepare(workspace: Path, options: argparse.Namespace, url: str) -> None:
    """Copy what the stages read, and write the paper's params with the stand-in as generator and judge."""
    if not (workspace / ".dvc").exists():
        for name in TAKEN:
            _copy(ROOT / name, workspace / name)
        (workspace / "data/review/answers.jsonl").write_text("", encoding="utf-8")  # all rows are asked
        (workspace / "models/base").mkdir(parents=True, exist_ok=True)
        profile.write("paper", workspace)
        # last: what has .dvc is whole
        for command in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q"]):
            subprocess.run(command, cwd=workspace, check=True)
    yaml = YAML()
    params = yaml.load((workspace / "params.yaml").read_text(encoding="utf-8"))
    for name in ("generator", "judge"):
        params["llm"][name] |= {"model": MODEL, "base_url": url, "concurrency": options.concurrency}
    params["sample"]["count"] = options.rows
    if options.population:
        params["seed"]["generated"] = params["evolve"]["population"] = options.population
    with (workspace / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
    if options.dialogues:
        raw = workspace / "data/raw" / params["domain"]
        shutil.rmtree(raw)
        _copy(options.dialogues, raw / options.dialogues.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    elif source.exists():
        shutil.copyfile(source, target)


def wanted(graph: list[Step]) -> list[Step]:
    """Return the stages that `select` stands on, and itself, each behind what it reads."""
    makers = {out: step for step in graph for out in step.outs}
    known = {step.name: step for step in graph}
    needs, waiting = dict[str, set[str]](), [LAST]
    while waiting:
        step = known[waiting.pop()]
        made = {makers[dep].name for dep in step.deps if dep in makers} - LEFT_OUT
        waiting += made - needs.keys()
        needs[step.name] = made
    return [known[name] for name in TopologicalSorter(needs).static_order()]


def run(workspace: Path, step: Step) -> dict[str, object]:
    """Run a stage and return what it took."""
    words = [sys.executable, *shlex.split(step.command)[1:]]
    environment = {**os.environ, "PYTHONPATH": str(workspace), "GENERATOR_KEY": "none", "JUDGE_KEY": "none"}
    used = workspace / "used.json"
    measured = [sys.executable, str(ROOT / "benchmarks/measured.py"), str(used), *words]
    if code := subprocess.call(measured, cwd=workspace, env=environment):
        raise SystemExit(f"{step.name} failed with exit code {code}; run again to go on")
    rows = [path for path in (workspace / out for out in step.outs) if path.suffix == ".jsonl"]
    return {
        "stage": step.name,
        "in": next((_lines(workspace / word) for word in words if word.endswith(".jsonl")), None),
        "out": {path.name: _lines(path) for path in rows},
        **json.loads(used.read_text(encoding="utf-8")),
    }


def _lines(path: Path) -> int | None:
    if path.suffix != ".jsonl":
        return None
    with path.open("rb") as file:
        return sum(1 for _ in file)


@contextmanager
def stand_in(port: int) -> Iterator[str]:
    """Run the stand-in as a process of its own and return its address."""
    command = [sys.executable, "-m", "benchmarks.stand_in", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=40_000, help="pairs drawn")
    parser.add_argument(
        "--dialogues", type=Path, help="a file or folder that stage ingest reads, in place of the shipped corpus"
    )
    parser.add_argument("--population", type=int, help="seeds asked, and children of each generation; for trials")
    parser.add_argument("--concurrency", type=int, default=64, help="requests under way at once")
    parser.add_argument("--port", type=int, default=0, help="of the stand-in; 0: a free one")
    options = parser.parse_args()
    with stand_in(options.port) as url:
        prepare(options.workspace, options, url)
        done = options.workspace / DONE
        lines = [json.loads(line) for line in done.read_text(encoding="utf-8").splitlines()] if done.exists() else []
        known = {line["stage"]: line for line in lines if line["rows"] == options.rows}
        for step in wanted(steps(options.workspace)):
            line = known.get(step.name) or {"rows": options.rows, **run(options.workspace, step)}
            if step.name not in known:
                with done.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
