"""Schema-Guided Dialogue: {"dialogue_id": …, "services": […], "turns": [{"speaker": "USER", "utterance": …, "frames": …}]}."""

from typing import Any

from stages.dialogues.formats.conversation import Raw, items, key_of, turn
from stages.rows.dialogue import Party

PARTIES: dict[str, Party] = {"USER": "customer", "SYSTEM": "provider"}


def is_sgd(record: dict[str, Any]) -> bool:
    """Whether the record has a dialogue_id and turns."""
    return "dialogue_id" in record and "turns" in record


def read(line: int, record: dict[str, Any]) -> Raw:
    """Return the record as a conversation; the frames (annotations) are not part of it."""
    utterances = items(record["turns"], "turns")
    turns = tuple(turn(n, PARTIES.get(str(t.get("speaker"))), t.get("utterance")) for n, t in enumerate(utterances, 1))
    return Raw(line=line, key=key_of(record, "dialogue_id"), turns=turns)
