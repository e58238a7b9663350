"""What the running stage declares in dvc.yaml, and the hook that fails it when it reads anything else.

DVC sets DVC_STAGE for each command it runs; by hand or in a test there is no such variable, and nothing is checked.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stages.core.errors import UndeclaredError
from stages.core.files import atomic
from stages.core.row import Record

PARAMS = "params.yaml"
# Not part of the graph: tools' own folders, and the environment.
OUTSIDE = {
    ".venv",
    ".git",
    ".dvc",
    ".llm-cache",
    ".checkpoints",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}
RECORDED = ("data", "recorded")  # answers are found by the content of the question, as in the response cache
STATE = {  # params are checked by key; stages/__init__.py only looks for the right Python
    "dvc.yaml",
    "dvc.lock",
    ".dvcignore",
    ".gitignore",
    "pyproject.toml",
    "stages/__init__.py",
    PARAMS,
}
REMEMBERED = Path(".dvc/tmp/dial-insight/declared.json")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PARTIAL = ".partial"


class Declaration(Record):
    """A stage's entry in dvc.yaml, resolved: files and folders it may open, dotted keys of params it may read."""

    stage: str
    paths: tuple[Path, ...]
    params: tuple[str, ...]  # "" stands for all of params.yaml

    def covers(self, path: Path) -> bool:
        """Whether `path` is a declared file or lies in a declared folder."""
        return any(path == declared or declared in path.parents for declared in self.paths)

    def reads(self, key: str) -> bool:
        """Whether the params under `key` are declared, whole."""
        return any(not declared or key == declared or key.startswith(declared + ".") for declared in self.params)


@cache
def current() -> Declaration | None:
    """Return the running stage's declaration, or None outside DVC."""
    name = os.environ.get("DVC_STAGE")
    if not name:
        return None
    graph = Path("dvc.yaml").read_bytes() if Path("dvc.yaml").is_file() else b""
    params = Path(PARAMS).read_bytes() if Path(PARAMS).is_file() else b""
    how = version("dvc").encode(), Path(__file__).read_bytes()  # another DVC, or another reading here, asks anew
    key = hashlib.sha256(b"\0".join((os.fsencode(Path.cwd()), graph, params, *how))).hexdigest()
    return _remembered(key, name) or _resolved(key, name, keep=b"vars:" not in graph)


def _remembered(key: str, name: str) -> Declaration | None:
    """Return a declaration as an earlier stage has read it of the same dvc.yaml and params.yaml in this folder."""
    try:
        known = json.loads(REMEMBERED.read_text(encoding="utf-8"))
        return Declaration.model_validate(known["stages"][name], strict=False) if known["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _resolved(key: str, name: str, *, keep: bool) -> Declaration:
    """Ask DVC; `keep` what it says of all stages for the next ones, as to load DVC takes half a second."""
    from dvc.dvcfile import load_file  # noqa: PLC0415 - 0.5 s
    from dvc.repo import Repo  # noqa: PLC0415 - 0.5 s

    with Repo(os.curdir) as repo:
        graph = load_file(repo, "dvc.yaml")
        loader = graph.LOADER(graph, graph.contents)  # repo.stage.load_one reads all of dvc.lock too: 0.3 s
        found = {stage: declaration(loader[stage]) for stage in (loader if keep else [name])}
    if keep and REMEMBERED.parents[1].is_dir():
        known = {"key": key, "stages": {stage: item.model_dump(mode="json") for stage, item in found.items()}}
        with suppress(OSError), atomic(REMEMBERED) as file:
            json.dump(known, file)
    return found[name]


def declaration(stage: Any) -> Declaration:  # noqa: ANN401 - dvc has no public type for it
    """Read a declaration off one of DVC's stage objects."""
    from dvc.dependency import ParamsDependency  # noqa: PLC0415 - 0.3 s, only under DVC

    files, keys = [], list[str]()
    for item in (*stage.deps, *stage.outs):
        if isinstance(item, ParamsDependency) and Path(item.fs_path).name == PARAMS:
            keys.extend(item.params or [""])  # the file named without keys: all of it
        else:
            files.append(Path(item.fs_path))
    return Declaration(stage=stage.addressing, paths=tuple(files), params=tuple(keys))


def param(key: str) -> None:
    """Refuse to read an undeclared param."""
    stage = current()
    if stage and not stage.reads(key):
        raise UndeclaredError(f"dvc.yaml: stage {stage.stage} reads {key} without declaring it; add it to its params")


@contextmanager
def watch(root: Path | None = None) -> Iterator[None]:
    """Fail the stage as soon as it opens a file of the repository that it did not declare; afterwards check its imports.

    What native code opens (weights, SQLite) and what a subprocess opens is not seen.
    """
    stage = current()
    if stage is None:
        yield
        return
    guard = Guard(stage, (root or Path.cwd()).resolve())
    sys.addaudithook(guard.hook)
    try:
        yield
        for module in list(sys.modules.values()):
            if source := getattr(module, "__dict__", {}).get("__file__"):  # not getattr: lazy modules would load
                guard.check(Path(source))
    except Exception:
        if guard.fault:  # a library may have made another error of it …
            raise guard.fault from None
        raise
    finally:
        guard.on = False  # a hook cannot be taken away
    if guard.fault:  # … or swallowed it
        raise guard.fault


class Guard:
    """Looks at every file that Python opens."""

    def __init__(self, stage: Declaration, root: Path) -> None:
        """Watch over `stage` in the repository at `root`."""
        self.stage, self.root, self.on = stage, root, True
        self.prefix = f"{root}{os.sep}"
        self.fault: UndeclaredError | None = None

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Check the path of an `open` event; numbers are descriptors of files that were checked."""
        if event != "open" or not self.on or not isinstance(args[0], (str, bytes, os.PathLike)):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if not path.startswith(self.prefix):
            return
        # A folder, or what is not there, is not read: os.open also means paths relative to other folders (shutil.rmtree).
        if (args[2] or 0) & WRITING or os.path.isfile(path):
            self.check(Path(path))

    def check(self, path: Path) -> None:
        """Raise and remember the first undeclared path."""
        if (inner := inside(path, self.root)) is None:
            return
        if not (self.stage.covers(path) or self.stage.covers(whole(path))):
            fix = "run `dial-insight deps --fix`" if path.suffix == ".py" else "add it to its deps or outs"
            fault = UndeclaredError(f"dvc.yaml: stage {self.stage.stage} opens {inner} without declaring it; {fix}")
            self.fault = self.fault or fault
            raise fault


def inside(path: Path, root: Path) -> Path | None:
    """Return where `path` lies in the graph's part of the repository, or None if it lies outside."""
    if not path.is_relative_to(root):
        return None
    inner = path.relative_to(root)
    environment = Path(sys.prefix).is_relative_to(root) and path.is_relative_to(sys.prefix)
    aside = environment or not inner.parts or OUTSIDE.intersection(inner.parts) or str(inner) in STATE
    aside = aside or inner.parts[:2] == RECORDED
    aside = aside or inner.parts[0].endswith(".egg-info")  # of `pip install -e`; importlib.metadata looks there
    return None if aside else inner


def whole(path: Path) -> Path:
    """Return the path that a partial file or folder takes when it is done."""
    return Path(*(part.removesuffix(PARTIAL) for part in path.parts))
