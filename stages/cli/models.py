"""The catalog's models as a person sees them: what each is, whether its file is in the cache folder, and whether it is whole."""

from collections.abc import Iterator
from pathlib import Path

from stages.catalog import folders
from stages.catalog.catalog import Catalog
from stages.catalog.download import MB, cache_folder, gguf, location, sha256
from stages.core.errors import ModelError
from stages.reporting.counted import counted

MADE = Path("models")  # in the clone
HEAD = ("name", "origin", "licence", "languages", "quantized", "MB", "in the cache")


def table(catalog: Catalog) -> Iterator[str]:
    """Yield a line for the columns' names and one for each model."""
    rows = [HEAD]
    for name, entry in catalog.models.items():
        file, languages = entry.gguf, ", ".join(entry.languages)
        here = "yes" if location(name, file).exists() else "no"
        rows.append((name, entry.origin, entry.licence, languages, file.quantization, f"{file.bytes / MB:,.0f}", here))
    for name, folder in catalog.folders.items():
        languages, here = ", ".join(folder.languages), "yes" if folders.location(name, folder).exists() else "no"
        rows.append((name, folder.origin, folder.licence, languages, "–", f"{folder.bytes / MB:,.0f}", here))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def fetch(name: str) -> Iterator[str]:
    """Fetch the file or the folder of the model `name`, if it is not in the cache folder yet; yield where it lies."""
    place = "dial-insight models fetch"
    yield str(folders.fetched(name, place) if name in Catalog.load().folders else gguf(name, place))


def verify(catalog: Catalog) -> Iterator[str]:
    """Hash every model file in the cache folder and yield what was found; damaged ones end it with an error.

    A folder's hash is that of its wheel, which was not kept, so its size alone is compared. Models that stages made, from whatever
    source, lie in `models/` of the clone and are DVC's: they are named.
    """
    known = {location(name, entry.gguf): entry.gguf for name, entry in catalog.models.items()}
    paths, damaged = sorted((cache_folder() / "models").glob("*.gguf")), list[str]()
    for path in paths:
        if path not in known:
            yield f"{path}: not of this catalog, which does not read it; delete it if no other clone does"
        elif (found := sha256(path)) == known[path].sha256:
            yield f"{path}: whole, SHA-256 {found}"
        else:
            yield f"{path}: damaged, has SHA-256 {found}, expected {known[path].sha256}"
            damaged.append(path.name)
    unpacked = {
        path: folder for name, folder in catalog.folders.items() if (path := folders.location(name, folder)).is_dir()
    }
    for path, folder in unpacked.items():
        if (size := sum(file.stat().st_size for file in path.rglob("*") if file.is_file())) == folder.bytes:
            yield f"{path}: {size:,} bytes, as in its wheel, whose hash was compared when it was fetched; to compare it again, delete the folder"
        else:
            yield f"{path}: damaged, has {size:,} bytes, expected {folder.bytes:,}"
            damaged.append(path.name)
    for config in sorted(MADE.glob("*/config.json")):
        yield f"{config.parent}: not looked at; a stage made it, so that `dvc status` compares it with dvc.lock"
    if damaged:
        raise ModelError(
            f"{cache_folder() / 'models'}: delete {', '.join(damaged)}, and it is fetched again when it is needed"
        )
    yield f"{cache_folder()}: {counted(len(paths), 'file')} and {counted(len(unpacked), 'folder')} looked at, none is damaged"
