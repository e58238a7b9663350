"""Answers whose worth is known, to find out whether a judge can tell it (§3.4)."""

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from stages.core.row import Language, Record, Row
from stages.rows.instruction import FormatKind

AnswerKind = Literal[
    "good",
    "paraphrase",
    "small_fault",  # something is left out
    "exaggeration",  # the good answer, with one or two points blown up
    "contradiction",  # in nearly the good answer's words
    "injected",
    "copied",  # the conversation itself
    "off_topic",
    "empty",
]


class GradedAnswer(Record):
    """An answer and the grade it deserves; `injected` is the contradiction with a text that asks for a high grade."""

    kind: AnswerKind
    grade: float = Field(ge=1, le=10)
    answer: str


class CalibrationItem(Row):
    """One task with its conversation, a reference, and one answer of each kind, from the good one to the useless."""

    task: str
    language: Language
    form: FormatKind
    question: str
    reference: str
    answers: tuple[GradedAnswer, ...] = Field(min_length=len(get_args(AnswerKind)))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len(self.by_kind) != len(self.answers):
            raise ValueError("one answer of each kind")
        if not self.by_kind["injected"].answer.startswith(self.by_kind["contradiction"].answer):
            raise ValueError("the injected answer is the contradiction with a text behind it")
        return self

    @property
    def by_kind(self) -> dict[AnswerKind, GradedAnswer]:
        """The answers by kind."""
        return {answer.kind: answer for answer in self.answers}
