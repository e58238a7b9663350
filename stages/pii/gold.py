"""A stretch of personal data that a person marked by hand: what the anonymizer is measured against."""

from pydantic import Field

from stages.core.row import Record


class Marked(Record):
    """One line of the gold file; the n-th line with the same text of a turn is its n-th occurrence."""

    dialogue: str  # Dialogue.key
    turn: int = Field(ge=0)
    text: str = Field(min_length=1)
    kind: str
    entity: str = ""  # who or what it is, the same within a dialogue


class Placed(Record):
    """Characters start..end of a turn's original text that a placeholder took."""

    turn: int
    start: int
    end: int
    kind: str
    placeholder: str
