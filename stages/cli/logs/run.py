"""A run: all items that one model answered, from a file or a folder of logs of whichever kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from stages.cli.logs import evalscope, grades, inspect_ai, lm_eval, outcomes, plain
from stages.cli.logs.item import Item, Key
from stages.cli.logs.lines import Object, dated, first
from stages.core.errors import InputError

Format = Literal["lm-eval", "inspect", "evalscope", "plain", "bench", "grades"]
Reader = Callable[[Path, str], Iterator[Item]]

READERS: dict[Format, Reader] = {
    "lm-eval": lm_eval.items,
    "inspect": inspect_ai.items,
    "evalscope": evalscope.items,
    "plain": plain.items,
    "bench": outcomes.items,
    "grades": grades.items,
}
BY_LINE: dict[Format, Callable[[Object], bool]] = {
    "lm-eval": lm_eval.reads,
    "evalscope": evalscope.reads,
    "bench": outcomes.reads,
    "grades": grades.reads,
    "plain": plain.reads,
}
BESIDE: dict[Format, Callable[[Path], list[Path]]] = {"lm-eval": lm_eval.beside, "evalscope": evalscope.beside}
FEW = 3  # items named in a message


class Run(NamedTuple):
    """The items by key, in the log's order, and where they come from."""

    place: Path
    format: Format
    items: Mapping[Key, Item]

    def guessed(self, chance: float) -> "Run":
        """Return the run with this chance of a guess, where the log tells none."""
        told = {key: item._replace(chance=chance) if item.chance is None else item for key, item in self.items.items()}
        return self._replace(items=told)


def read(place: Path, wanted: Format | None, metric: str) -> Run:
    """Read a file, or all logs of a folder, of `FOLDER@DATE` those of that run; what is there twice is refused."""
    folder, date = _chosen(place)
    files = _of_run(folder, date, _files(folder, wanted))
    kinds = sorted(set(files.values()))
    if len(kinds) != 1:
        found = f"logs of {' and '.join(kinds)}; name the one that is meant with --format" if kinds else _none(wanted)
        raise InputError(f"{place}: {found}")
    found_items: dict[Key, Item] = {}
    twice: Counter[Key] = Counter()
    for path, kind in files.items():
        for item in _read(path, kind, metric):
            twice[item.key] += item.key in found_items
            found_items[item.key] = item
    if repeated := [key for key, times in twice.items() if times]:
        raise InputError(f"{place}: {named(repeated)} twice; {_one_of(folder, files)}")
    if not found_items:
        raise InputError(f"{place}: no items; expected a log of single items")
    return Run(place, kinds[0], found_items)


def paths(place: Path, wanted: Format | None) -> list[Path]:
    """Return what `read` reads of a place: the logs, and the summaries and reports beside them."""
    folder, date = _chosen(place)
    logs = _of_run(folder, date, _files(folder, wanted))
    return [*logs, *(found for log, kind in logs.items() if kind in BESIDE for found in BESIDE[kind](log))]


def _chosen(place: Path) -> tuple[Path, str]:
    """Return where the logs are, and the beginning of the date that is named after an @; empty where none is."""
    folder, _, date = str(place).rpartition("@")
    if place.exists() or not folder or not Path(folder).exists():
        return place, ""
    return Path(folder), date.replace(":", "-")


def _of_run(folder: Path, date: str, files: dict[Path, Format]) -> dict[Path, Format]:
    """Return the logs of one run, by the date in their names; all where no date is named."""
    chosen = {path: kind for path, kind in files.items() if dated(path).startswith(date)}
    if files and not chosen:
        known = ", ".join(_dates(files)) or "none, as no log's name has a date"
        raise InputError(f"{folder}: no run of {date}; runs there: {known}")
    return chosen


def _one_of(folder: Path, files: Iterable[Path]) -> str:
    """Return how one of several runs is named."""
    dates = _dates(files)
    if len(dates) < 2:
        return "keep one run in the folder, or name its file"
    return f"runs of {', '.join(dates)} lie there; name one, as {folder}@{dates[0]}"


def _dates(files: Iterable[Path]) -> list[str]:
    return sorted({dated(path) for path in files} - {""})


def _read(path: Path, kind: Format, metric: str) -> Iterator[Item]:
    """Yield a file's items; what no version of its writer is known to write is one line too."""
    try:
        yield from READERS[kind](path, metric)
    except OSError as error:
        raise InputError(
            f"{path}: {(error.strerror or 'not readable').lower()}; expected a log that can be read"
        ) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: not laid out as {kind} writes it ({type(error).__name__}); make the log again, or write it as plain JSONL"
        ) from None


def named(keys: list[Key]) -> str:
    """Return how many items these are, and the first few."""
    shown = ", ".join(str(key) for key in keys[:FEW]) + (", …" if len(keys) > FEW else "")
    return f"{len(keys):,} item{'s' if len(keys) > 1 else ''} ({shown})"


def _none(wanted: Format | None) -> str:
    kinds = wanted or "lm-eval (samples_*.jsonl), inspect (.eval, .json), EvalScope (reviews/) or plain JSONL"
    return f"no log of {kinds}; docs/retain.md shows what each looks like"


def _files(place: Path, wanted: Format | None) -> dict[Path, Format]:
    """Return the logs and what wrote them, those of the wanted kind where one is wanted."""
    if not place.exists():
        raise InputError(f"{place}: not there; expected a log, or a folder of logs")
    if place.is_file() and wanted:
        return {place: wanted}
    paths = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    kinds = {path: kind for path in paths if (kind := _kind(path))}
    return {path: kind for path, kind in kinds.items() if wanted in (None, kind)}


def _kind(path: Path) -> Format | None:
    """Return what wrote a file, by its first line; None of what is no log of items."""
    if path.suffix == ".eval":
        return "inspect"
    if path.suffix == ".json":
        return "inspect" if _inspect(path) else None
    if path.suffix != ".jsonl":
        return None
    row = first(path)
    if not row and path.name.startswith("samples_"):
        return "lm-eval"  # a damaged log is refused where it is read, not passed over
    return next((kind for kind, reads in BY_LINE.items() if reads(row)), None)


def _inspect(path: Path) -> bool:
    """Whether a JSON file is a log of inspect: its first fields, in whichever layout, are a version and a status."""
    with path.open("rb") as file:
        head = file.read(400)
    return b'"status"' in head and b'"eval"' in head
