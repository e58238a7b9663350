"""One record, read by a field map."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Any, NamedTuple

from stages.dialogues.formats.conversation import (
    Found,
    NotAConversation,
    Raw,
    ReadResult,
    Said,
    Waiting,
    conversation,
    identifier,
    readable,
)
from stages.dialogues.formats.field_map import FieldMap, Forms, People
from stages.dialogues.formats.lines import paragraphs
from stages.dialogues.formats.places import is_name

LIST, LINES = "a list of objects", "a text of lines that begin with who speaks"
FIELDS = ("language", "scene", "source", "role", "context", "group")
BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)


class Entry(NamedTuple):
    """A record, the line it starts on, and the key under which it stands beside others in an object."""

    line: int
    value: Any
    key: str | None = None


def fits(value: object, form: FieldMap) -> bool:
    """Whether the value has all that the form needs."""
    return isinstance(value, dict) and all(next(found(value, path), None) is not None for path in form.needs)


def found(value: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield what stands at `path` in the value; nothing where it leads nowhere or to null."""
    if path in ("", "."):
        if value is not None:
            yield value
        return
    if isinstance(value, dict) and path in value:
        yield from found(value[path], "")
        return
    head, _, rest = path.partition(".")
    if head == "*" and isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from found(item, rest)
    elif isinstance(value, dict) and head in value:
        yield from found(value[head], rest)
    elif isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        yield from found(value[int(head)], rest)


def first(value: object, paths: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    """Return what the first path that leads to something leads to; None: none does. An empty text is nothing."""
    for path in paths:
        if (
            isinstance(value, dict) and path in value and path not in ("", ".")
        ):  # as `found` has it, and as most paths are
            if (item := value[path]) is not None and item != "":
                return item
        elif (item := next((item for item in found(value, path) if item != ""), None)) is not None:
            return item
    return None


def records(entries: Sequence[Entry], form: FieldMap, forms: Forms) -> Iterator[Found]:
    """Yield the conversations of one file that are of the kind `form`, or what makes them."""
    if form.conversation:
        yield from _grouped(entries, form, forms)
    else:
        for entry in entries:
            yield Waiting(entry.line, partial(readable, entry.line, partial(_record, entry, form, forms)))


def _record(entry: Entry, form: FieldMap, forms: Forms) -> Raw:
    record = entry.value
    if not isinstance(record, dict):
        raise NotAConversation("expected a JSON object")
    if form.strict:
        _refuse_unknown(record, form.keys("id", "turns", *FIELDS), "")
    items, known = list(_turns(record, form)), _known(form)
    made = [item if isinstance(item, Said) else _said(n, item, record, form, known) for n, item in enumerate(items, 1)]
    said = [one for one in made if one is not None]
    if said and not any(one.text for one in said) and not any(_has(item, form.text) for item in items):
        raise NotAConversation(f"no turn has {' or '.join(form.text)}")
    main = first(record, form.customer)
    return conversation(
        entry.line, said, forms.who(form), _fields([record], entry.key, form), "" if main is None else str(main).strip()
    )


def _has(item: object, paths: Sequence[str]) -> bool:
    """Whether the item has one of the keys, be it with null."""
    return any(isinstance(item, dict) and path.split(".")[0] in item for path in paths)


def _grouped(entries: Sequence[Entry], form: FieldMap, forms: Forms) -> Iterator[ReadResult]:
    """Yield conversations in the order of their first rows.

    One bad row makes its whole conversation unreadable: with a turn missing, what follows would answer to nothing.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        key = first(entry.value, form.conversation)
        if key is None and "@file" not in form.conversation:
            yield readable(entry.line, partial(_refuse, f"{form.conversation[0]} is empty"))
        else:
            groups.setdefault("" if key is None else str(key).strip(), []).append(entry)
    for rows in groups.values():
        yield readable(rows[0].line, partial(_rows, rows, form, forms))


def _refuse(detail: str) -> Raw:
    raise NotAConversation(detail)


def _rows(rows: Sequence[Entry], form: FieldMap, forms: Forms) -> Raw:
    known = _known(form)
    said = [_row(number, entry, form, known) for number, entry in enumerate(rows, 1)]
    key = first(rows[0].value, form.conversation)
    fields = _fields([row.value for row in rows], rows[0].key, form) | {
        "key": None if key is None else identifier(key, form.conversation[0])
    }
    return conversation(rows[0].line, [one for one in said if one is not None], forms.who(form), fields)


def _row(number: int, entry: Entry, form: FieldMap, known: Set[str]) -> Said | None:
    value = entry.value
    if isinstance(value, Broken):
        raise NotAConversation(value.detail, entry.line)
    try:
        said = _said(number, value, value, form, known)
    except NotAConversation as error:
        raise NotAConversation(str(error), entry.line) from None
    return said and said._replace(line=entry.line)


class Broken(dict[str, str]):
    """A row with something wrong in it: what of it can be trusted, and what is wrong."""

    def __init__(self, cells: Mapping[str, str], detail: str) -> None:
        """Keep what there is of its cells."""
        super().__init__(cells)
        self.detail = detail


def _turns(record: Mapping[str, Any], form: FieldMap) -> Iterator[Any]:
    """Yield the items of lists, single objects, and what is said in a text of lines."""
    there = False
    for path in form.turns:
        for value in found(record, path):
            there = True
            if isinstance(value, str) and form.lines:
                yield from (Said(text=text, name=name) for name, text in paragraphs(value))
            elif isinstance(value, list):
                yield from value
            elif isinstance(value, dict):
                yield value
            else:
                raise NotAConversation(f"{path}: expected {LINES if form.lines else LIST}")
    if not there:
        raise NotAConversation(f"{' or '.join(form.turns)}: expected {LINES if form.lines else LIST}")


def _known(form: FieldMap) -> Set[str]:
    """Return the keys that a turn may have, where the form refuses others."""
    return form.keys("text", "party", "speaker", "time", "number") if form.strict else frozenset()


def _said(number: int, item: object, record: object, form: FieldMap, known: Set[str]) -> Said | None:
    """Return what an item of the turns says; None where it is no turn."""
    if not isinstance(item, (dict, list, str)) or (isinstance(item, str) and form.text != (".",)):
        raise NotAConversation(f"{(form.turns or form.conversation)[0]}: expected {LIST}")
    if form.strict and isinstance(item, dict):
        _refuse_unknown(item, known, f"turn {number}: ")
    if any(_word(item, path) not in values for path, values in form.only.items()):
        return None
    if any(_word(item, path) in values for path, values in form.skip.items()):
        return None
    person = _person(item, record, form.people) if form.people else {}
    label, name = first(item, form.party), first(item, form.speaker)
    if form.people:
        label = first(person, form.people.party) if label is None else label
        name = first(person, form.people.name) if name is None else name
    return Said(
        text=_text(first(item, form.text), form, f"turn {number}: the text is not a text"),
        party=form.alternate[(number - 1) % len(form.alternate)] if form.alternate else None,
        label=_plain(label, f"turn {number}: who speaks"),
        name=_plain(name, f"turn {number}: the speaker"),
        also=tuple(str(value) for path in form.also for value in found(item, path) if isinstance(value, (str, int))),
        time=_plain(first(item, form.time), f"turn {number}: the time"),
        number=_plain(first(item, form.number), f"turn {number}: the number") if form.number else "",
    )


def _word(item: object, path: str) -> str:
    value = first(item, (path,))
    return "" if value is None else str(value).lower()


def _person(item: object, record: object, people: People) -> object:
    """Return the entry of the list of people that a turn points to."""
    wanted = _word(item, people.of)
    for entry in (
        entry for value in found(record, people.list) for entry in (value if isinstance(value, list) else [])
    ):
        if wanted and _word(entry, people.id) == wanted:
            return entry
    return {}


def _fields(records: Sequence[object], key: str | None, form: FieldMap) -> dict[str, Any]:
    """Return what the records, the first of which may stand in an object under a key, say of the whole conversation: the first that says it."""
    fields: dict[str, Any] = {"spoken": form.spoken}
    for field in FIELDS:
        said = (first(record, paths) for record in records) if (paths := getattr(form, field)) else ()
        if (value := next((one for one in said if one is not None), None)) is not None:
            fields[field] = _plain(value, field)
    for path in form.id:
        value = key if path == "@key" else next(found(records[0], path), None)
        if value is not None:
            return fields | {"key": identifier(value, path)}
    return fields


def _plain(value: object, what: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NotAConversation(f"{what}: expected a text")


def _text(value: object, form: FieldMap, wrong: str) -> str:
    """Return a text, or the texts of its parts whatever their type; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, list):
        if not all(isinstance(part, (dict, str)) for part in value):
            raise NotAConversation(wrong)
        texts = [part if isinstance(part, str) else _part(part) for part in value]
        return form.join.join(_unmarked(text, form) for text in texts if text)
    if isinstance(value, dict):
        return _unmarked(_part(value), form)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise NotAConversation(wrong)
    return _unmarked(str(value), form)


def _part(part: Mapping[str, Any]) -> str:
    """Return the text of a part, `{"type": …, "text": "…"}` or `{"text": {"value": "…"}}`; what a tool was given or gave is none."""
    text = part.get("text")
    text = text.get("value") if isinstance(text, dict) else text
    return text if isinstance(text, str) else ""


def _unmarked(text: str, form: FieldMap) -> str:
    return html.unescape(TAG.sub("", BREAK.sub("\n", text))) if form.html else text


def _refuse_unknown(record: Mapping[str, Any], known: Set[str], place: str) -> None:
    if unknown := sorted(record.keys() - known):
        raise NotAConversation(
            f"{place}{shown_key(unknown[0])} is unknown; remove it, or use one of {', '.join(sorted(known))}"
        )


def shown_key(key: str) -> str:
    """Return a key of a record for a message."""
    return key if is_name(key) else "a key"
