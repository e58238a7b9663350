"""Let the judge model grade a model's answers from 1 to 10 beside the references, if it has passed its calibration (§3.4).

A judge that has not passed is not asked: there are no grades then, and the metrics say why.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from stages.errors import InputError
from stages.ports import gate, jsonl, metrics
from stages.ports.chat import settings
from stages.ports.chat.grading import RUBRIC, Grading, Subject, grade
from stages.ports.chat.messages import Chat
from stages.ports.prompts import Library
from stages.ports.stage import run
from stages.records.grade import Grade
from stages.records.sample import Labelled, Prediction


def graded(
    rows: Sequence[Labelled], answers: Mapping[str, Prediction], params: Grading, prompts: Library, chat: Chat
) -> list[Grade]:
    """Return the grade of each row's prediction, in order."""
    subjects = [
        Subject(row=row.id, language=row.language, task=row.text, answer=answers[row.id].answer, reference=row.answer)
        for row in rows
    ]
    return grade(subjects, params, prompts, chat)


def figures(rows: Sequence[Labelled], grades: Sequence[Grade]) -> dict[str, object]:
    """Return means over the answers that got a grade, each with their number; all are empty without grades."""
    score = {row.id: row.score for row in grades if row.score is not None}
    by: dict[str, Callable[[Labelled], str]] = {
        "by_task": lambda row: row.task,
        "by_scene": lambda row: row.scene,
        "by_format": lambda row: row.ask.kind,
        "by_language": lambda row: row.language,
    }
    known = [row for row in rows if row.id in score]

    def means(chosen: Sequence[Labelled]) -> dict[str, object]:
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


def read(labels: Path, answers: Path) -> tuple[list[Labelled], dict[str, Prediction]]:
    """Return the test rows that were answered, in file order, and the answers by row."""
    references, predictions = jsonl.read(labels, Labelled), {row.id: row for row in jsonl.stream(answers, Prediction)}
    rows = [row for row in references if row.id in predictions]
    if len(rows) < len(predictions):
        raise InputError(
            f"{answers}: {len(predictions) - len(rows)} predictions for rows that are not in {labels}; run `dvc repro predict`"
        )
    return rows, predictions


def main(labels: Path, answers: Path, calibration: Path, prompts: Path, base: Path, target: Path, report: Path) -> None:
    """Grade the predictions in `answers`, or write no grades and the reason."""
    rows, predictions = read(labels, answers)
    model, params, library = settings.Judge.load_or_none(), Grading.load(), Library(prompts)
    chat = settings.connect(model, base) if model else None
    why = gate.shut(calibration, chat.identity if chat else None)
    grades = graded(rows, predictions, params, library, chat) if chat and not why else []
    jsonl.write(target, grades)
    metrics.write(
        report,
        {
            "model": next((row.author for row in predictions.values()), None),
            "judge": chat.identity if chat else None,
            "prompt": library.versions(RUBRIC) if chat else None,
            "gate": metrics.read(calibration)["passed"],
            "why_no_grades": why,
            **figures(rows, grades),
        },
    )


if __name__ == "__main__":
    run(main)
