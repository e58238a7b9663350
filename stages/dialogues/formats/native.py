"""Our own format: one JSON object a line, with id, language, scene, source, role, turns and context."""

from typing import Any

from pydantic import Field

from stages.core.row import Record
from stages.dialogues.formats.conversation import Raw, turn
from stages.rows.dialogue import Party


class Utterance(Record):
    """A turn as written."""

    party: Party
    text: str
    speaker: str = ""
    time: str = ""


class Native(Record):
    """A line as written; unknown fields are refused, so that a misspelled one is not taken for missing."""

    id: str = Field(min_length=1)
    turns: tuple[Utterance, ...]
    language: str | None = None
    scene: str | None = None
    source: str | None = None
    role: str | None = None
    context: str = ""  # what was known beside the conversation: a listing, a price table, a policy


def is_native(record: dict[str, Any]) -> bool:
    """Whether the record's turns name a party."""
    turns = record.get("turns")
    return isinstance(turns, list) and "dialogue_id" not in record


def read(line: int, record: dict[str, Any]) -> Raw:
    """Return the record as a conversation."""
    made = Native.model_validate(record)
    turns = tuple(turn(n, t.party, t.text, t.speaker, t.time) for n, t in enumerate(made.turns, 1))
    return Raw(line=line, key=made.id, turns=turns, **made.model_dump(exclude={"id", "turns"}))
