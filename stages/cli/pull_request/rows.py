"""Which rows came and went: in files that Git keeps, and in those of DVC whose old and new version lie in its cache."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from stages.cli.pull_request import revision
from stages.cli.revision import WORKSPACE, Revision
from stages.core.row import content_id

IN_GIT = ("data",)
RAW = "data/raw"


class Moved(NamedTuple):
    """Rows of a file by id: new ones, lost ones, ones with another content; None: a version of it is not on this machine."""

    path: str
    added: int | None
    removed: int | None
    changed: int | None


def moved(root: Path, commit: str) -> list[Moved]:
    """Return the files of rows that are not what they were."""
    return [*_in_git(root, commit), *_in_dvc(root, commit)]


def conversations(root: Path, commit: str) -> list[str]:
    """Return the raw files that are not what they were and have no rows to count, such as tables and subtitles: new, changed and gone ones."""
    return [path for path in revision.changed(root, commit, RAW) if not path.endswith((".jsonl", ".md", ".gitignore"))]


def _in_git(root: Path, commit: str) -> Iterator[Moved]:
    for path in revision.changed(root, commit, *IN_GIT):
        if path.endswith(".jsonl"):
            now = _text(root / path) or ""
            yield _compared(path, revision.before(root, commit, path) or "", now)


def _in_dvc(root: Path, commit: str) -> Iterator[Moved]:
    then, now = Revision(commit, root), Revision(WORKSPACE, root)
    for path in sorted(then.made.keys() | now.made.keys()):
        if path.endswith(".jsonl") and then.made.get(path) != now.made.get(path):
            old, new = locked_text(then, path), locked_text(now, path)
            yield Moved(path, None, None, None) if old is None or new is None else _compared(path, old, new)


def locked_text(at: Revision, path: str) -> str | None:
    """Return a file as dvc.lock has it: "" where it has none, None where DVC's cache on this disk has not got it."""
    if not (digest := at.made.get(path, "")):
        return ""
    return _text(at.cached(digest))


def _text(path: Path | None) -> str | None:
    """Return a file's text; what is no UTF-8 in it differs from what is, and is for `dial-insight check` to name."""
    return path.read_text(encoding="utf-8", errors="replace") if path and path.is_file() else None


def _compared(path: str, old: str, new: str) -> Moved:
    """Count what came, went and changed; of lines with one id, as of several decisions about a row, each is a row."""
    before, after = (_by_id(text.split("\n")) for text in (old, new))
    added = removed = changed = 0
    for each in before.keys() | after.keys():
        gone, come = ((before[each] - after[each]).total(), (after[each] - before[each]).total())
        changed += min(gone, come)
        removed += gone - min(gone, come)
        added += come - min(gone, come)
    return Moved(path, added, removed, changed)


def _by_id(lines: Iterable[str]) -> defaultdict[str, Counter[str]]:
    """Return what the rows of each id say, and how often; one without an id, or not JSON, is its own."""
    rows = defaultdict[str, Counter[str]](Counter)
    for line in filter(str.strip, lines):
        try:
            row = json.loads(line)
        except ValueError:
            row = line
        key = row.get("id") if isinstance(row, dict) else None
        rows[str(key or content_id(line))][json.dumps(row, sort_keys=True)] += 1
    return rows
