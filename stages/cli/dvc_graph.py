"""dvc.yaml as DVC understands it (templates resolved), and as text whose lists of dependencies can be rewritten."""

import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from stages.core import yaml_text
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.params import PARAMS
from stages.core.row import Record

GRAPH, LOCK = Path("dvc.yaml"), "dvc.lock"
OUTS = ("outs", "metrics", "plots")
WIDTH = 130  # columns of a list of dependencies


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
    with opened(root) as repo:
        return [step(stage) for stage in pipelines(repo.index.stages)]


def pipelines(stages: Iterable[Any]) -> list[Any]:
    """Return DVC's own objects of the stages of dvc.yaml; what `dvc add` tracks is one of its stages too, without a name."""
    from dvc.stage import PipelineStage  # noqa: PLC0415 - 0.3 s

    return [stage for stage in stages if isinstance(stage, PipelineStage)]


@contextmanager
def opened(root: Path, params: Path | None = None) -> Iterator[Any]:
    """Open the repository in `root` with DVC to look at it, which leaves no file in it as it opens one otherwise.

    `params` is read wherever DVC would read its params.yaml.
    """
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.fs import LocalFileSystem  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    class Looking(Repo):  # type: ignore[misc]
        def _ignore(self) -> None:
            """Write no .gitignore."""

        @property
        def _btime(self) -> float | None:
            """When the repository began to be used, by a file that is not made for it."""
            began = os.path.join(self.tmp_dir, "btime")
            return os.path.getmtime(began) if os.path.exists(began) else None

    files, there = LocalFileSystem(), str(root.resolve() / PARAMS)
    read, made = files.open, files.makedirs

    def instead(path: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as fsspec's open
        return read(str(params) if params and os.path.abspath(path) == there else path, *args, **kwargs)

    def outside(path: str, **kwargs: Any) -> None:  # noqa: ANN401 - as fsspec's makedirs
        if not Path(path).is_relative_to(root.resolve()):
            made(path, **kwargs)

    files.open, files.makedirs = instead, outside
    try:
        with Looking(str(root.resolve()), fs=files) as repo, TemporaryDirectory() as aside:
            repo.cache.legacy.path = (
                aside  # a folder that is in no dvc.lock is hashed as DVC 2 did, which stores a list of it
            )
            yield repo
    except DvcException as error:
        raise unreadable(root, error) from None


def unreadable(root: Path, error: Exception) -> InputError:
    """Return what DVC's `error` on the repository in `root` says, in one line, with the file of the two that it is about."""
    said = " ".join(str(error).split())
    return InputError(f"{root / (LOCK if LOCK in said else GRAPH)}: DVC cannot read it ({said}); mend it")


def every(root: Path) -> list[Step]:
    """Return every stage, then what `idle` finds."""
    active = steps(root)
    return active + idle(root, active)


def idle(root: Path, active: Iterable[Step]) -> list[Step]:
    """Return the entries of dvc.yaml that make none of the `active` stages: nothing is there to iterate over; templates stay open."""
    busy = {step.entry for step in active}
    entries = DvcYaml(root / GRAPH).entries()
    return [_written(name, body) for name, body in entries.items() if name not in busy]


def _written(name: str, body: Any) -> Step:  # noqa: ANN401 - ruamel's tree
    outs = [key for kind in OUTS for out in body.get(kind, ()) for key in _keys(out)]
    deps, params = body.get("deps", ()), body.get("params", ())
    return Step(name=name, command=body["cmd"], deps=tuple(deps), params=tuple(params), outs=tuple(outs))


def _keys(out: object) -> list[str]:
    return [str(key) for key in out] if isinstance(out, dict) else [str(out)]


def step(stage: Any) -> Step:  # noqa: ANN401 - dvc has no public type for it
    """Read a stage off DVC's own object."""
    from dvc.dependency import ParamsDependency as kind  # noqa: PLC0415 - 0.3 s

    return Step(
        name=stage.name,
        command=stage.cmd,
        deps=tuple(item.def_path for item in stage.deps if not isinstance(item, kind)),
        params=tuple(key for item in stage.deps if isinstance(item, kind) for key in item.params),
        outs=tuple(item.def_path for item in stage.outs),
    )


class DvcYaml:
    """The text of dvc.yaml, of which only lists of dependencies are ever rewritten."""

    def __init__(self, path: Path = GRAPH) -> None:
        """Read `path`."""
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    def entries(self) -> dict[str, Any]:
        """Return the entry of each stage, without the iteration around it."""
        return {name: body.get("do", body) for name, body in _stages(self.text).items()}

    def iterating(self) -> list[str]:
        """Return the names of the entries that make a stage for each item of something."""
        return [name for name, body in _stages(self.text).items() if body.keys() & {"foreach", "matrix"}]

    def restless(self) -> list[str]:
        """Return the entries of which the files alone do not tell whether DVC runs them: it always does, or it looks elsewhere."""
        if "vars" in yaml_text.load(self.text):
            return ["vars"]
        return [name for name, body in self.entries().items() if not _rests(body)]

    def set_code(self, entry: str, old: Collection[str], new: Sequence[str]) -> None:
        """Put `new` in the place of `old` among an entry's dependencies, behind the others, as one list in flow style."""
        body = self.entries()[entry]
        others = [str(path) for path in body.get("deps", ()) if path not in (*old, *new)]
        if list(body.get("deps", ())) == [*others, *new]:
            return
        node = self._body(entry)
        nodes = {key.value: (key, value) for key, value in node.value}
        key, value = nodes.get("deps", nodes["cmd"])
        column = key.start_mark.column
        flow = _flow(f"{' ' * column}deps: [", [others, list(new)]) if others or new else ""
        lines = self.text.splitlines(keepends=True)
        start = key.start_mark.line if "deps" in nodes else value.end_mark.line + 1
        end = value.end_mark.line + bool(value.end_mark.column > column) if "deps" in nodes else start
        self.text = "".join([*lines[:start], flow, *lines[end:]])

    def _body(self, entry: str) -> Any:  # noqa: ANN401 - ruamel's nodes
        node = YAML().compose(self.text)
        for name in ("stages", entry):
            node = next(value for key, value in node.value if key.value == name)
        return next((value for key, value in node.value if key.value == "do"), node)

    def write(self) -> None:
        """Write it back."""
        with atomic(self.path) as file:
            file.write(self.text)


def _stages(text: str) -> dict[str, Any]:
    """Return the entries of dvc.yaml's text as they stand there."""
    stages: dict[str, Any] = yaml_text.load(text)["stages"]
    return stages


def _rests(body: dict[str, Any]) -> bool:
    """Whether an entry has something to depend on, of this machine, in params.yaml, and no key that changes when it runs."""
    deps, params = body.get("deps", ()), body.get("params", ())
    paths = (*deps, *(path for kind in OUTS for out in body.get(kind, ()) for path in _keys(out)))
    return (
        body.keys() <= {"cmd", "deps", "desc", "params", *OUTS}
        and bool(deps or params)
        and all(isinstance(key, str) for key in params)  # a mapping names another file
        and not any("://" in path for path in paths)
    )


def _flow(head: str, groups: Sequence[Sequence[str]]) -> str:
    """Return a list in flow style, each group on lines of its own."""
    lines, margin = list[str](), " " * len(head)
    for group in filter(None, groups):
        line = margin
        for item in group:
            word = f"'{item}', " if "{" in item else f"{item}, "  # a brace would open a mapping
            if len(line) + len(word) > WIDTH and line != margin:
                lines.append(line.rstrip())
                line = margin
            line += word
        lines.append(line.rstrip())
    lines[0] = head + lines[0].strip()
    return "\n".join(lines).rstrip(",") + "]\n"
