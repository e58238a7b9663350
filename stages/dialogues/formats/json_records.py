"""JSON and JSONL files: each record with the line it starts on, wherever in the file the list of records is."""

import json
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from stages.core.errors import InputError
from stages.core.jsonl import TWICE, KeyTwice, once
from stages.dialogues.formats.conversation import Found, Reading, SourceFile, Unmade, Unreadable
from stages.dialogues.formats.field_map import FieldMap, Forms
from stages.dialogues.formats.mapped import Entry, fits, records
from stages.dialogues.formats.places import told

DECODER = json.JSONDecoder()
SPACE = " \t\r\n"
DEEP = 3  # levels of wrapping that are opened: {"chats": {"list": [...]}}

Place = tuple[str | int, ...]  # the keys from the outside in


def looks(text: str) -> bool:
    """Whether the text begins as JSON does."""
    return text.lstrip()[:1] in {"{", "["}


def read(source: SourceFile, forms: Forms) -> Reading | None:
    """Read the file's conversations; None when no record of it is of a known format."""
    unread, names = list[Unreadable](), dict[str, None]()
    if is_jsonl(source):
        lines, unread = _lines(source)
        containers = list(_of_lines(lines, forms.maps))
        unread += _strange(lines, containers)
    else:
        containers = list(_of_document(source, forms.maps))
    found: list[Found] = [*unread]
    for container in containers:
        for form, entries in _by_form(container, forms.maps):
            names[form.name] = None
            found += records(entries, form, forms)
    found.sort(key=attrgetter("line"))
    return Reading(", ".join(names), Unmade(found)) if names else None


def is_jsonl(source: SourceFile) -> bool:
    """Whether records stand one a line: by name, or because something follows the first JSON value."""
    if source.path.suffix in (".jsonl", ".ndjson"):
        return True
    try:
        _, end = DECODER.raw_decode(source.text, _skip(source.text, 0))
    except (ValueError, RecursionError):
        return False
    return _skip(source.text, end) < len(source.text)


def values(source: SourceFile) -> list[Any]:
    """Return the records of a JSONL file that can be read, or the document of a JSON file alone."""
    return [entry.value for entry in _lines(source)[0]] if is_jsonl(source) else [_document(source)]


def _form(value: object, maps: Sequence[FieldMap]) -> FieldMap | None:
    return next((form for form in maps if fits(value, form)), None)


def _by_form(entries: Sequence[Entry], maps: Sequence[FieldMap]) -> list[tuple[FieldMap, list[Entry]]]:
    """Return the entries by the form that each is of; one that is of none is read as the first that is of one."""
    known = [_form(entry.value, maps) for entry in entries]
    main = next(form for form in known if form)
    found: dict[str, tuple[FieldMap, list[Entry]]] = {}
    for entry, form in zip(entries, (form or main for form in known), strict=True):
        found.setdefault(form.name, (form, []))[1].append(entry)
    return list(found.values())


def _of_lines(lines: list[Entry], maps: Sequence[FieldMap]) -> Iterator[list[Entry]]:
    """Yield lists of entries, each of which has one at least that is of a known form: the lines, or what they wrap."""
    if any(_form(entry.value, maps) for entry in lines):
        yield lines
        return
    for entry in lines:
        for place in _places(entry.value, maps):
            yield [Entry(entry.line, member, key) for key, member in _keyed(_at(entry.value, place))]


def _strange(lines: Sequence[Entry], containers: Sequence[Sequence[Entry]]) -> Iterator[Unreadable]:
    """Yield the lines in which no record was found, such as a page that is an error; one with an empty list is a page without records."""
    known = {entry.line for container in containers for entry in container}
    for entry in lines:
        if entry.line not in known and not _holds_empty(entry.value):
            yield Unreadable(line=entry.line, detail="no record of a known format, as other lines have")


def _holds_empty(value: object, deep: int = DEEP) -> bool:
    """Whether an empty list stands where a list of records would be looked for."""
    return value == [] or (deep > 0 and any(_holds_empty(member, deep - 1) for _, member in _members(value)))


def _of_document(source: SourceFile, maps: Sequence[FieldMap]) -> Iterator[list[Entry]]:
    """Yield such lists of a document: what it is itself, or what it wraps."""
    document = _document(source)
    if _form(document, maps):
        yield [Entry(source.text.count("\n", 0, _skip(source.text, 0)) + 1, document)]
        return
    for place in _places(document, maps):
        lines = _starts(source.text, place)
        members = zip(_members(_at(document, place)), _keyed(_at(document, place)), strict=True)
        yield [Entry(lines[at], member, key) for (at, member), (key, _) in members]


def _places(value: object, maps: Sequence[FieldMap], place: Place = ()) -> Iterator[Place]:
    """Yield where in the value the lists of records are: the outermost with a record of a known form."""
    members = list(_members(value))
    if any(_form(member, maps) for _, member in members):
        yield place
    elif len(place) < DEEP:
        for key, member in members:
            yield from _places(member, maps, (*place, key))


def _members(value: object) -> Iterator[tuple[Any, Any]]:
    """Yield (key, value) of what an object or list holds; an object's counts and dates are no records."""
    if isinstance(value, dict):
        yield from ((key, member) for key, member in value.items() if isinstance(member, (dict, list)))
    elif isinstance(value, list):
        yield from enumerate(value)


def _keyed(value: object) -> list[tuple[str | None, Any]]:
    """Return (its key where several stand in an object, member)."""
    members = list(_members(value))
    return [(key if isinstance(key, str) and len(members) > 1 else None, member) for key, member in members]


def _at(value: Any, place: Place) -> object:  # noqa: ANN401 - JSON
    for key in place:
        value = value[key]
    return value


class _Line(Entry):
    """A record of a JSONL file, parsed whenever it is asked for: all as objects would take several times the room of their bytes."""

    @property
    def value(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self[1].decode())


def _lines(source: SourceFile) -> tuple[list[Entry], list[Unreadable]]:
    """Return the records of a JSONL file, and the lines that are none."""
    good, bad = list[Entry](), list[Unreadable]()
    for number, line in enumerate(_split(source.text), 1):
        if line.strip():
            try:
                json.loads(line, object_pairs_hook=once)
                good.append(_Line(number, line.encode()))
            except KeyTwice:
                bad.append(Unreadable(line=number, detail=TWICE))
            except (ValueError, RecursionError):
                bad.append(Unreadable(line=number, detail="not JSON"))
    return good, bad


def _split(text: str) -> Iterator[str]:
    """Yield the lines of a text, one at a time."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _document(source: SourceFile) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(source.text, object_pairs_hook=once)
    except KeyTwice:
        raise InputError(f"{told(source.path)}: {TWICE}") from None
    except RecursionError:
        raise InputError(f"{told(source.path)}:1: not JSON that anybody wrote: nested too deep; move it away") from None
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise InputError(
            f"{told(source.path)}:{line}: not JSON here, or cut off; export the file again, or move it away"
        ) from None


def _starts(text: str, place: Place) -> dict[str | int, int]:
    """Return the lines on which the members of what is at `place` start, by their keys."""
    at = _skip(text, 0)
    for key in place:
        at = dict(_walk(text, at))[key]
    lines, line, before = dict[str | int, int](), text.count("\n", 0, at) + 1, at
    for key, start in _walk(text, at):
        line += text.count("\n", before, start)
        lines[key], before = line, start
    return lines


def _walk(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield (key, where its value starts) of the object or list that starts at `at`, which is known to be whole."""
    keyed, at, number = text[at] == "{", _skip(text, at + 1), 0
    while text[at] not in "}]":
        key: str | int = number
        if keyed:
            key, at = DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, DECODER.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
        number += 1


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in SPACE:
        position += 1
    return position
