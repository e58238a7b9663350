"""Let the judge model grade a model's answers from 1 to 10 beside the references, if it has passed its calibration (§3.4).

A judge that has not passed is not asked: there are no grades then, and the metrics say why.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from stages.chat import settings
from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.core import jsonl, metrics
from stages.core.stage import run
from stages.evaluation.rows import answered
from stages.judging import gate
from stages.judging.grade import Grade
from stages.judging.grading import RUBRIC, Grading, Subject, grade, refuse_silence
from stages.library.meta_prompts import Library
from stages.rows.sample import LabeledSample, Prediction


def graded(
    rows: Sequence[LabeledSample], answers: Mapping[str, Prediction], params: Grading, prompts: Library, chat: Chat
) -> list[Grade]:
    """Return the grade of each row's prediction, in order."""
    subjects = [Subject.of(row, answers[row.id].answer, reference=row.answer) for row in rows]
    return grade(subjects, params, prompts, chat)


def figures(rows: Sequence[LabeledSample], grades: Sequence[Grade]) -> dict[str, object]:
    """Return means over the answers that got a grade, each with their number; all are empty without grades."""
    score = {row.id: row.score for row in grades if row.score is not None}
    by: dict[str, Callable[[LabeledSample], str]] = {
        "by_task": lambda row: row.task,
        "by_scene": lambda row: row.scene,
        "by_format": lambda row: row.ask.kind,
        "by_language": lambda row: row.language,
    }
    known = [row for row in rows if row.id in score]

    def means(chosen: Sequence[LabeledSample]) -> dict[str, object]:
        return {"n": len(chosen), "mean": fmean(score[row.id] for row in chosen) if chosen else None}

    return {
        **means(known),
        "asked": len(grades),
        "unparsable": sum(row.unparsable for row in grades),
        "without_grade": dict(sorted(Counter(row.fault for row in grades if row.fault).items())),
        "methods": dict(sorted(Counter(row.method for row in grades if row.method).items())),
        **{
            name: {place: means([row for row in known if key(row) == place]) for place in sorted(set(map(key, known)))}
            for name, key in by.items()
        },
    }


def main(
    *, labels: Path, predictions: Path, calibration: Path, prompts: Path, base: Path, target: Path, report: Path
) -> None:
    """Grade the predictions, or write no grades and the reason."""
    found = answered.read(labels, predictions)
    model, params, library = settings.JudgeModel.load_or_none(), Grading.load(), Library(prompts)
    chat = connect(model, base) if model else None
    why = gate.refusal_reason(calibration, chat.identity if chat else None)
    rows = [row for row in found.rows if answered.is_answer(found.predictions[row.id])]
    grades = graded(rows, found.predictions, params, library, chat) if chat and not why else []
    if chat:
        refuse_silence(grades, chat.identity)
    jsonl.write(target, grades)
    metrics.write(
        report,
        {
            "model": found.model,
            "judge": chat.identity if chat else None,
            "prompt": library.versions(RUBRIC) if chat else None,
            "gate": metrics.read(calibration)["passed"],
            "why_no_grades": why,
            **figures(rows, grades),
        },
    )


if __name__ == "__main__":
    run(main)
