"""The state of all files of the graph in which DVC last found nothing to do; in the same state it would find the same again.

A file is told by its inode, size and time of change, as in DVC's own table of hashes, and by the time of the inode's last change,
which no tool sets back: what DVC takes for changed is never taken for unchanged here.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from stages.cli import checked

MARK = checked.MARK.with_name("settled")
FILES = ("dvc.lock", *checked.FILES)
CACHE = Path(".dvc/cache/files/md5")  # a result that is not in it DVC makes again
ABSENT = "absent"


def state(mark: checked.Mark, root: Path = Path()) -> str | None:
    """Return a hash of the states of all that the stages read and write, and of what tells DVC which stages there are.

    None where a file cannot be looked at: DVC says which.
    """
    try:
        return _hash(mark, root)
    except OSError:
        return None


def _hash(mark: checked.Mark, root: Path) -> str:
    seen = hashlib.sha256(mark.digest.encode())
    for folder in _cached(root):
        seen.update(f"{folder}\0".encode())
    for name in (*FILES, *_beside(mark.paths)):
        seen.update(f"{name}\0{_look(os.path.join(root, name))}\0".encode())
    for name in sorted(mark.paths):
        path = os.path.join(root, name)
        seen.update(f"{name}\0{_look(path)}\0".encode())
        for file in checked.files(path):
            seen.update(f"{file[len(path) :]}\0{_look(file)}\0".encode(errors="surrogateescape"))
    return seen.hexdigest()


def last(root: Path = Path()) -> str:
    """Return the state that was left, or an empty string."""
    try:
        return (root / MARK).read_text(encoding="utf-8")
    except OSError:
        return ""


def leave(found: str, root: Path = Path()) -> None:
    """Write down a state in which DVC had nothing to do."""
    checked.write(root / MARK, found)


def _cached(root: Path) -> Iterator[str]:
    """Yield the folders of DVC's cache, with the time at which a file last came to each or left it."""
    if (root / CACHE).is_dir():
        with os.scandir(root / CACHE) as found:
            yield from sorted(f"{entry.name} {entry.stat().st_mtime_ns}" for entry in found)


def _beside(paths: list[str]) -> Iterator[str]:
    """Yield where DVC may have been told more of the paths: by `dvc add`, or by what it is to leave out."""
    folders = {str(parent) for path in paths for parent in Path(path).parents}
    yield from sorted(f"{path}.dvc" for path in folders.union(paths) - {"."})
    yield from sorted(os.path.join(folder, ".dvcignore") for folder in folders)


def _look(path: str) -> str:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    if os.path.isdir(path):
        return "folder"  # its files are looked at one by one; those that DVC leaves out change its times
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
