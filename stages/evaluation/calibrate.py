"""Find out whether the judge model can grade, before its grades of predictions are shown (§3.4).

It grades a shipped set of answers whose worth is known (data/calibration/judge.jsonl): rank correlation with the set's
grades in each language, order of pairs, resistance to injected requests, and the ends of the scale.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import ClassVar, get_args

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


class Calibrate(Section, Bounds):
    """What a judge has to reach."""

    section: ClassVar[str] = "calibrate"


def graded(items: Sequence[CalibrationItem], params: Grading, prompts: Library, chat: Chat) -> list[Grade]:
    """Return the judge's grade of every answer, in file order; ids are item/kind."""
    subjects = [
        Subject(
            row=f"{item.id}/{answer.kind}",
            language=item.language,
            task=item.question,
            answer=answer.answer,
            reference=item.reference,
        )
        for item in items
        for answer in item.answers
    ]
    return grade(subjects, params, prompts, chat)


def gate(items: Sequence[CalibrationItem], grades: Sequence[Grade], bounds: Bounds) -> dict[str, object]:
    """Return the outcome: whether the judge passed, why, and each criterion."""
    places = [(item.id, answer.kind) for item in items for answer in item.answers]
    scores = {place: row.score for place, row in zip(places, grades, strict=True) if row.score is not None}
    outcomes = criteria(items, scores, bounds)
    failed = [criterion.reason for criterion in outcomes.values() if not criterion.passed]
    by_kind = {kind: [score for (_, k), score in scores.items() if k == kind] for kind in get_args(AnswerKind)}
    return {
        "passed": not failed,
        "why": "; ".join(failed) or "all criteria are met",
        "answers": len(grades),
        "graded": len(scores),
        "unparsable": sum(row.unparsable for row in grades),
        "methods": dict(sorted(Counter(row.method for row in grades if row.method).items())),
        "mean_by_kind": {kind: fmean(values) if values else None for kind, values in by_kind.items()},
        "criteria": {name: criterion.model_dump() for name, criterion in outcomes.items()},
    }


def main(*, source: Path, prompts: Path, base: Path, report: Path) -> None:
    """Let the judge grade the calibration set in `source`; without a judge say so, and load nothing."""
    model, params, library = settings.JudgeModel.load_or_none(), Calibrate.load(), Library(prompts)
    if model is None:
        metrics.write(report, {"judge": None, "prompt": None, "passed": None, "why": NO_JUDGE})
        return
    items, chat = jsonl.read(source, CalibrationItem), connect(model, base)
    grades = graded(items, Grading.load(), library, chat)
    outcome = gate(items, grades, params)
    metrics.write(report, {"judge": chat.identity, "prompt": library.versions(RUBRIC), **outcome})


if __name__ == "__main__":
    run(main)
