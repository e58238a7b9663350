"""A task instruction: what to do with a conversation, without saying in which form (§2.1)."""

from typing import Literal, Self

from pydantic import Field

from stages.core.row import Language, Record, Row, content_id

Origin = Literal["pack", "generated", "evolved", "reviewer"]  # pack: written by hand for the domain
FormatKind = Literal["label", "list", "json", "table", "key_values", "paragraph", "message", "multipart"]
NAMED: tuple[FormatKind, ...] = ("json", "table", "key_values", "multipart")  # forms made of named sub-items
KnowledgeKind = Literal["listing", "price_table", "policy"]


class Ask(Record):
    """The output form that is asked for, as far as a parser can check it."""

    kind: FormatKind
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Instruction(Row):
    """An instruction and where it comes from.

    `scenes` and `roles` say where it applies (empty: anywhere); `fields` are the sub-items it asks for and `labels` the
    answers it allows, so that an answer's form can be checked; `formats` are the output forms that suit it; `knowledge` is
    what must stand beside the conversation for it to be answered (Table 5: "known information").
    """

    language: Language
    task: str
    requirement: str
    text: str
    scenes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    formats: tuple[FormatKind, ...]
    knowledge: tuple[KnowledgeKind, ...] = ()
    origin: Origin
    operator: str = ""  # evolve: which rewriting made it
    generation: int = 0
    parents: tuple[str, ...] = ()  # instruction ids, and the dialogue a generated one was drawn from
    author: str = ""  # model identity, reviewer, or the pack's key
    key: str = Field("", exclude_if=lambda value: not value)  # a name by which rows of a test set call it
    unseen: bool = Field(
        False, exclude_if=lambda value: not value
    )  # of a test set: its requirement is held out, so no training instruction has it

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make an instruction whose id is the hash of its language, task and text."""
        return cls.model_validate({**fields, "id": content_id(fields["language"], fields["task"], fields["text"])})

    def ask(self, kind: FormatKind) -> Ask:
        """Return a form with the names it lists: labels for a label, fields for forms made of named sub-items."""
        if kind == "label":
            return Ask(kind=kind, labels=self.labels)
        return Ask(kind=kind, fields=self.fields if kind in NAMED else ())
