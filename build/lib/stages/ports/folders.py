"""Writing a whole folder so that nothing half-written passes for it: the folder's counterpart of `files.atomic`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
