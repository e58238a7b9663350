"""A small data/ as the stages leave it: training rows, their library, test rows, two models' answers."""

from collections.abc import Sequence
from pathlib import Path

from stages.core import jsonl
from stages.rows.instruction import Instruction
from stages.rows.sample import LabeledSample, Prediction
from stages.rows.training import TrainingRow
from tests.support.labeled_row import plain_row

SPITEFUL = "</pre><script>alert(1)</script> & \u202eright to left"
ROWS = 8


def labelled(number: int, answer: str = "The answer.") -> LabeledSample:
    """Make a row of its own words."""
    return plain_row(
        id=f"row{number}",
        dialogue=f"talk{number}",
        prompt=f"prompt{number}",
        instruction=f"asked{number % 2}",
        source="call_recording",
        before="Summarize the talk.\n<<<\n",
        conversation=f"Customer: this is talk {number}.",
        after="\n>>>",
        answer=answer,
        author="somebody",
    )


def made(folder: Path, answers: Sequence[str] = ()) -> Path:
    """Write it into `folder`; base answers with the first of `answers`, tuned with the second. Return data/."""
    base, tuned = answers or ("before", "after")
    instruction = Instruction(
        id="asked1",
        language="en",
        task="reasoning",
        requirement="why",
        text="Say why they called.",
        formats=("paragraph",),
        origin="evolved",
        operator="add_constraint",
        generation=2,
        parents=("parent1", "parent2"),
        author="somebody",
    )
    data, rows = folder / "data", [labelled(number) for number in range(ROWS)]
    jsonl.write(data / "train" / "train.jsonl", [TrainingRow.of(row, "no_fault") for row in rows])
    jsonl.write(data / "instructions" / "library.jsonl", [instruction])
    jsonl.write(data / "labels" / "test.jsonl", rows)
    for model, answer in (("base", base), ("tuned", tuned)):
        given = [Prediction(id=row.id, answer=answer, finish="length", author=f"{model}@1") for row in rows[1:]]
        jsonl.write(data / "predictions" / f"{model}.jsonl", given)
    return data
