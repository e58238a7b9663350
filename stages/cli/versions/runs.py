"""Making the runs as DVC experiments of the last commit, in folders of their own: the workspace stays, and what is there is not made again."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.cli import dvc_lock
from stages.cli.revision import PARAMS, WORKSPACE, Revision, git
from stages.cli.versions.plan import Run, check, differing
from stages.core.errors import DialInsightError, InputError

UNFINISHED = "+unfinished"  # behind a name, while one of that name is there; no version may have a "+" in its own


def make(runs: Sequence[Run], until: str, root: Path = Path()) -> Iterator[str]:
    """Make what is missing, up to the stage `until` ("" the whole graph); yield a line before each run."""
    _known(until, root)
    left = [run for run in runs if not there(run, until, root)]
    if left and git("status", "--porcelain", "--untracked-files=no", root=root):
        yield "uncommitted changes of the workspace take part in what runs now"
    yield f"{len(runs) - len(left)} of {len(runs)} runs are there"
    check(left, root)
    for number, run in enumerate(left, 1):
        yield f"{run.name}: {number} of {len(left)}"
        _make(run, until, root)


def _known(until: str, root: Path) -> None:
    """Refuse a stage that the graph has not, before anything is made or replaced."""
    stages = dvc_lock.declared(Revision(WORKSPACE, root))
    if until and not dvc_lock.named(stages, until):
        raise InputError(
            f"--until {until}: {dvc_lock.GRAPH} has no such stage; `dvc stage list --name-only` names them"
        )


def there(run: Run, until: str, root: Path = Path()) -> bool:
    """Whether this commit has the experiment, run as far as is wanted; one of other params is refused, not replaced."""
    if not (ref := _ref(run, root)):
        return False
    made = Revision(ref, root)
    if keys := differing(run, made.yaml(PARAMS)):
        raise InputError(
            f"experiment {run.name} of this commit has other params ({', '.join(keys)}); keep it under another name "
            f"(`dvc exp rename {run.name} NAME`) or remove it (`dvc exp remove {run.name}`)"
        )
    wanted = dvc_lock.up_to(made, until)
    return bool(wanted) and not wanted & set(dvc_lock.due(made))


def _ref(run: Run, root: Path) -> str:
    head = (git("rev-parse", "HEAD", root=root) or b"").decode().strip()
    ref = f"refs/exps/{head[:2]}/{head[2:]}/{run.name}"
    return ref if git("rev-parse", "--verify", "--quiet", ref, root=root) else ""


def _make(run: Run, until: str, root: Path) -> None:
    """Run it; one that ran less far gives its name up only once this one has ended well, and what it made stays in the cache."""
    earlier = _ref(run, root)
    name = f"{run.name}{UNFINISHED}" if earlier else run.name
    if _ref(run._replace(name=name), root) and earlier:  # of a call that was stopped before it got its name
        _dvc(root, name, "remove", name)
    words = [word for change in _changes(run, root) for word in ("-S", change)]
    said = f"versions: {run.name}" + (f", until {until}" if until else "")
    _dvc(root, run.name, "run", "--temp", "--name", name, "--message", said, *words, *([until] if until else []))
    if earlier:
        _dvc(root, run.name, "rename", "--force", name, run.name)


def _changes(run: Run, root: Path) -> Iterator[str]:
    """Yield what DVC is told: a map would be merged into the one that is there, so that is taken out first."""
    held = Revision(WORKSPACE, root).yaml(PARAMS)
    for key, value in run.params.items():
        if isinstance(value, dict) and isinstance(dvc_lock.at(held, key), dict):
            yield f"~{key}"
        yield f"++{key}={written(value)}"


def written(value: object) -> str:
    """Return a value as DVC's command line takes it: Hydra's grammar, in which texts may be quoted and keys may not.

    In a quoted text a backslash is one, but in front of a quotation mark and at the end.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return '"' + re.sub(r'(\\+)(?="|\Z)', r"\1\1", value).replace('"', r"\"") + '"'
    return json.dumps(value)


def _dvc(root: Path, name: str, *words: str) -> None:
    """Run DVC with this environment's commands first on the path, as its stages call `python`."""
    path = os.pathsep.join([Path(sys.executable).parent.as_posix(), os.environ["PATH"]])
    called = [sys.executable, "-m", "dvc", "exp", *words]
    if code := subprocess.call(called, cwd=root, env={**os.environ, "PATH": path}):
        raise DialInsightError(
            f"`dvc exp {words[0]}` of {name} ended with code {code}; its last lines say why; the same command goes on from here"
        )
