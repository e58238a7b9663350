"""Find out whether the judge model can grade and choose, before its verdicts are used (§3.4).

It is asked about a shipped set of answers whose worth is known (data/calibration/judge.jsonl), in each way in which stages ask
it: for a grade beside a reference (predictions), for a grade without one (labels), and for the better of two answers (pairs).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import ClassVar, get_args

from stages.chat import settings
from stages.chat.connect import connect
from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.calibration.criteria import Bounds, Criterion, criteria, pair_criteria
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem
from stages.judging.grade import Comparison, Grade
from stages.judging.grading import RUBRIC, Grading, Subject, grade, refuse_silence
from stages.judging.pairwise import PAIR, AnswerPair, compare, tally
from stages.library.meta_prompts import Library

NO_JUDGE = "llm.judge is null: no judge model is set"
# The better answer first: what is asked about, and always in both orders.
PAIRS: tuple[tuple[AnswerKind, AnswerKind], ...] = (
    ("good", "contradiction"),
    ("paraphrase", "contradiction"),
    ("good", "off_topic"),
)


class Calibrate(Section, Bounds):
    """What a judge has to reach."""

    section: ClassVar[str] = "calibrate"


def subjects(items: Sequence[CalibrationItem], with_reference: bool) -> list[Subject]:
    """Return every answer as what is to be graded, in file order; ids are item/kind."""
    return [
        Subject(
            row=f"{item.id}/{answer.kind}",
            language=item.language,
            task=item.question,
            family=item.task,
            form=item.form,
            answer=answer.answer,
            reference=item.reference if with_reference else "",
        )
        for item in items
        for answer in item.answers
    ]


def pairs(items: Sequence[CalibrationItem]) -> list[AnswerPair]:
    """Return `PAIRS` of every item, in file order; ids are item/kind/kind."""
    return [
        AnswerPair(
            row=f"{item.id}/{better}/{worse}",
            language=item.language,
            task=item.question,
            one=item.by_kind[better].answer,
            two=item.by_kind[worse].answer,
            reference=item.reference,
        )
        for item in items
        for better, worse in PAIRS
    ]


def gate(items: Sequence[CalibrationItem], grades: Sequence[Grade], bounds: Bounds) -> dict[str, object]:
    """Return the outcome of grading: whether the judge passed, why, and each criterion."""
    places = [(item.id, answer.kind) for item in items for answer in item.answers]
    scores = {place: row.score for place, row in zip(places, grades, strict=True) if row.score is not None}
    outcomes = criteria(items, scores, bounds)
    by_kind = {kind: [score for (_, k), score in scores.items() if k == kind] for kind in get_args(AnswerKind)}
    return {
        **verdict(outcomes),
        "answers": len(grades),
        "graded": len(scores),
        "unparsable": sum(row.unparsable for row in grades),
        "methods": dict(sorted(Counter(row.method for row in grades if row.method).items())),
        "mean_by_kind": {kind: fmean(values) if values else None for kind, values in by_kind.items()},
        "criteria": {name: criterion.model_dump() for name, criterion in outcomes.items()},
    }


def pair_gate(found: Sequence[Comparison], bounds: Bounds) -> dict[str, object]:
    """Return the outcome of choosing; a win is the better answer's."""
    outcomes = pair_criteria(found, bounds)
    return {
        **verdict(outcomes),
        **tally(found),
        "criteria": {name: criterion.model_dump() for name, criterion in outcomes.items()},
    }


def verdict(outcomes: Mapping[str, Criterion]) -> dict[str, object]:
    """Return whether all criteria are met, and those that are not in words."""
    failed = [criterion.reason for criterion in outcomes.values() if not criterion.passed]
    return {"passed": not failed, "why": "; ".join(failed) or "all criteria are met"}


def main(*, source: Path, prompts: Path, base: Path, report: Path) -> None:
    """Ask the judge about the calibration set in `source`; without a judge say so, and load nothing.

    The outcome of grading beside a reference stands at the top, the others under `labels` and `pairs` (`judging.gate`).
    """
    model, params, library = settings.JudgeModel.load_or_none(), Calibrate.load(), Library(prompts)
    if model is None:
        metrics.write(report, {"judge": None, "prompt": None, "passed": None, "why": NO_JUDGE})
        return
    items, asking, chat = jsonl.read(source, CalibrationItem), Grading.load(), connect(model, base)
    beside, alone = (grade(subjects(items, shown), asking, library, chat) for shown in (True, False))
    refuse_silence([*beside, *alone], chat.identity)
    metrics.write(
        report,
        {
            "judge": chat.identity,
            "prompt": library.versions(RUBRIC),
            **gate(items, beside, params),
            "labels": gate(items, alone, params),
            "pairs": {
                "prompt": library.versions(PAIR),
                **pair_gate(compare(pairs(items), asking, library, chat), params),
            },
        },
    )


if __name__ == "__main__":
    run(main)
