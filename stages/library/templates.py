"""`templates.yaml` of a domain pack: wordings of the parts of a prompt, and their orders (§2.2, Fig. 2)."""

from functools import cached_property
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from stages.core.row import Record
from stages.library.wording import Wording, suiting_first, unique
from stages.rows.prompt import PartKind

TemplateKind = Literal["scene", "character", "knowledge", "dialogue", "narrative", "examples", "format", "guidelines"]
ALWAYS: frozenset[PartKind] = frozenset({"narrative", "format", "dialogue"})  # no prompt is without these


class Layout(Record):
    """An order of parts; a part it does not list is not in its prompts, but knowledge, which then stands before the conversation."""

    id: str
    parts: tuple[PartKind, ...]

    @cached_property
    def plain(self) -> bool:
        """Whether it is that of a plain ask, without background and rules."""
        return set(self.parts) <= ALWAYS | {"knowledge"}

    @cached_property
    def order(self) -> tuple[PartKind, ...]:
        """All parts that a prompt of this layout may have, in order."""
        if "knowledge" in self.parts:
            return self.parts
        place = self.parts.index("dialogue")
        return (*self.parts[:place], "knowledge", *self.parts[place:])

    @model_validator(mode="after")
    def _complete(self) -> Self:
        known = set(get_args(TemplateKind))
        if len(set(self.parts)) != len(self.parts) or not ALWAYS <= set(self.parts) <= known:
            raise ValueError(
                f"expected {', '.join(sorted(ALWAYS))} and any of {', '.join(sorted(known - ALWAYS))}, each once"
            )
        return self


class Templates(Record):
    """`templates.yaml`."""

    scene: tuple[Wording, ...] = Field(min_length=1)
    character: tuple[Wording, ...] = Field(min_length=1)
    knowledge: tuple[Wording, ...] = ()
    narrative: tuple[Wording, ...] = Field(min_length=1)
    examples: tuple[Wording, ...] = ()
    format: tuple[Wording, ...] = Field(min_length=1)
    guidelines: tuple[Wording, ...] = Field(min_length=1)
    dialogue: tuple[Wording, ...] = Field(min_length=1)
    layout: tuple[Layout, ...] = Field(min_length=1)

    def of(self, kind: PartKind) -> tuple[Wording, ...]:
        """Return the wordings of a part, in the file's order."""
        found: tuple[Wording, ...] = getattr(self, kind)
        return found

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([item.id for item in self.layout])
        for kind in get_args(TemplateKind):
            unique([item.id for item in self.of(kind)])
            if self.of(kind):
                suiting_first(kind, self.of(kind)[0])
        return self
