"""Which rows came and went: in files that Git keeps, and in those of DVC whose old and new version lie in its cache."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.cli.pull_request import revision
from stages.core.errors import InputError
from stages.core.row import content_id

LOCK = "dvc.lock"
IN_GIT = ("data",)


class Moved(NamedTuple):
    """Rows of a file by id: new ones, lost ones, ones with another content; None: a version of it is not on this machine."""

    path: str
    added: int | None
    removed: int | None
    changed: int | None


def moved(root: Path, commit: str) -> list[Moved]:
    """Return the files of rows that are not what they were."""
    return [*_in_git(root, commit), *_in_dvc(root, commit)]


def _in_git(root: Path, commit: str) -> Iterator[Moved]:
    for path in revision.changed(root, commit, *IN_GIT):
        if path.endswith(".jsonl"):
            now = _text(root / path) or ""
            yield _compared(path, revision.before(root, commit, path) or "", now)


def _in_dvc(root: Path, commit: str) -> Iterator[Moved]:
    then, now = (locked(text) for text in (revision.before(root, commit, LOCK), _text(root / LOCK)))
    for path in sorted(then.keys() | now.keys()):
        if path.endswith(".jsonl") and then.get(path) != now.get(path):
            old, new = (cached(root, hashes.get(path)) for hashes in (then, now))
            yield Moved(path, None, None, None) if old is None or new is None else _compared(path, old, new)


def locked(text: str | None) -> dict[str, str]:
    """Return the hash of each file that dvc.lock says a stage made and DVC keeps."""
    try:
        stages = YAML(typ="safe").load(text or "stages: {}").get("stages", {})
    except (YAMLError, AttributeError):
        raise InputError(f"{LOCK}: not YAML, as after a merge with conflicts; settle them (docs/daily.md)") from None
    outs = (out for stage in stages.values() for out in stage.get("outs", ()))
    return {out["path"]: out["md5"] for out in outs if "md5" in out}


def cached(root: Path, digest: str | None) -> str | None:
    """Return a file's text from DVC's cache, "" for a file that was not there, None where the cache has it not."""
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    if digest is None:
        return ""
    with Repo(str(root)) as repo:
        return _text(Path(repo.cache.local.oid_to_path(digest)))


def _text(path: Path) -> str | None:
    """Return a file's text; what is no UTF-8 in it differs from what is, and is for `dial-insight check` to name."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _compared(path: str, old: str, new: str) -> Moved:
    before, after = (_by_id(text.splitlines()) for text in (old, new))
    both = before.keys() & after.keys()
    return Moved(
        path, len(after.keys() - both), len(before.keys() - both), sum(before[each] != after[each] for each in both)
    )


def _by_id(lines: Iterable[str]) -> dict[str, Any]:
    """Return the rows by their id; one without an id, or not JSON, is its own."""
    rows: dict[str, Any] = {}
    for line in filter(str.strip, lines):
        try:
            row = json.loads(line)
        except ValueError:
            row = line
        key = row.get("id") if isinstance(row, dict) else None
        rows[str(key or content_id(line))] = row
    return rows
