"""A prompt: sub-components spliced around the place where a conversation goes (§2.2, Fig. 2)."""

from collections.abc import Iterable
from typing import Literal, Self

from stages.core.row import Language, Record, Row, content_id
from stages.rows.instruction import FormatKind

PartKind = Literal["scene", "character", "dialogue", "narrative", "format", "guidelines", "directive"]

DIALOGUE = "\u2983dialogue\u2984"  # ⦃dialogue⦄: where the conversation is spliced in
SOURCE = "\u2983source\u2984"  # ⦃source⦄: how the conversation was recorded, known with the dialogue


class Ask(Record):
    """The output form a prompt asks for, as far as a parser can check it."""

    kind: FormatKind
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Part(Record):
    """One sub-component, from which template it came and its text."""

    kind: PartKind
    template: str
    text: str


class Prompt(Row):
    """Parts in the order of a layout; `directive` is narrative, format and guidelines rewritten into one."""

    language: Language
    scene: str
    role: str
    task: str
    instruction: str
    ask: Ask
    layout: str
    parts: tuple[Part, ...]
    method: Literal["assembled", "enhanced"]
    note: str = ""  # enhance: why the rewriting was not taken, or ""
    parents: tuple[str, ...] = ()
    author: str = ""

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make a prompt whose id is the hash of its place, its form and its parts' texts."""
        made = cls.model_validate({**fields, "id": "new"})
        texts = [part.text for part in made.parts]
        key = content_id(made.language, made.scene, made.role, made.task, made.ask.model_dump(), texts)
        return made.model_copy(update={"id": key})

    @property
    def text(self) -> str:
        """The whole prompt with its slots still open."""
        return "\n\n".join(part.text for part in self.parts)

    def part(self, kind: PartKind) -> Part | None:
        """Return the part of that kind, or None."""
        return next((part for part in self.parts if part.kind == kind), None)

    def with_parts(self, parts: Iterable[Part], **changes: object) -> Self:
        """Return the same prompt made of other parts, with a new id."""
        return self.new(**{**self.model_dump(exclude={"id", "parts"}), "parts": tuple(parts), **changes})
