"""A prompt: sub-components spliced around the place where a conversation goes (§2.2, Fig. 2)."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from stages.core.errors import PromptError
from stages.core.row import Language, Record, Row, content_id
from stages.rows.instruction import Ask

PartKind = Literal[
    "scene", "character", "knowledge", "dialogue", "narrative", "examples", "format", "guidelines", "directive"
]

DIALOGUE = "\u2983dialogue\u2984"  # ⦃dialogue⦄: where the conversation is spliced in


class Part(Record):
    """One sub-component, its text, and which wording it came from (and after a slash what was put into that)."""

    kind: PartKind
    template: str
    text: str
    inline: bool = False  # goes on in the line of the part before it


class Prompt(Row):
    """Parts in the order of a layout, made for one pair; `directive` is narrative, format and guidelines rewritten into one."""

    pair: str  # id of the pair, hence of the training example
    dialogue: str
    language: Language
    scene: str
    source: str
    role: str
    task: str
    instruction: str
    ask: Ask
    layout: str
    parts: tuple[Part, ...]
    reserve: bool = False  # as the pair's
    cut: int = Field(0, ge=0, exclude_if=lambda value: not value)  # as the pair's
    method: Literal["assembled", "enhanced"]
    note: str = ""  # enhance: why the rewriting was not taken, or ""
    parents: tuple[str, ...] = ()
    author: str = ""

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make a prompt whose id is the hash of its pair and its parts' texts."""
        made = cls.model_validate({**fields, "id": "new"})
        texts = [part.text for part in made.parts]
        return made.model_copy(update={"id": content_id(made.pair, texts)})

    @property
    def text(self) -> str:
        """The whole prompt with the conversation's slot still open."""
        blank = " " if self.language == "en" else ""
        return "".join((blank if part.inline else "\n\n") + part.text for part in self.parts).lstrip("\n")

    @property
    def around(self) -> tuple[str, str]:
        """The text before and after the conversation."""
        sides = self.text.split(DIALOGUE)
        if len(sides) != 2:
            raise PromptError(
                f"prompt {self.id}: expected the slot {DIALOGUE} once, found it {len(sides) - 1} times; mend its dialogue template"
            )
        return sides[0], sides[1]

    @property
    def known(self) -> str:
        """What is known beside the conversation, or ""."""
        part = self.part("knowledge")
        return part.text if part else ""

    def part(self, kind: PartKind) -> Part | None:
        """Return the part of that kind, or None."""
        return next((part for part in self.parts if part.kind == kind), None)

    def with_parts(self, parts: Iterable[Part], **changes: object) -> Self:
        """Return the same prompt made of other parts, with a new id."""
        return self.new(**{**self.model_dump(exclude={"id", "parts"}), "parts": tuple(parts), **changes})
