"""What a verdict rests on, by hashes: data, params and weights; and whether they are still what they were.

All that stage retain needed, directly or not, is in dvc.lock: the MD5 of each file and folder, the value of each param. A card keeps
them. It is stale where dvc.lock says otherwise now, and where the workspace is not what dvc.lock says.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stages.cli.dvc_lock import at, up_to
from stages.cli.pull_request import freshness
from stages.cli.revision import LOCK, PARAMS, Revision, git
from stages.core.errors import InputError
from stages.core.row import Record

VERDICT, WEIGHTS = "metrics/retention.json", "models/tuned"
STAGE = "retain"
CODE = "stages/"  # an edit of code alone makes no other data, params or weights


class Bound(Record):
    """What a verdict rests on: MD5 by path as DVC computes it, params by their dotted keys, and the commit of Git, "" where there is none."""

    commit: str
    files: dict[str, str]
    params: dict[str, Any]


def bound(root: Path = Path()) -> Bound:
    """Return what the verdict in dvc.lock rests on; InputError where none is there."""
    revision = Revision(root=root)
    stages = [revision.stages[name] for name in sorted(up_to(revision, STAGE)) if name in revision.stages]
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
    commit = (git("rev-parse", "HEAD", root=root) or b"").decode().strip()
    return Bound(commit=commit, files=dict(sorted(files.items())), params=dict(sorted(params.items())))


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def unsettled(root: Path = Path()) -> list[str]:
    """Return what of the workspace is not what dvc.lock says the verdict was made of, each as "what (how)"."""
    found, needed = freshness.stale(root), up_to(Revision(root=root), STAGE)
    causes = [cause for name, named in found.changed.items() if name in needed for cause in named]
    return list(dict.fromkeys(cause for cause in causes if not cause.startswith(CODE)))


def changes(card: Bound, root: Path = Path()) -> list[str]:
    """Return what a card's verdict rests on and is no longer so, a line each, params with both values."""
    now, params = bound(root), Revision(root=root).yaml(PARAMS)
    others = [
        f"{path} ({'gone' if path not in now.files else 'another one'})"
        for path, digest in card.files.items()
        if now.files.get(path) != digest
    ]
    values = {key: (value, _now(params, key)) for key, value in card.params.items()}
    altered = [f"{key} (is {new}, was {old})" for key, (old, new) in values.items() if new != old]
    known = {line.partition(" ")[0] for line in (*others, *altered)}
    return [*others, *altered, *(line for line in unsettled(root) if line.partition(" ")[0] not in known)]


def _now(params: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - YAML
    value = at(params, key)
    return value if value is None or isinstance(value, (str, int, float, bool, list, dict)) else "gone"
