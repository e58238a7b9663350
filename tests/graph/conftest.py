"""A rehearsal: a real Git and DVC repository with this repository's graph, where only the work is played."""

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import networkx
import pytest
import yaml as libyaml
from dvc.repo import Repo, lock_repo
from dvc.utils import strictyaml
from dvc.utils.serialize import _yaml as dvc_yaml

from stages.cli.dvc_graph import Step, every, idle, steps

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

    def copied(self, target: Path) -> "Rehearsal":
        """Return a copy, to be changed at will."""
        return Rehearsal(Path(shutil.copytree(self.root, target, symlinks=True)))

    def reproduce(self) -> set[str]:
        """Run `dvc repro`; return the stages that really ran."""
        with chdir(self.root), Repo() as repo:
            return {stage.addressing for stage in repo.reproduce() if not stage.is_data_source}

    def status(self) -> "Status":
        """Ask `dvc status`, which runs nothing."""
        with chdir(self.root), Repo() as repo, lock_repo(repo):  # locked once, DVC reads its graph once
            return Status(repo.status(), networkx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing))

    def change(self, key: str, value: object) -> None:
        """Set a param."""
        path = self.root / "params.yaml"
        tree = libyaml.load(path.read_text(encoding="utf-8"), Loader=libyaml.CSafeLoader)
        *above, last = key.split(".")
        inner: Any = tree
        for name in above:
            inner = inner[name]
        assert inner[last] != value, f"{key} is {value} already: the test would change nothing"
        inner[last] = value
        path.write_text(libyaml.dump(tree, Dumper=libyaml.CSafeDumper, sort_keys=False), encoding="utf-8")
        if f"${{{key}" in (self.root / "dvc.yaml").read_text(encoding="utf-8"):  # the graph itself has changed
            _plan(self.root)

    def append(self, path: str, text: str) -> None:
        """Add a line to a file, or a file to a folder."""
        file = self.root / path
        with (file / "more" if file.is_dir() else file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    @contextmanager
    def kept(self, paths: Iterable[str]) -> Iterator[None]:
        """Undo afterwards what is changed in `paths`."""
        before = {path: (self.root / path).read_bytes() for path in paths if (self.root / path).is_file()}
        yield
        for path in paths:
            if path in before:
                (self.root / path).write_bytes(before[path])
            else:
                (self.root / path / "more").unlink()

    def digests(self) -> dict[str, str]:
        """Return the hash of every out in dvc.lock."""
        lock = libyaml.load((self.root / "dvc.lock").read_text(encoding="utf-8"), Loader=libyaml.CSafeLoader)
        return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


@dataclass
class Status:
    """What `dvc status` says, and the graph to which it says it: an edge goes from a stage to one it depends on."""

    entries: dict[str, list[Any]]
    graph: networkx.DiGraph

    def causes(self) -> dict[str, set[str]]:
        """Return the params and paths that have changed, by stage; other changes, as of a command, go by their text."""
        return {
            stage: {cause for entry in entries for cause in _causes(entry)} for stage, entries in self.entries.items()
        }

    def and_what_follows(self, changed: Iterable[str]) -> set[str]:
        """Return stages and all behind them."""
        changed = set(changed)
        return changed.union(*(networkx.ancestors(self.graph, stage) for stage in changed))


def _causes(entry: str | dict[str, dict[str, Any]]) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
        return
    for kind, changes in entry.items():
        for path, change in changes.items():
            yield from change if isinstance(change, dict) else [path if kind == "changed deps" else f"{kind} {path}"]


@pytest.fixture(scope="module")
def quick_yaml() -> Iterator[None]:
    """Read DVC's YAML once and in C: in pure Python it takes three quarters of a rehearsal's time."""

    @lru_cache(maxsize=8)
    def parsed(text: str) -> bytes:
        return pickle.dumps(libyaml.load(text, Loader=libyaml.CSafeLoader) or {})

    def parse(text: str, path: object, typ: str = "safe") -> Any:  # noqa: ANN401 - YAML
        return pickle.loads(parsed(text))  # DVC reads params.yaml once for each stage, and writes in what it has read

    def dump(data: object, stream: TextIO) -> None:
        libyaml.dump(json.loads(json.dumps(data)), stream, Dumper=libyaml.CSafeDumper, sort_keys=False)

    with pytest.MonkeyPatch.context() as patch:
        for module in (dvc_yaml, strictyaml):
            patch.setattr(module, "parse_yaml", parse)
        patch.setattr(dvc_yaml, "parse_yaml_for_update", parse)
        patch.setattr(dvc_yaml, "_dump", dump)
        yield


@pytest.fixture(scope="module")
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
    return opened.copied(tmp_path / "repository")


def _play(target: Path) -> None:
    """Replace every command by the stand-in, and of each stage's code keep its own module: guard 1 sees to the rest."""
    (target / ".dvc").mkdir()
    (target / ".dvc/config").write_text(CONFIG.format(folder=target.parent))
    graph_file, script = target / "dvc.yaml", Path(__file__).with_name("stand_in.py")
    modules = {step.entry: step.module.replace(".", "/") + ".py" for step in every(target)}
    graph = libyaml.load(graph_file.read_text(encoding="utf-8"), Loader=libyaml.CSafeLoader)
    for name, entry in graph["stages"].items():
        body = entry.get("do", entry)
        data = [dep for dep in body["deps"] if not dep.startswith("stages/") or dep in body["cmd"].split()]
        body = body | {"deps": [*data, modules[name]], "cmd": f"{sys.executable} {script}"}
        graph["stages"][name] = entry | {"do": body} if "do" in entry else body
    graph_file.write_text(libyaml.dump(graph, sort_keys=False), encoding="utf-8")
    _plan(target)


def _plan(target: Path) -> None:
    """Tell the stand-in what each stage reads and writes, and make up what no stage makes."""
    found = steps(target)
    plan = {step.name: {"deps": step.deps, "outs": step.outs, "params": step.params} for step in found}
    (target / "steps.json").write_text(json.dumps(plan))
    for path in given(found + idle(target, found)):
        _invent(target / path, path)


def given(found: list[Step]) -> set[str]:
    """Return the paths that stages depend on and none makes."""
    made = {out for step in found for out in step.outs}
    paths = {dep for step in found for dep in step.deps if "${" not in dep} - made
    return {path for path in paths if not any(out.startswith(f"{path}/") for out in made)}


def _invent(path: Path, text: str) -> None:
    file = path if path.suffix else path / "file"
    if not path.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
