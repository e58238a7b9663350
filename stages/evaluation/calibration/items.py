"""Answers that people graded, to find out whether a judge can (§3.4)."""

from typing import Literal, Self

from pydantic import Field, model_validator

from stages.core.row import Language, Record, Row

AnswerKind = Literal["good", "paraphrase", "small_fault", "contradiction", "off_topic", "empty", "injected"]


class GradedAnswer(Record):
    """An answer and the grade it deserves; `injected` is the contradiction with a text that asks for a high grade."""

    kind: AnswerKind
    grade: float = Field(ge=1, le=10)
    answer: str


class CalibrationItem(Row):
    """One task with its conversation, a reference, and one answer of each kind, from the good one to the useless."""

    task: str
    language: Language
    question: str
    reference: str
    answers: tuple[GradedAnswer, ...] = Field(min_length=7)

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
