"""A stretch of personal data that a person marked by hand: what the anonymizer is measured against, and the test set masked by."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from stages.core.row import Record
from stages.rows.missed import goes_on


class Marked(Record):
    """One line of the gold file; the n-th line with the same text of a turn is its n-th occurrence.

    With `field: speaker`, `text` is the turn's speaker field as recorded, and the line only says who that is: `entity`.
    """

    dialogue: str  # Dialogue.key
    turn: int = Field(ge=0)
    text: str = Field(min_length=1)
    kind: str
    entity: str = ""  # who or what it is, the same within a dialogue
    field: Literal["text", "speaker"] = "text"


class Placed(Record):
    """Characters start..end of a turn's original text that a placeholder took."""

    turn: int
    start: int
    end: int
    kind: str
    placeholder: str


class Place(NamedTuple):
    """A mark, and the characters start..end of its turn where it stands."""

    mark: Marked
    start: int
    end: int


def by_dialogue(marks: Iterable[Marked]) -> dict[str, list[Marked]]:
    """Return the marks by the key of their dialogue, in file order."""
    found = defaultdict[str, list[Marked]](list)
    for mark in marks:
        found[mark.dialogue].append(mark)
    return dict(found)


def located(marks: Sequence[Marked], texts: Sequence[str]) -> list[Place]:
    """Return where the marks of one dialogue stand, the n-th of the same text at its n-th occurrence in the turn.

    Lines about speaker fields, and marks that are not in their turn, are left out.
    """
    seen = Counter[tuple[int, str]]()
    found = list[Place]()
    for mark in marks:
        if mark.field == "speaker":
            continue
        text = texts[mark.turn] if mark.turn < len(texts) else ""
        places = occurrences(text, mark.text) or _anywhere(text, mark.text)
        n = seen[mark.turn, mark.text]
        seen[mark.turn, mark.text] += 1
        if n < len(places):
            found.append(Place(mark, places[n], places[n] + len(mark.text)))
    return found


def occurrences(text: str, part: str) -> list[int]:
    """Return where `part` stands in `text` as a word of its own."""
    return [n for n in _anywhere(text, part) if not (goes_on(text, n) or goes_on(text, n + len(part)))]


def _anywhere(text: str, part: str) -> list[int]:
    return [n for n in range(len(text)) if text.startswith(part, n)]
