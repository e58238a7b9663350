"""What evolution is measured by: rewritten instructions and pairs of instructions that people marked."""

from typing import Literal, Self

from pydantic import model_validator

from stages.core.row import Language, Record, Row
from stages.rows.instruction import FormatKind

Part = Literal["dev", "held_out"]  # rules and bounds are made on dev alone
Fault = Literal[
    "unchanged",  # its parent in its parent's words
    "stagnant",  # other or more words, and nothing more is asked
    "lost_task",  # asks for something else, or a crossover for what one parent asks
    "unanswerable",  # no conversation holds it, or this one alone does
    "personal_data",
    "prompt_echo",  # repeats what the writer was told
    "answered",  # the instruction was carried out
    "refused",
    "wrong_language",
    "too_long",
    "truncated",
    "unparsable",
    "loops",
]


class Marked(Record):
    """An instruction as far as a writer was shown it."""

    text: str
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    formats: tuple[FormatKind, ...]


class MarkedChild(Row):
    """What a writer answered when it was asked to rewrite `parent`, as it came, and what people say of it."""

    part: Part
    language: Language
    task: str
    requirement: str
    scene: str
    role: str
    operator: str
    excerpt: str
    parent: Marked
    partner: Marked | None = None  # of a crossover
    reply: str
    finish: Literal["stop", "length"]
    verdict: Literal["keep", "eliminate"]
    reason: Fault | Literal[""]
    author: str  # a model's identity, or `project`

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.verdict == "keep") != (self.reason == ""):
            raise ValueError("reason: expected for what is eliminated, and for nothing else")
        if (self.operator == "crossover") != (self.partner is not None):
            raise ValueError("partner: expected for a crossover, and for nothing else")
        return self


class Paraphrase(Row):
    """An instruction, the same ask in other words, and another ask in much the same words."""

    part: Part
    language: Language
    text: str
    paraphrase: str
    other: str


class ReferenceVariants(Row):
    """A reference of the test set and what people wrote beside it; `fault` says what is wrong in `one_fact_wrong`."""

    part: Part
    language: Language
    form: FormatKind
    reference: str
    paraphrase: str
    one_fact_wrong: str
    fault: str
    other_language: str = ""  # a translation, for some
