"""What every reader gives: a conversation as recorded, or the place of one that cannot be read."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from stages.core import jsonl
from stages.core.row import Record
from stages.rows.dialogue import Party, Turn

IDENTIFIER = re.compile(r"[\w.-]{1,40}")


class Raw(Record):
    """A conversation before it is checked; a field its format does not carry is None."""

    line: int
    key: str | None = None
    language: str | None = None
    scene: str | None = None
    source: str | None = None
    role: str | None = None
    turns: tuple[Turn, ...]
    context: str = ""


class Unreadable(Record):
    """A record that is not what its format asks for; `detail` never holds its text."""

    line: int
    detail: str


class SourceFile(Record):
    """A file's path, as a message names it, and its decoded text."""

    path: str
    text: str


ReadResult = Raw | Unreadable
FileReader = Callable[[SourceFile], Iterator[ReadResult]]
Shape = Callable[[int, dict[str, Any]], Raw]


class NotAConversation(ValueError):
    """A record of the right outline with something wrong inside; the message says what, without its text."""


def turn(number: int, party: Party | None, text: object, speaker: str = "", time: str = "") -> Turn:
    """Make the turn `number` (from 1), or say what is wrong with it."""
    if party is None:
        raise NotAConversation(f"turn {number}: who speaks is neither provider, customer nor other")
    if not isinstance(text, str) or not text.strip():
        raise NotAConversation(f"turn {number}: the text is empty or not a text")
    return Turn(party=party, speaker=speaker.strip(), text=text.strip(), time=time)


def items(value: object, what: str) -> list[dict[str, Any]]:
    """Return `value` if it is a list of objects, or say that it is not."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotAConversation(f"{what}: expected a list of objects")
    return value


def key_of(record: dict[str, Any], name: str = "id") -> str | None:
    """Return the record's identifier as text, or None when it has none."""
    value = record.get(name)
    return str(value) if isinstance(value, (str, int)) and str(value).strip() else None


def shaped(line: int, record: object, shape: Shape) -> ReadResult:
    """Read one record, turning whatever is wrong with it into its place and reason."""
    try:
        if not isinstance(record, dict):
            raise NotAConversation("expected a JSON object")
        return shape(line, record)
    except NotAConversation as error:
        return Unreadable(line=line, detail=str(error))
    except ValidationError as error:
        return Unreadable(line=line, detail=jsonl.faults(error))


def shown(value: str) -> str:
    """Return `value` for a message when it looks like an identifier, else only its length: it may be customer text."""
    return repr(value[:40]) if IDENTIFIER.fullmatch(value[:40]) else f"({len(value)} characters, not an identifier)"
