"""The catalog's models as a person sees them: what each is, whether its file is in the cache folder, and whether it is whole."""

from collections.abc import Iterator

from stages.catalog import folders
from stages.catalog.catalog import Catalog
from stages.catalog.download import MB, cache_folder, gguf, location, sha256
from stages.core.errors import ModelError

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
    """Hash every model file in the cache folder and yield what was found; damaged ones end it with an error."""
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
    if damaged:
        raise ModelError(f"{paths[0].parent}: delete {', '.join(damaged)}, and it is fetched again when it is needed")
    yield f"{cache_folder()}: {len(paths)} files looked at, none is damaged"
