"""What a verdict and the figures beside it rest on, by hashes: data, params and weights; and whether they are still what they were.

All that stage retain and the stages of the other figures needed, directly or not, is in dvc.lock: the MD5 of each file and folder, the
value of each param. A card keeps them. It is stale where dvc.lock says otherwise now, and where the workspace is not what dvc.lock says.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stages.cli.dvc_lock import at, maker, up_to
from stages.cli.pull_request import freshness
from stages.cli.revision import LOCK, PARAMS, Revision, git
from stages.core.errors import InputError
from stages.core.row import Record

VERDICT, WEIGHTS = "metrics/retention.json", "models/tuned"
CODE = "stages/"  # an edit of code alone makes no other data, params or weights


class Bound(Record):
    """What a card rests on: MD5 by path as DVC computes it, params by their dotted keys, and the commit of Git, "" where there is none.

    A commit whose tracked files were changed, so that it does not hold what was exported, ends in "-dirty".
    """

    commit: str
    files: dict[str, str]
    params: dict[str, Any]


def bound(figures: Iterable[str] = (), root: Path = Path()) -> Bound:
    """Return what the verdict in dvc.lock and the files of `figures` rest on; InputError where no verdict is there."""
    revision = Revision(root=root)
    stages = [revision.stages[name] for name in sorted(_needed(revision, figures)) if name in revision.stages]
    files = {
        item["path"]: item.get("md5", "")
        for stage in stages
        for item in (*stage.get("deps", ()), *stage.get("outs", ()))
        if not item["path"].startswith(CODE)
    }
    if VERDICT not in files or WEIGHTS not in files:
        raise InputError(f"{LOCK}: has no {VERDICT} of {WEIGHTS}; run `dvc repro` first: there is no verdict to ship")
    params: dict[str, Any] = {}
    for stage in stages:
        params |= dict(_flat(stage.get("params", {}).get(PARAMS, {})))
    commit = (git("describe", "--always", "--exclude=*", "--abbrev=40", "--dirty", root=root) or b"").decode().strip()
    return Bound(commit=commit, files=dict(sorted(files.items())), params=dict(sorted(params.items())))


def _needed(revision: Revision, figures: Iterable[str]) -> set[str]:
    """Return the stages that made the verdict and the files of `figures`, and all before them."""
    makers = {maker(revision, path) for path in (VERDICT, *figures)} - {""}
    return set[str]().union(*(up_to(revision, name) for name in makers))


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def unsettled(figures: Iterable[str] = (), root: Path = Path()) -> list[str]:
    """Return what of the workspace is not what dvc.lock says the verdict and `figures` were made of, each as "what (how)"."""
    revision, paths = Revision(root=root), list(figures)
    found, needed = freshness.stale(root), _needed(revision, paths)
    causes = [
        cause.replace("its command", f"the command of {name}")
        for name, named in found.changed.items()
        if name in needed
        for cause in named
    ]
    unmade = [f"{path} (not in dvc.lock)" for path in paths if not maker(revision, path)]
    return list(dict.fromkeys(cause for cause in (*unmade, *causes) if not cause.startswith(CODE)))


def changes(card: Bound, root: Path = Path()) -> list[str]:
    """Return what a card's verdict rests on and is no longer so, a line each, params with both values."""
    figures = [path for path in card.files if path.startswith("metrics/")]
    now, params = bound(figures, root), Revision(root=root).yaml(PARAMS)
    others = [
        f"{path} ({'gone' if path not in now.files else 'another one'})"
        for path, digest in card.files.items()
        if now.files.get(path) != digest
    ]
    values = {key: (value, _now(params, key)) for key, value in card.params.items()}
    altered = [f"{key} (is {new}, was {old})" for key, (old, new) in values.items() if new != old]
    known = {line.partition(" ")[0] for line in (*others, *altered)}
    return [*others, *altered, *(line for line in unsettled(figures, root) if line.partition(" ")[0] not in known)]


def _now(params: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - YAML
    value = at(params, key)
    return value if value is None or isinstance(value, (str, int, float, bool, list, dict)) else "gone"
