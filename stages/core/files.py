"""Writing so that nothing half-written passes for whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def atomic(target: Path) -> Iterator[TextIO]:
    """Open a partial file beside `target` for UTF-8 text; it takes the name only when all of it is on disk.

    On any error the partial file is removed and what stood at `target` is untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(target)  # a full disk does not say which file it was
        raise


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a partial folder to fill; it takes the place of `target` by renaming when the block ends well.

    The partial folder lies inside `target`, because there a stage is declared to write. On any error it is removed and what
    `target` held stays.
    """
    partial, finished = target / ".partial", target.with_name(target.name + ".partial")
    for left_over in (partial, finished):
        shutil.rmtree(left_over, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial)
        if not any(target.iterdir()):
            target.rmdir()
        raise
    partial.rename(finished)
    shutil.rmtree(target)
    finished.rename(target)
