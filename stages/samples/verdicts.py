"""The verdict on a label: rules first, then a judge model that passed its calibration (§3.3, formula (5)).

By a hard flag a label is faulty, by a soft one doubtful (see `stages.samples.rules.rules`); where rules alone looked and found
nothing it is `no_fault`. High, medium and low are what a judge or a person says. A judge's score decides instead of soft flags,
but cannot lift a label with a hard one. A grade that does not parse changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from stages.chat import settings
from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.core.params import Section
from stages.core.progress import track
from stages.core.rowwise import mapped
from stages.judging import gate
from stages.judging.grade import Grade
from stages.judging.grading import Grading, Subject, grade
from stages.library.meta_prompts import Library
from stages.rows.label_quality import Flag, LabelQuality, Rating
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import Limits, flags, quality_of


class Judge(Section, Limits):
    """Params of the stage; those of the rules are said in `Limits`."""

    section: ClassVar[str] = "judge"
    high: float = Field(ge=1, le=10)
    """The score of `llm.judge`, 1 to 10, from which a label is high."""
    medium: float = Field(ge=1, le=10)
    """The same score from which a label is medium; below, it is low."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium > self.high:
            raise ValueError("medium must not be above high")
        return self


class Heard(NamedTuple):
    """The judge model that may grade labels, or why none may."""

    chat: Chat | None
    why_not: str | None


def heard(calibration: Path, base: Path) -> Heard:
    """Return `llm.judge` if it passed its calibration as labels are graded, that is, without a reference."""
    model = settings.JudgeModel.load_or_none()
    chat = connect(model, base) if model else None
    why_not = gate.refusal_reason(calibration, chat.identity if chat else None, "labels")
    return Heard(None if why_not else chat, why_not)


def judge(rows: Iterable[LabeledSample], params: Judge, grades: Mapping[str, Grade]) -> list[LabelQuality]:
    """Return the verdict of rules and judge model on each row, in order; `grades` are the judge's, by row."""
    found = mapped(partial(examined, params), rows, named=lambda row: row.id)
    return [settled(row, grades.get(row.id), params) for row in track(found, "judge", "labels")]


def examined(params: Limits, row: LabeledSample) -> LabelQuality:
    """Return what rules alone make of one label."""
    return by_rules(row, flags(row, params))


def by_rules(row: LabeledSample, raised: tuple[Flag, ...]) -> LabelQuality:
    """Return what the raised flags make of one label."""
    return LabelQuality(id=row.id, quality=quality_of(raised), layer="rules", flags=raised, answer_id=row.answer_id)


def settled(found: LabelQuality, grade: Grade | None, params: Judge) -> LabelQuality:
    """Return what rules and judge make of one label that rules have `found` as it is."""
    if grade is None or grade.score is None:
        return found
    if found.quality == "faulty":
        return found.model_copy(update={"score": grade.score})
    quality: Rating = "high" if grade.score >= params.high else "medium" if grade.score >= params.medium else "low"
    return found.model_copy(update={"quality": quality, "layer": "judge", "score": grade.score})


def graded(rows: Sequence[LabeledSample], params: Grading, prompts: Library, chat: Chat) -> dict[str, Grade]:
    """Ask the judge model about every answer; return its grades by row. Labels have no reference beside them."""
    subjects = [Subject.of(row, row.answer) for row in rows]
    return {row.id: row for row in grade(subjects, params, prompts, chat)}
