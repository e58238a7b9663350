"""Unfinished training, outside the graph in `$DVC_ROOT/.checkpoints/<key>/`: DVC removes what a stage writes before it runs again.

A checkpoint counts only once its mark is written, after every process has written its part; what a kill left without one
is removed, never read.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from stages.core.errors import ModelError
from stages.core.files import atomic

FOLDER = ".checkpoints"
MARK = "whole.json"
PATIENCE_S = 30.0


@contextmanager
def hold(key: str) -> Iterator[Path]:
    """Give the folder of the training `key`, held against other processes; it is removed when the block ends well.

    The hold passes to child processes that are started with open descriptors, and ends with the last of them.
    """
    folder = Path(os.environ.get("DVC_ROOT", os.curdir)).resolve() / FOLDER / key
    with _lock(folder) as lock:
        for left in folder.parent.glob(f"{key}.*.done"):  # of a run that was killed while it cleared away
            shutil.rmtree(left, ignore_errors=True)
        os.set_inheritable(lock.fileno(), True)
        yield folder
        done = folder.rename(folder.with_name(f"{key}.{os.getpid()}.done"))  # at once, with its lock
        shutil.rmtree(done, ignore_errors=True)


def _lock(folder: Path) -> TextIO:
    """Return the lock of `folder`, held; try for PATIENCE_S seconds, as what a killed stage had launched needs a moment to end."""
    end = time.monotonic() + PATIENCE_S
    while not (lock := _tried(folder)):
        if time.monotonic() >= end:
            raise ModelError(
                f"{FOLDER}/{folder.name}: the same training is under way in another process; wait for it or end it, then run again"
            )
        time.sleep(0.2)
    return lock


def _tried(folder: Path) -> TextIO | None:
    """Return the lock of `folder` if nobody holds it; one that left with its folder while it was waited for is none."""
    path = folder / "lock"
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(BlockingIOError, FileNotFoundError), ExitStack() as stack:
        lock = stack.enter_context(path.open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
            stack.pop_all()
            return lock
    return None


def latest(folder: Path) -> Path | None:
    """Return the last whole checkpoint of a training."""
    whole = [path for path in folder.glob("checkpoint-*") if (path / MARK).is_file()]
    return max(whole, key=_step, default=None)


def clear(folder: Path) -> None:
    """Remove what is no whole checkpoint."""
    for path in folder.glob("checkpoint-*"):
        if not (path / MARK).is_file():
            shutil.rmtree(path)


def mark(checkpoint: Path, dtype: str) -> None:
    """Call a checkpoint whole, with the dtype its products ran in, and remove those before it."""
    with atomic(checkpoint / MARK) as file:
        json.dump({"dtype": dtype}, file)
    for path in checkpoint.parent.glob("checkpoint-*"):
        if path != checkpoint:
            shutil.rmtree(path)


def dtype(folder: Path) -> str | None:
    """Return the dtype with which the training has to go on, or None when there is nothing to go on from."""
    found = latest(folder)
    return str(json.loads((found / MARK).read_text())["dtype"]) if found else None


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])
