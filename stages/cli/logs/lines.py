"""Files of a log, read line by line or whole; a fault is named by its place and never quotes what stands there."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from stages.core.errors import InputError
from stages.core.jsonl import TWICE, twice

Object = dict[str, Any]
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d(?:\.\d+)?")


def dated(path: Path) -> str:
    """Return the date in a log's name, which the files of one run share (lm-eval), with hyphens for colons; empty where there is none."""
    found = DATE.search(path.name)
    return found.group().replace(":", "-") if found else ""


def objects(path: Path) -> Iterator[tuple[str, Object]]:
    """Yield the place and the JSON object of each line that is not blank, or of each entry of a file that is one array."""
    for place, line in _lines(path):
        if line.lstrip()[:1] == b"[" and place == f"{path}:1":
            yield from _entries(path)
            return
        yield place, parsed(line, place)


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the place and the bytes of each line that is not blank, without a byte order mark."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if content := line.removeprefix(BOM_UTF8).strip() if number == 1 else line.strip():
                    yield f"{path}:{number}", content
    except OSError as error:
        raise InputError(
            f"{path}: {(error.strerror or 'not readable').lower()}; expected a log that can be read"
        ) from None


def _entries(path: Path) -> Iterator[tuple[str, Object]]:
    """Yield the entries of an array, as lm-eval 0.4.0 to 0.4.2 wrote their samples."""
    for number, entry in enumerate(_json(path.read_bytes().removeprefix(BOM_UTF8), path), 1):
        yield f"{path}: entry {number}", _object(entry, f"{path}: entry {number}")


def parsed(text: bytes, place: object) -> Object:
    """Return the JSON object that is in `text`."""
    return _object(_json(text, place), place)


def _json(text: bytes, place: object) -> Any:  # noqa: ANN401 - JSON
    try:
        found = from_json(text)
    except ValueError:
        raise InputError(f"{place}: not JSON; it may have been cut off: copy or make the log again") from None
    if twice(text):
        raise InputError(f"{place}: {TWICE}")
    return found


def _object(found: object, place: object) -> Object:
    if not isinstance(found, dict):
        raise InputError(f"{place}: expected a JSON object; is this a log of single items?")
    return found


def first(path: Path) -> Object:
    """Return the first line's object; an empty one of an empty file, or of one that does not hold JSON lines."""
    try:
        return next((found for _, found in objects(path)), {})
    except InputError:
        return {}


def number(value: object) -> float | None:
    """Return a finite number or a truth value as a number, None of anything else."""
    if isinstance(value, (bool, int, float)) and abs(float(value)) < float("inf"):
        return float(value)
    return None


def text(found: object, *names: str) -> str:
    """Return the first of these fields that holds a text or a number, as text."""
    values = (found.get(name) for name in names) if isinstance(found, dict) else ()
    return next((str(value) for value in values if isinstance(value, (str, int)) and value != ""), "")
