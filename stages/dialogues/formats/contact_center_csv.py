"""A contact center's CSV export: one row an utterance, the rows of a conversation under one conversation_id."""

import csv
import io
import sys
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from stages.core.errors import InputError
from stages.dialogues.formats.conversation import NotAConversation, Raw, ReadResult, SourceFile, Unreadable, turn
from stages.rows.dialogue import Party, Turn

NEEDED = ("conversation_id", "party", "text")
OPTIONAL = {"scene": "scene", "source": "channel", "role": "role", "language": "language"}  # ours → their column
PARTIES: dict[str, Party] = {"provider": "provider", "customer": "customer", "other": "other"}

CsvUtterance = tuple[int, dict[Any, Any]]


def is_export(source: SourceFile) -> bool:
    """Whether the first line is a header with the columns that are needed."""
    return set(NEEDED) <= set(_header(source.text))


def read(source: SourceFile) -> Iterator[ReadResult]:
    """Yield conversations in the order of their first rows, turns by utterance_no.

    One bad row makes its whole conversation unreadable: with a turn missing, what follows would answer to nothing.
    """
    groups: dict[str, list[CsvUtterance]] = {}
    for line, row in _rows(source):
        key = str(row.get("conversation_id") or "").strip()
        if key:
            groups.setdefault(key, []).append((line, row))
        else:
            yield Unreadable(line=line, detail="conversation_id is empty")
    for key, rows in groups.items():
        yield _conversation(key, rows)


def _header(text: str) -> list[str]:
    first = text.split("\n", 1)[0].strip()
    return [name.strip().strip('"') for name in first.split(_delimiter(first))]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _rows(source: SourceFile) -> Iterator[CsvUtterance]:
    """Yield rows with the line they start on; a row with misplaced quotes comes as its conversation_id alone."""
    csv.field_size_limit(sys.maxsize)  # a field may be long: ingest.max_chars decides, not the reader
    lines = source.text.split("\n")
    delimiter, header = _delimiter(lines[0]), _header(source.text)
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    started = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "end of data" in str(error):
                raise InputError(
                    f"{source.path}:{started}: a quote is opened and never closed; export it again"
                ) from None
            cells = lines[started - 1].split(delimiter)[: header.index("conversation_id") + 1]
        if cells is None:
            return
        if cells and started > 1:
            yield (
                started,
                dict(zip_longest(header, cells))
                if len(cells) <= len(header)
                else {**dict(zip(header, cells, strict=False)), None: cells},
            )
        started = reader.line_num + 1


def _conversation(key: str, rows: list[CsvUtterance]) -> ReadResult:
    line, first = rows[0]
    try:
        numbered = [(_number(row, row_line), row_line, row) for row_line, row in rows]
        numbered.sort(key=lambda item: item[0])
        turns = [_turn(n, row_line, row) for n, (_, row_line, row) in enumerate(numbered, 1)]
    except _BadRow as error:
        return Unreadable(line=error.line, detail=str(error))
    fields = {ours: str(first[theirs] or "").strip() for ours, theirs in OPTIONAL.items() if theirs in first}
    return Raw(line=line, key=key, turns=tuple(turns), **fields)


class _BadRow(Exception):
    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line


def _number(row: dict[Any, Any], line: int) -> int:
    if "utterance_no" not in row:
        return 0  # rows keep the file's order
    try:
        return int(row["utterance_no"])
    except (TypeError, ValueError):
        raise _BadRow(line, "utterance_no is not a whole number") from None


def _turn(number: int, line: int, row: dict[Any, Any]) -> Turn:
    if None in row or None in row.values():
        raise _BadRow(line, "the row has other cells than the header, or a misplaced quote")
    try:
        speaker, time = str(row.get("speaker_name", "")), str(row.get("timestamp", ""))
        return turn(number, PARTIES.get(str(row["party"]).strip().lower()), row["text"], speaker, time)
    except NotAConversation as error:
        raise _BadRow(line, str(error)) from None
