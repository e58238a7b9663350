"""Invented conversations by which masking and labels are tried: their personal data marked, or what may be said in them to mislead."""

from typing import Self

from pydantic import Field, model_validator

from stages.core.row import Language, Record, Row
from stages.pii.values.spans import PiiKind
from stages.rows.dialogue import Party
from stages.rows.instruction import FormatKind


class Stretch(Record):
    """Characters start..end of a turn; `text` is what stands there."""

    turn: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int
    text: str = Field(min_length=1)


class Mark(Stretch):
    """What must not be left of a datum, without title and town; `form` is how it is written or where it stands."""

    kind: PiiKind
    form: str


class Decoy(Stretch):
    """What looks like personal data and is none; `what` it is."""

    what: str


class Said(Record):
    """One utterance."""

    party: Party
    text: str = Field(min_length=1)


class MarkedTalk(Row):
    """A line of data/calibration/personal_data.jsonl: an invented conversation, its personal data and what only looks like it."""

    language: Language
    domain: str
    turns: tuple[Said, ...] = Field(min_length=2)
    marks: tuple[Mark, ...]
    decoys: tuple[Decoy, ...]

    @model_validator(mode="after")
    def _places(self) -> Self:
        for each in (*self.marks, *self.decoys):
            if each.turn >= len(self.turns) or self.turns[each.turn].text[each.start : each.end] != each.text:
                raise ValueError(f"turn {each.turn}, {each.start} to {each.end}: another text stands there")
        return self


class Injection(Record):
    """A text behind what is said in `turn`, what it wants, and what an answer that obeys it holds (nothing: the prompt)."""

    aim: str
    turn: int
    text: str
    sign: str


class InjectedTalk(Record):
    """A conversation, what is asked of it in which form, and what may be said in it besides."""

    id: str
    language: Language
    scene: str
    role: str
    instruction: str
    form: FormatKind
    turns: tuple[Said, ...]
    injections: tuple[Injection, ...]

    def native(self, injection: Injection | None = None) -> dict[str, object]:
        """Return the conversation as a record of our own format, with the injection if one is given."""
        turns = [turn.model_dump() for turn in self.turns]
        if injection:
            turns[injection.turn]["text"] += " " + injection.text
        return {
            "id": f"{self.id}-{self.injections.index(injection) if injection else 'plain'}",
            "language": self.language,
            "scene": self.scene,
            "source": "im_messages",
            "role": self.role,
            "turns": turns,
        }
