"""dvc.yaml as DVC understands it (templates resolved), and as text that can be edited with its comments and layout."""

import io
import shlex
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from stages.errors import InputError
from stages.ports.files import atomic
from stages.records.row import Record

GRAPH = Path("dvc.yaml")


class Step(Record):
    """A stage of the graph, resolved: paths relative to the repository's root, dotted keys of params.yaml."""

    name: str  # with the item of a foreach: label@train
    command: str
    deps: tuple[str, ...]
    params: tuple[str, ...]
    outs: tuple[str, ...]

    @property
    def entry(self) -> str:
        """Its name in dvc.yaml, without the item."""
        return self.name.partition("@")[0]

    @property
    def module(self) -> str:
        """The module the command runs, or an empty string."""
        words = shlex.split(self.command)
        return words[words.index("-m") + 1] if "-m" in words[:-1] else ""

    @property
    def arguments(self) -> list[str]:
        """What follows the module."""
        words = shlex.split(self.command)
        return words[words.index(self.module) + 1 :] if self.module else words[1:]


def steps(root: Path) -> list[Step]:
    """Return every stage of the repository in `root`, in the order of dvc.yaml."""
    from dvc.dependency import ParamsDependency  # noqa: PLC0415 - 0.3 s
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    try:
        with Repo(str(root)) as repo:
            return [_step(stage, ParamsDependency) for stage in repo.index.stages if stage.name]
    except DvcException as error:
        raise InputError(f"{root / GRAPH}: DVC cannot read it ({' '.join(str(error).split())}); mend it") from None


def idle(root: Path) -> list[Step]:
    """Return the entries of dvc.yaml that make no stage, because there is nothing to iterate over, with their templates open."""
    busy = {step.entry for step in steps(root)}
    entries = Manuscript(root / GRAPH).content["stages"]
    return [_written(name, body.get("do", body)) for name, body in entries.items() if name not in busy]


def _written(name: str, body: Any) -> Step:  # noqa: ANN401 - ruamel's tree
    outs = [key for kind in ("outs", "metrics", "plots") for out in body.get(kind, ()) for key in _keys(out)]
    deps, params = body.get("deps", ()), body.get("params", ())
    return Step(name=name, command=body["cmd"], deps=tuple(deps), params=tuple(params), outs=tuple(outs))


def _keys(out: object) -> list[str]:
    return [str(key) for key in out] if isinstance(out, dict) else [str(out)]


def _step(stage: Any, kind: Any) -> Step:  # noqa: ANN401 - dvc has no public type for it
    return Step(
        name=stage.name,
        command=stage.cmd,
        deps=tuple(item.def_path for item in stage.deps if not isinstance(item, kind)),
        params=tuple(key for item in stage.deps if isinstance(item, kind) for key in item.params),
        outs=tuple(item.def_path for item in stage.outs),
    )


class Manuscript:
    """The text of dvc.yaml: read, edited in place and written back with comments, flow lists and long lines as they were."""

    def __init__(self, path: Path = GRAPH) -> None:
        """Read `path`."""
        self.path = path
        self.yaml = YAML()
        self.yaml.width = 10**6
        self.yaml.preserve_quotes = True

    @cached_property
    def content(self) -> Any:  # noqa: ANN401 - ruamel's tree
        """The tree of the file."""
        return self.yaml.load(self.path.read_text(encoding="utf-8"))

    def set_code(self, entry: str, files: list[str]) -> None:
        """Replace the .py files among an entry's deps by `files`, after its other deps, which keep their order."""
        body = self.content["stages"][entry]
        body = body.get("do", body)
        if "deps" not in body:
            body.insert(list(body).index("cmd") + 1, "deps", CommentedSeq())
        deps = body["deps"]
        for place in reversed(range(len(deps))):
            if _is_code(deps[place]):
                del deps[place]
        deps.extend(files)
        if not deps:
            del body["deps"]

    def text(self) -> str:
        """Return the file as it would be written."""
        target = io.StringIO()
        self.yaml.dump(self.content, target)
        return target.getvalue()

    def write(self) -> None:
        """Write it back."""
        with atomic(self.path) as file:
            file.write(self.text())


def _is_code(item: object) -> bool:
    return isinstance(item, str) and item.endswith(".py")
