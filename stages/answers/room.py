"""How many tokens an answer is given, by what is asked: a label needs few, a table of five columns many.

Measured on what is shipped (`python benchmarks/room.py`): a quarter and more above the longest answer of each form, by the
tokens of a vocabulary that was made for English. In such a vocabulary Chinese takes twice as many; Qwen's takes fewer of both.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stages.core.row import Language
from stages.rows.instruction import Ask, FormatKind


class Room(NamedTuple):
    """Tokens of an answer: those of the whole, and more for each field that is asked for."""

    whole: int
    field: int = 0


ROOM: Mapping[FormatKind, Room] = {
    "label": Room(48),
    "list": Room(320),
    "json": Room(64, 80),
    "table": Room(64, 120),  # several rows
    "key_values": Room(64, 72),
    "paragraph": Room(320),  # 150 words are the most that a wording asks for
    "message": Room(320),
    "multipart": Room(64, 112),
}
LANGUAGE: Mapping[Language, int] = {"en": 1, "zh": 2}


def room(ask: Ask, language: Language, most: int) -> int:
    """Return the tokens for an answer, `most` at most."""
    whole, field = ROOM[ask.kind]
    return min(most, LANGUAGE[language] * (whole + field * len(ask.fields)))
