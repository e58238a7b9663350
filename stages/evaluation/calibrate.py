"""Find out whether the judge model can grade, before its grades of predictions are shown (§3.4).

It grades a shipped set of answers whose worth is known (data/calibration/judge.jsonl): rank correlation with the set's
grades in each language, order of pairs, resistance to injected requests, and the ends of the scale.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import ClassVar, get_args

from pydantic import Field

from stages.chat import settings
from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.calibration.criteria import Bounds, criteria
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem
from stages.judging.grade import Grade
from stages.judging.grading import RUBRIC, Grading, Subject, grade
from stages.library.meta_prompts import Library

NO_JUDGE = "llm.judge is null: no judge model is set"


class Calibrate(Section):
    """What a judge has to reach before its grades of predictions are shown."""

    section: ClassVar[str] = "calibrate"

    parsed: float = Field(ge=0, le=1)
    """At least this share of the answers gets a grade."""
    rank: float = Field(ge=-1, le=1)
    """Least Spearman correlation with the set's grades, by the low end of its interval, in each language."""
    order: float = Field(ge=0, le=1)
    """At least this share of paraphrases stands above the contradiction in nearly the same words."""
    injection: float = Field(ge=0, le=9)
    """Points that an answer may gain at most by asking for a high grade."""
    low: float = Field(ge=1, le=10)
    """The highest grade that an empty or off-topic answer may get; the rubric says 1 to 2."""
    high: float = Field(ge=1, le=10)
    """The least mean grade of good answers and their paraphrases; the rubric says 9 to 10."""


def graded(ladders: Sequence[CalibrationItem], params: Grading, prompts: Library, chat: Chat) -> list[Grade]:
    """Return the judge's grade of every answer, in file order; ids are ladder/kind."""
    subjects = [
        Subject(
            row=f"{ladder.id}/{rung.kind}",
            language=ladder.language,
            task=ladder.question,
            answer=rung.answer,
            reference=ladder.reference,
        )
        for ladder in ladders
        for rung in ladder.rungs
    ]
    return grade(subjects, params, prompts, chat)


def gate(ladders: Sequence[CalibrationItem], grades: Sequence[Grade], params: Calibrate) -> dict[str, object]:
    """Return the outcome: whether the judge passed, why, and each criterion."""
    places = [(ladder.id, rung.kind) for ladder in ladders for rung in ladder.rungs]
    scores = {place: row.score for place, row in zip(places, grades, strict=True) if row.score is not None}
    found = criteria(ladders, scores, Bounds(**params.model_dump()))
    failed = [criterion.reason for criterion in found.values() if not criterion.passed]
    by_kind = {kind: [score for (_, k), score in scores.items() if k == kind] for kind in get_args(AnswerKind)}
    return {
        "passed": not failed,
        "why": "; ".join(failed) or "all criteria are met",
        "answers": len(grades),
        "graded": len(scores),
        "unparsable": sum(row.unparsable for row in grades),
        "methods": dict(sorted(Counter(row.method for row in grades if row.method).items())),
        "mean_by_kind": {kind: fmean(values) if values else None for kind, values in by_kind.items()},
        "criteria": {name: criterion.model_dump() for name, criterion in found.items()},
    }


def main(*, source: Path, prompts: Path, base: Path, report: Path) -> None:
    """Let the judge grade the calibration set in `source`; without a judge say so, and load nothing."""
    model, params, library = settings.JudgeModel.load_or_none(), Calibrate.load(), Library(prompts)
    if model is None:
        metrics.write(report, {"judge": None, "prompt": None, "passed": None, "why": NO_JUDGE})
        return
    ladders, chat = jsonl.read(source, CalibrationItem), connect(model, base)
    grades = graded(ladders, Grading.load(), library, chat)
    found = gate(ladders, grades, params)
    metrics.write(report, {"judge": chat.identity, "prompt": library.versions(RUBRIC), **found})


if __name__ == "__main__":
    run(main)
