"""A task instruction: what to do with a conversation, without saying in which form (§2.1)."""

from typing import Literal, Self

from stages.core.row import Language, Row, content_id

Origin = Literal["pack", "generated", "evolved", "reviewer"]  # pack: written by hand for the domain
FormatKind = Literal["label", "list", "json", "table", "key_values", "paragraph", "message", "multipart"]


class Instruction(Row):
    """An instruction and where it comes from.

    `scenes` and `roles` say where it applies (empty: anywhere); `fields` are the sub-items it asks for and `labels` the
    answers it allows, so that an answer's form can be checked; `formats` are the output forms that suit it.
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
    origin: Origin
    operator: str = ""  # evolve: which rewriting made it
    generation: int = 0
    parents: tuple[str, ...] = ()  # instruction ids, and the dialogue a generated one was drawn from
    author: str = ""  # model identity, reviewer, or the pack's key

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make an instruction whose id is the hash of its language, task and text."""
        return cls.model_validate({**fields, "id": content_id(fields["language"], fields["task"], fields["text"])})
