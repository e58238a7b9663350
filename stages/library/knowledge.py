"""`knowledge.yaml` of a domain pack: listings, price tables and policies that stand beside a conversation (Table 5: known information)."""

from typing import Self

from pydantic import model_validator

from stages.core.row import Language, Record
from stages.library.wording import Text, unique
from stages.rows.instruction import Instruction, KnowledgeKind


class Entry(Record):
    """One piece of known information, and the scenes it belongs to (none: any)."""

    id: str
    kind: KnowledgeKind
    scenes: tuple[str, ...] = ()
    text: Text


class Knowledge(Record):
    """`knowledge.yaml`."""

    entries: tuple[Entry, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([item.id for item in self.entries])
        return self

    def of(self, kind: KnowledgeKind, scene: str, language: Language) -> list[Entry]:
        """Return the entries of a kind that belong to a scene and are there in a language, in the file's order."""
        return [
            item
            for item in self.entries
            if item.kind == kind and (not item.scenes or scene in item.scenes) and item.text.get(language, "").strip()
        ]


def fits(instruction: Instruction, scene: str, knowledge: Knowledge) -> bool:
    """Whether all that the instruction needs to know can be had in the scene, in its language."""
    return all(knowledge.of(kind, scene, instruction.language) for kind in instruction.knowledge)
