"""A pair: a conversation and what is asked of it, before any words are spliced around them (§2.3, step 1)."""

from typing import Self

from pydantic import Field

from stages.core.row import Language, Row, content_id
from stages.rows.instruction import Ask


class Pair(Row):
    """One conversation × one instruction × one form of the answer, drawn for the training set.

    The id is that of the training example to come: it survives a change of wording, so a provided answer and a person's
    decision do too.
    """

    dialogue: str
    instruction: str
    language: Language
    scene: str
    source: str
    role: str
    task: str
    ask: Ask
    reserve: bool = False  # drawn to stand in for a pair of its cell (scene × task × source) that gets no usable answer
    cut: int = Field(0, ge=0, exclude_if=lambda value: not value)  # turns shown, where a reply is asked for; 0: all

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make a pair whose id is the hash of dialogue, instruction and form, and of the cut if there is one."""
        made = cls.model_validate({**fields, "id": "new"})
        return made.model_copy(update={"id": pair_id(made.dialogue, made.instruction, made.ask, made.cut)})


def pair_id(dialogue: str, instruction: str, ask: Ask, cut: int = 0) -> str:
    """Return the id of a pair."""
    return content_id(dialogue, instruction, ask.model_dump(mode="json"), *([cut] if cut else []))
