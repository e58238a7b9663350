"""A copy of this repository in which a benchmark runs stages with params of its own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages.cli.dvc_graph import steps
from stages.core import metrics
from stages.core.errors import InputError
from stages.core.files import atomic

ROOT = Path(__file__).parents[1]
TAKEN = ("data/raw", "data/recorded", "data/review", "data/test", "prompts", "stages", "dvc.yaml", ".dvcignore")


def prepare(workspace: Path, changes: Mapping[str, object], *, answers: bool = False) -> None:
    """Copy what the stages read, and write params.yaml with `changes` by dotted key; without `answers`, none is provided.

    What is there already stays, so that a killed run goes on.
    """
    for name in TAKEN:
        source, target = ROOT / name, workspace / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f"{target.name}.partial")  # a copy that was killed is not what is there already
            if source.is_dir():
                shutil.copytree(source, partial, dirs_exist_ok=True)
            else:
                shutil.copyfile(source, partial)
            partial.rename(target)
    if not (workspace / ".dvc").exists():
        for command in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q"]):
            subprocess.run(command, cwd=workspace, check=True)
    if not answers:
        (workspace / "data/review/answers.jsonl").write_text("", encoding="utf-8")
    write_params(workspace / "params.yaml", changes)


def write_params(target: Path, changes: Mapping[str, object]) -> None:
    """Write this repository's params with `changes` by dotted key."""
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        *above, last = key.split(".")
        group: Any = params
        for name in above:
            group = group[name]
        group[last] = value
    with target.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def run(workspace: Path, names: Iterable[str]) -> None:
    """Run stages, one after the other, as dvc.yaml commands them; a stage that fails ends all, with its exit code."""
    commands = {step.name: step.command for step in steps(workspace)}
    for name in names:
        words = [sys.executable, *shlex.split(commands[name])[1:]]
        environment = {**os.environ, "PYTHONPATH": str(workspace), "DVC_STAGE": name}
        if code := subprocess.call(words, cwd=workspace, env=environment):
            raise SystemExit(code)


def stage(folder: Path, main: Callable[..., None], **paths: Path) -> None:
    """Run a stage's `main` on the folder's params.yaml, in this process: another one would load torch, seconds, for each stage and model."""
    given = {key: path.absolute() for key, path in paths.items()}
    with chdir(folder):
        main(**given)


def claim(folder: Path, made: dict[str, object]) -> None:
    """Write down what the folder's results are made with; refuse one whose results were made with something else."""
    folder.mkdir(parents=True, exist_ok=True)
    place, now = folder / "options.json", json.loads(json.dumps(made))
    if not place.exists():
        if (folder / "validation.jsonl").exists():
            raise InputError(
                f"{place}: not there, so nobody knows what the results beside it were made with; take another folder"
            )
        with atomic(place) as file:
            json.dump(now, file, indent=2)
        return
    before = metrics.read(place)
    differ = [name for name in (before | now) if before.get(name) != now.get(name)]
    if differ:
        raise InputError(f"{place}: its results were made with another {', '.join(differ)}; take another folder")
