"""ShareGPT: {"conversations": [{"from": "human", "value": …}]}."""

from typing import Any

from stages.dialogues.formats.conversation import Raw, items, key_of, turn
from stages.rows.dialogue import Party

PARTIES: dict[str, Party] = {
    "human": "customer",
    "user": "customer",
    "gpt": "provider",
    "chatgpt": "provider",
    "assistant": "provider",
    "model": "provider",
}
SILENT = {"system", "tool", "function_call", "function_response", "observation"}


def is_sharegpt(record: dict[str, Any]) -> bool:
    """Whether the record has conversations."""
    return "conversations" in record


def read(line: int, record: dict[str, Any]) -> Raw:
    """Return the record as a conversation; what the system or a tool wrote is not part of it."""
    messages = [item for item in items(record["conversations"], "conversations") if item.get("from") not in SILENT]
    turns = tuple(turn(n, PARTIES.get(str(item.get("from"))), item.get("value")) for n, item in enumerate(messages, 1))
    return Raw(line=line, key=key_of(record), turns=turns)
