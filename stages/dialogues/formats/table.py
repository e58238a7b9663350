"""CSV, as contact centers export it and Excel saves it: read by the field map whose columns it has."""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence

from stages.core.errors import InputError
from stages.dialogues.formats.cleaning import HIDDEN
from stages.dialogues.formats.conversation import ROUNDED, Reading, SourceFile, Unmade
from stages.dialogues.formats.field_map import FieldMap, Forms
from stages.dialogues.formats.mapped import Broken, Entry, first, fits, records
from stages.dialogues.formats.places import shown, told

SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # Excel's own first line
DIGITS = 15  # as many as a spreadsheet keeps of a number
CHANCE = 3  # as many zeros behind them, over all ids, are none

Cells = tuple[int, list[str] | None]  # a row's line and cells; None: its quotes are misplaced


class Table:
    """A file's columns, by the names that maps use, and its rows."""

    def __init__(self, source: SourceFile) -> None:
        """Read the header; rows are read as they are asked for."""
        lines = source.text.split("\n")
        start = next((number for number, line in enumerate(lines) if line.strip()), 0)
        told = SEPARATOR.fullmatch(lines[start].strip())
        start += bool(told)
        header = lines[start] if start < len(lines) else ""
        self.source, self.lines, self.start = source, lines, start
        self.delimiter = told.group(1) if told else max(",;\t|", key=lambda mark: len(_cells(header, mark)))
        self.columns = [column(name) for name in _cells(header, self.delimiter)]
        while self.columns and not self.columns[-1]:
            self.columns.pop()

    def check(self) -> None:
        """Refuse a column that is named twice."""
        for number, name in enumerate(self.columns):
            if name and name in self.columns[:number]:
                raise InputError(
                    f"{told(self.source.path)}:{self.start + 1}: column {shown(name)} stands there twice; take one of them out"
                )

    def rows(self) -> Iterator[Entry]:
        """Yield what a row has in each column; empty rows are none."""
        for line, cells in self._cells():
            wrong = ""
            if cells is None:
                cells = _cells(self.lines[line - 1], self.delimiter)
                wrong = "a quote stands inside a cell or is not doubled; export the file again"
            elif len(cells) < len(self.columns) or any(cell.strip() for cell in cells[len(self.columns) :]):
                wrong = f"the row has {len(cells)} cells, the header {len(self.columns)}"
            if any(cell.strip() for cell in cells):
                row = dict(zip(self.columns, cells, strict=False))
                yield Entry(line, Broken(row, wrong) if wrong else row)

    def _cells(self) -> Iterator[Cells]:
        csv.field_size_limit(sys.maxsize)  # a field may be long: ingest.max_chars decides, not the reader
        text = "\n".join(self.lines[self.start :])
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True)
        while True:
            line = self.start + reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                if "end of data" in str(error):
                    raise InputError(
                        f"{told(self.source.path)}:{line}: a quote is opened and never closed; export it again"
                    ) from None
                yield line, None
                continue
            if cells is None:
                return
            if line > self.start + 1:
                yield line, cells


def read(source: SourceFile, forms: Forms) -> Reading | None:
    """Read the file's conversations; None when no map knows its columns."""
    table = Table(source)
    head = dict.fromkeys(table.columns, "")
    form = next((made for form in forms.maps if fits(head, made := of_columns(form))), None)
    if form is None:
        return None
    table.check()
    entries = list(table.rows())
    _refuse_rounded(source, form, entries)
    return Reading(f"CSV, {form.name}", Unmade(list(records(entries, form, forms))))


def column(name: str) -> str:
    """Return a column's name as maps write it: in lower case, with an underscore for blanks and hyphens."""
    return re.sub(r"[\s_-]+", "_", HIDDEN.sub("", name).strip().casefold())


def of_columns(form: FieldMap) -> FieldMap:
    """Return the map with its paths written as columns are."""
    paths = {
        field: tuple(column(path) for path in value)
        for field in ("needs", "turns", "conversation", "id", "language", "scene", "source", "role", "context", "group")
        if (value := getattr(form, field))
    }
    paths |= {
        field: tuple(column(path) for path in getattr(form, field))
        for field in ("text", "party", "speaker", "also", "time", "number", "customer")
    }
    chosen = {
        field: {column(path): words for path, words in getattr(form, field).items()} for field in ("only", "skip")
    }
    return form.model_copy(update={**paths, **chosen})


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _refuse_rounded(source: SourceFile, form: FieldMap, entries: Sequence[Entry]) -> None:
    """Refuse a file whose ids went through a spreadsheet: what were several conversations is one now."""
    zeros = long = 0
    seen = set[str]()
    for entry in entries:
        key = str(first(entry.value, (*form.conversation, *form.id)) or "").strip()
        if ROUNDED.fullmatch(key):
            _rounded(source, entry)
        if key.isdecimal() and len(key) > DIGITS and key not in seen:
            seen.add(key)
            long += len(key) - DIGITS
            zeros += len(key) - DIGITS if not int(key[DIGITS:]) else 0
            at = entry
    if long == zeros and zeros >= CHANCE:
        _rounded(source, at)


def _rounded(source: SourceFile, entry: Entry) -> None:
    raise InputError(
        f"{told(source.path)}:{entry.line}: the conversation's id is a number that a spreadsheet rounded, so that conversations ran"
        " together; format the column as text before filling it, and export again"
    )
