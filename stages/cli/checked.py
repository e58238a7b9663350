"""The mark that a clean `dial-insight check` leaves: while all that it read is the same, `make repro` need not check again.

Contents count, never times of change. Nothing but the standard library is imported: to look costs a fiftieth of a second.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MARK = Path(".dvc/tmp/dial-insight/checked.json")
FILES = ("params.yaml", "dvc.yaml", ".dvcignore", ".dvc/config", ".dvc/config.local", "data/bench/general_text.jsonl")
FOLDERS = ("prompts", "data/bench/small", "data/calibration", "data/review", "data/test")
CODE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # all of stages/, wherever it was imported from
COMPILED = "__pycache__"
INSTALLED = ("site-packages", "dist-packages")
LOCKED = re.compile(r"^  ([^\s:'\"]+):$", re.MULTILINE)  # a stage's entry in dvc.lock, as DVC writes it …
COMMAND = re.compile(r"^    cmd:", re.MULTILINE)  # … and the one line that each has


class Mark(NamedTuple):
    """What a clean check saw."""

    digest: str
    provided: list[str]  # paths that stages read and none makes
    paths: list[str]  # all that stages read and write
    stages: list[str]  # names of the stages, with their items
    iterating: list[str]  # entries of dvc.yaml that make a stage for each item of a list or a map
    restless: list[str]  # entries that DVC may run though no file of the graph has changed


def digest(root: Path = Path()) -> str:
    """Return a hash of every file that a check reads, of the Python that runs it and of the packages that this Python has."""
    seen = hashlib.sha256()
    for name, path in read(root):
        _add(seen, name, path)
    for word in (sys.version, sys.prefix, *_packages()):
        seen.update(f"{word}\0".encode())
    return seen.hexdigest()


def read(root: Path = Path()) -> Iterator[tuple[str, str]]:
    """Yield the files that a check reads or would read: a name that is the same wherever the repository lies, and the path."""
    for name in FILES:
        yield name, os.path.join(root, name)
    for name, folder in [(name, os.path.join(root, name)) for name in FOLDERS] + [("stages", CODE)]:
        for path in files(folder):
            yield name + path[len(folder) :], path


def leave(mark: Mark, root: Path = Path()) -> None:
    """Write the mark; `mark.digest` is of before the check, so that what changed meanwhile is seen."""
    write(root / MARK, json.dumps(mark._asdict()))


def standing(root: Path = Path()) -> Mark | None:
    """Return the mark of the last clean check if a check would say the same again; None if it has to be run."""
    try:
        mark = Mark(**json.loads((root / MARK).read_text(encoding="utf-8")))
        same = mark.digest == digest(root) and all(os.path.exists(root / path) for path in mark.provided)
    except (OSError, ValueError, TypeError):
        return None
    return mark if same else None


def gone(mark: Mark, root: Path = Path()) -> bool:
    """Whether dvc.lock has, or may have, stages of items that dvc.yaml no longer iterates over."""
    try:
        lock = (root / "dvc.lock").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    names = LOCKED.findall(lock)
    left = {name.partition("@")[0] for name in set(names).difference(mark.stages) if "@" in name}
    return len(names) != len(COMMAND.findall(lock)) or not left.isdisjoint(mark.iterating)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def files(folder: str) -> Iterator[str]:
    """Yield the files of a folder by name, those behind links too; none of a folder that is not there."""
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield entry.path
        elif entry.name != COMPILED:
            yield from files(entry.path)


def _add(seen: "hashlib._Hash", name: str, path: str) -> None:
    """Add a file's name and content; of one that is not there, that."""
    try:
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        content = ""
    seen.update(f"{name}\0{content}\0".encode(errors="surrogateescape"))


def _packages() -> Iterator[str]:
    """Yield the names of the installed distributions, which hold their versions."""
    for folder in sys.path:
        if os.path.basename(folder) in INSTALLED and os.path.isdir(folder):
            yield from sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".pth")))
