"""The files under data/review/: lines are added, none is changed or taken out, so that branches merge by union."""

import os
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.row import Record

R = TypeVar("R", bound=Record)
LOCK = ".lock"  # in the folder; not in Git


def record(target: Path, *rows: Record) -> None:
    """Add one line for each row, and return when they are on disk.

    The file is written anew beside the old one and takes its name at once: a reader, or a power cut, finds all the lines or none
    of them, never half a line. One process writes at a time, others wait. A last line without its end gets it.
    """
    target = target.resolve()  # a link stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / LOCK):
        before = _text(target)
        with atomic(target) as file:
            file.write(before + "\n" if before and not before.endswith("\n") else before)
            file.writelines(row.model_dump_json() + "\n" for row in rows)
        _name_on_disk(target.parent)


def history(source: Path, kind: type[R]) -> list[R]:
    """Return every line of the file, in file order, which tells nothing of time; of a file that is not there none."""
    return jsonl.read(source, kind, by_hand=True) if source.exists() else []


def _text(source: Path) -> str:
    try:
        return source.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _name_on_disk(folder: Path) -> None:
    """Wait until the file's new name is on disk too; where folders cannot be opened (Windows), the system sees to that."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
