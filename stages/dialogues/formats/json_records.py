"""JSON and JSONL files: each record with the line it starts on, read by the format whose outline it has."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from stages.core.errors import InputError
from stages.dialogues.formats import crosswoz, native, openai_messages, sgd, sharegpt
from stages.dialogues.formats.conversation import Raw, ReadResult, Shape, SourceFile, Unreadable, shaped

NumberedRecord = tuple[int, Any]
SHAPES: tuple[tuple[Any, Shape], ...] = (
    (sgd.is_sgd, sgd.read),
    (native.is_native, native.read),
    (openai_messages.is_messages, openai_messages.read),
    (sharegpt.is_sharegpt, sharegpt.read),
)
DECODER = json.JSONDecoder()
SPACE = " \t\r\n"


def read(source: SourceFile) -> Iterator[ReadResult] | None:
    """Yield the file's conversations in file order; None when it is not JSON, or no record has a known outline."""
    if source.text.lstrip()[:1] not in {"{", "["}:
        return None
    results = list(_lines(source)) if _is_jsonl(source) else list(_document(source))
    known = any(isinstance(item, Raw) or item.detail != UNKNOWN for item in results)
    return iter(results) if known else None


UNKNOWN = "the record has neither turns, messages nor conversations"


def _is_jsonl(source: SourceFile) -> bool:
    """Whether records stand one a line: by name, or because something follows the first JSON value."""
    if source.path.endswith((".jsonl", ".ndjson")):
        return True
    try:
        _, end = DECODER.raw_decode(source.text, _skip(source.text, 0))
    except (ValueError, RecursionError):
        return False
    return _skip(source.text, end) < len(source.text)


def _lines(source: SourceFile) -> Iterator[ReadResult]:
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _any_shape(number, json.loads(line))
        except (ValueError, RecursionError):
            yield Unreadable(line=number, detail="not JSON")


def _document(source: SourceFile) -> Iterator[ReadResult]:
    """Yield from a list of records, one record, or CrossWOZ's object of records."""
    start = _skip(source.text, 0)
    if source.text[start] == "[":
        yield from (_any_shape(line, record) for line, record in _elements(source, start + 1))
        return
    document = _value(source, start, 1)[0]
    if not crosswoz.is_crosswoz(document):
        yield _any_shape(1, document)
        return
    for line, (key, record) in _members(source, start + 1):
        yield shaped(line, record, partial(crosswoz.read, key=key))


def _any_shape(line: int, record: object) -> ReadResult:
    if isinstance(record, dict):
        for fits, shape in SHAPES:
            if fits(record):
                return shaped(line, record, shape)
    return Unreadable(line=line, detail=UNKNOWN)


def _elements(source: SourceFile, position: int) -> Iterator[NumberedRecord]:
    text, line = source.text, source.text.count("\n", 0, position) + 1
    while (start := _skip(text, position)) < len(text) and text[start] != "]":
        line += text.count("\n", position, start)
        value, end = _value(source, start, line)
        yield line, value
        line, position = line + text.count("\n", start, end), _after(source, end, "]", line)


def _members(source: SourceFile, position: int) -> Iterator[tuple[int, crosswoz.Entry]]:
    text, line = source.text, source.text.count("\n", 0, position) + 1
    while (start := _skip(text, position)) < len(text) and text[start] != "}":
        line += text.count("\n", position, start)
        key, colon = _value(source, start, line)
        value, end = _value(source, _skip(text, _skip(text, colon) + 1), line)
        yield line, (str(key), value)
        line, position = line + text.count("\n", start, end), _after(source, end, "}", line)


def _value(source: SourceFile, start: int, line: int) -> tuple[Any, int]:
    try:
        value, end = DECODER.raw_decode(source.text, start)
    except (ValueError, RecursionError):
        raise InputError(f"{source.path}:{line}: the record is not JSON or cut off; export the file again") from None
    return value, end


def _after(source: SourceFile, end: int, close: str, line: int) -> int:
    """Return the position behind the comma after a value, or of the closing bracket."""
    position = _skip(source.text, end)
    if source.text[position : position + 1] not in {",", close}:
        raise InputError(f"{source.path}:{line}: the record is not JSON or cut off; export the file again")
    return position + 1 if source.text[position] == "," else position


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in SPACE:
        position += 1
    return position
