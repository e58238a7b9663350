"""Rows that a model is trained on, as one text each: of OpenAI messages what is said, of any other record every text in it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.training import Example


class RowText(NamedTuple):
    """A row's id (of a row without one: its line), the file's name without its ending, and all that is said in it."""

    id: str
    file: str
    text: str


def read(path: Path) -> Iterator[RowText]:
    """Yield the rows of a JSONL file, one by one; raise InputError, with its line, for one that is no JSON object."""
    for line in jsonl.lines(path, Example):
        try:
            record = json.loads(line.text)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise InputError(f"{path}:{line.number}: not a JSON object; export the rows as JSONL")
        key = record.get("id")
        name = str(key) if isinstance(key, (str, int)) else f"line {line.number}"
        yield RowText(name, path.stem, "\n".join(_texts(record.get("messages", record))))


def _texts(value: object, key: str = "") -> Iterator[str]:
    """Yield what is said: each text under `content` or any other name, but who says it, and ids."""
    if isinstance(value, str):
        if key not in ("role", "id"):
            yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, key)
