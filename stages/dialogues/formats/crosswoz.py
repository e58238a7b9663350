"""CrossWOZ: one JSON object from dialogue id to a record with messages."""

from typing import Any

from stages.dialogues.formats import openai_messages
from stages.dialogues.formats.conversation import Raw

Entry = tuple[str, dict[str, Any]]


def is_crosswoz(document: dict[str, Any]) -> bool:
    """Whether every value of the document is a record with messages."""
    return bool(document) and all(isinstance(item, dict) and "messages" in item for item in document.values())


def read(line: int, record: dict[str, Any], key: str) -> Raw:
    """Return the record under `key` as a conversation."""
    return openai_messages.read(line, record).model_copy(update={"key": key})
