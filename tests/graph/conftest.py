"""A rehearsal: a real Git and DVC repository with this repository's graph, where only the work is played."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest
import yaml as libyaml
from dvc.repo import Repo
from dvc.utils.serialize import _yaml as dvc_yaml
from ruamel.yaml import YAML

from stages.cli.dvc_graph import idle, steps

COPIED = ("params.yaml", "dvc.yaml", ".dvcignore", "prompts")  # what else is read and not made is made up
CONFIG = """\
[core]
    analytics = false
    site_cache_dir = {folder}/site
[cache]
    dir = {folder}/cache
"""


@dataclass
class Rehearsal:
    """A repository in a temporary folder."""

    root: Path

    def reproduce(self) -> set[str]:
        """Run `dvc repro`; return the stages that really ran."""
        with chdir(self.root), Repo() as repo:
            return {stage.addressing for stage in repo.reproduce() if not stage.is_data_source}

    def change(self, key: str, value: object) -> None:
        """Set a param."""
        path = self.root / "params.yaml"
        yaml = YAML()
        tree = yaml.load(path.read_text(encoding="utf-8"))
        *above, last = key.split(".")
        inner: Any = tree
        for name in above:
            inner = inner[name]
        assert inner[last] != value, f"{key} is {value} already: the test would change nothing"
        inner[last] = value
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(tree, file)
        if key.startswith("evaluation.models"):  # the graph itself has changed
            _plan(self.root)

    def append(self, path: str, text: str) -> None:
        """Add a line to a file."""
        with (self.root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def digests(self) -> dict[str, str]:
        """Return the hash of every out in dvc.lock."""
        lock = YAML(typ="safe").load((self.root / "dvc.lock").read_text(encoding="utf-8"))
        return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


@pytest.fixture(scope="session")
def quick_yaml() -> Iterator[None]:
    """Read and write DVC's YAML in C: in pure Python it takes three quarters of a rehearsal's time."""

    def parse(text: str, path: object, typ: str = "safe") -> Any:  # noqa: ANN401 - YAML
        return libyaml.load(text, Loader=libyaml.CSafeLoader) or {}

    def dump(data: object, stream: TextIO) -> None:
        libyaml.dump(json.loads(json.dumps(data)), stream, Dumper=libyaml.CSafeDumper, sort_keys=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dvc_yaml, "parse_yaml", parse)
        patch.setattr(dvc_yaml, "parse_yaml_for_update", parse)
        patch.setattr(dvc_yaml, "_dump", dump)
        yield


@pytest.fixture(scope="session")
def opened(root: Path, tmp_path_factory: pytest.TempPathFactory, quick_yaml: None) -> Rehearsal:
    """Make the rehearsal and run its first `dvc repro`; copy it, do not change it."""
    target = tmp_path_factory.mktemp("rehearsal") / "repository"
    target.mkdir()
    subprocess.run(["git", "init", "-q", "--template="], cwd=target, check=True)
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, target / name)
        else:
            shutil.copy(root / name, target / name)
    _play(target)
    rehearsal = Rehearsal(target)
    assert rehearsal.reproduce() == {step.name for step in steps(target)}
    return rehearsal


@pytest.fixture
def rehearsal(opened: Rehearsal, tmp_path: Path) -> Rehearsal:
    """Copy the rehearsed repository, which is up to date."""
    target = tmp_path / "repository"
    shutil.copytree(opened.root, target, symlinks=True)
    return Rehearsal(target)


def _play(target: Path) -> None:
    """Replace every command by the stand-in, and of each stage's code keep its own module: guard 1 sees to the rest."""
    (target / ".dvc").mkdir()
    (target / ".dvc/config").write_text(CONFIG.format(folder=target.parent))
    graph_file, script = target / "dvc.yaml", Path(__file__).with_name("stand_in.py")
    modules = {step.entry: step.module.replace(".", "/") + ".py" for step in steps(target) + idle(target)}
    graph = libyaml.load(graph_file.read_text(encoding="utf-8"), Loader=libyaml.CSafeLoader)
    for name, entry in graph["stages"].items():
        body = entry.get("do", entry)
        data = [dep for dep in body["deps"] if not dep.startswith("stages/") or dep in body["cmd"].split()]
        body = body | {"deps": [*data, modules[name]], "cmd": f"{sys.executable} {script}"}
        graph["stages"][name] = entry | {"do": body} if "do" in entry else body
    graph_file.write_text(libyaml.dump(graph, sort_keys=False), encoding="utf-8")
    _plan(target)
    found = steps(target) + idle(target)
    made = {out for step in found for out in step.outs}
    for path in {dep for step in found for dep in step.deps if "${" not in dep} - made:
        if not any(out.startswith(f"{path}/") for out in made):
            _invent(target / path, path)


def _plan(target: Path) -> None:
    """Tell the stand-in what each stage reads and writes."""
    plan = {step.name: {"deps": step.deps, "outs": step.outs, "params": step.params} for step in steps(target)}
    (target / "steps.json").write_text(json.dumps(plan))


def _invent(path: Path, text: str) -> None:
    file = path if path.suffix else path / "file"
    if not path.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
