"""OpenAI `messages`: {"messages": [{"role": "user", "content": …}]}; CrossWOZ writes `usr` and `sys` in the same outline."""

from typing import Any

from stages.dialogues.formats.conversation import NotAConversation, Raw, items, key_of, turn
from stages.rows.dialogue import Party

PARTIES: dict[str, Party] = {
    "user": "customer",
    "usr": "customer",
    "assistant": "provider",
    "sys": "provider",
}
SILENT = {"system", "developer", "tool", "function"}  # instructions and machinery: nobody says them


def is_messages(record: dict[str, Any]) -> bool:
    """Whether the record has messages."""
    return "messages" in record


def read(line: int, record: dict[str, Any]) -> Raw:
    """Return the record as a conversation; what the system or a tool wrote is not part of it."""
    messages = [item for item in items(record["messages"], "messages") if not _is_silent(item)]
    turns = tuple(turn(n, PARTIES.get(str(item.get("role"))), _text(item)) for n, item in enumerate(messages, 1))
    return Raw(line=line, key=key_of(record), turns=turns)


def _is_silent(item: dict[str, Any]) -> bool:
    return item.get("role") in SILENT or (item.get("content") is None and bool(item.get("tool_calls")))


def _text(item: dict[str, Any]) -> object:
    content = item.get("content")
    if not isinstance(content, list):
        return content
    if not all(isinstance(part, dict) for part in content):
        raise NotAConversation("content: expected a text or a list of parts")
    return "\n".join(str(part["text"]) for part in content if part.get("type") == "text" and "text" in part)
