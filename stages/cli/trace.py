"""The ancestry of a row as a tree for the screen, or as JSON."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from stages.cli.dvc_lock import due, maker
from stages.cli.lineage.ancestry import ancestry
from stages.cli.lineage.rows import Ancestor
from stages.cli.recorded_answers import answered
from stages.cli.revision import PARAMS, Revision

WIDTH = 90  # characters of an instruction's text on screen
DIGITS = 12  # of an MD5 on screen; JSON has all


def traced(row: str, rev: str, root: Path = Path()) -> Ancestor:
    """Return a row's ancestry in a revision ("" the workspace), with the recorded answers behind it.

    A row of a stage that has to run again says so: it is of an earlier run, and need not fit the rows above it.
    """
    revision = Revision(rev, root)
    domain = str(revision.yaml(PARAMS).get("domain", ""))
    made = _dated(answered(revision, ancestry(revision, row, domain)), revision, frozenset(due(revision)))
    return made if rev else _compared(made, _edited(revision))


def _edited(revision: Revision) -> Callable[[str], bool]:
    """Return what tells whether a file of the workspace is another than dvc.lock has; a file is hashed once."""

    @cache
    def edited(path: str) -> bool:
        locked, file = revision.locked.get(path, ""), revision.root / path
        if not locked or not file.is_file():
            return False
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "md5").hexdigest() != locked

    return edited


def _compared(made: Ancestor, edited: Callable[[str], bool]) -> Ancestor:
    facts = {**made.facts, "edited": True} if edited(made.place.partition(":")[0]) else made.facts
    parents = tuple(_compared(parent, edited) for parent in made.parents)
    return made.model_copy(update={"facts": facts, "parents": parents})


def _dated(made: Ancestor, revision: Revision, stages: frozenset[str]) -> Ancestor:
    stage = maker(revision, made.place.partition(":")[0])
    facts = {**made.facts, "due": stage} if stage in stages else made.facts
    parents = tuple(_dated(parent, revision, stages) for parent in made.parents)
    return made.model_copy(update={"facts": facts, "parents": parents})


def as_json(made: Ancestor) -> str:
    """Return it as indented JSON."""
    return made.model_dump_json(indent=2)


def tree(made: Ancestor, head: str = "", below: str = "") -> Iterator[str]:
    """Yield the lines of the tree: what a row is and where it stands, what is known of it, then what it was made of."""
    where = f"  {made.place}" + (f"  md5 {made.md5[:DIGITS]}" if made.md5 else "")
    yield f"{head}{made.kind} {made.id}{where}"
    margin = below + ("│  " if made.parents else "   ")
    for line in _facts(made.facts):
        yield f"{margin}{line}"
    for number, parent in enumerate(made.parents, 1):
        last = number == len(made.parents)
        yield from tree(parent, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))


def _facts(facts: dict[str, Any]) -> Iterator[str]:
    for drop in facts.get("dropped", ()):
        detail = f" ({drop['detail']})" if "detail" in drop else ""
        times = f", {drop['times']} times" if "times" in drop else ""
        yield f"dropped at {drop['stage']}: {drop['reason']}{detail}{times}"
    if "due" in facts:
        yield f"of an earlier run: stage {facts['due']} has not run since its params or inputs changed"
    if "edited" in facts:
        yield "edited since dvc.lock: the file is another than the md5 says"
    if plain := ", ".join(f"{key} {_value(value)}" for key, value in facts.items() if _plain(key, value)):
        yield plain
    if text := facts.get("text"):
        yield f"“{text if len(text) <= WIDTH else text[: WIDTH - 1] + '…'}”"
    for part in facts.get("parts", ()):
        yield f"part {part['kind']}: {part['template']}  text {part['text']}"


def _plain(key: str, value: object) -> bool:
    return key not in ("text", "parts", "dropped", "due", "edited") and value not in (None, "", [], {})


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"({', '.join(f'{key} {each}' for key, each in value.items())})"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
