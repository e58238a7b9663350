"""Test rows beside a model's answers to them: what scoring, grading and comparing begin with."""

from pathlib import Path
from typing import NamedTuple

from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.sample import LabeledSample, Prediction

# How what a model said ends; all else is a fault of the endpoint, a filter, or a question too long for the model.
SAID = ("stop", "length")


def is_answer(prediction: Prediction) -> bool:
    """Whether the model said what stands there, even if that is nothing; else no answer came, and nothing is known of it."""
    return prediction.finish in SAID


class Answered(NamedTuple):
    """The rows that a model was asked, in the test set's order, what came back by row, and how many rows the test set has."""

    rows: list[LabeledSample]
    predictions: dict[str, Prediction]
    test_set: int

    @property
    def model(self) -> str | None:
        """Who answered, or None without any answer."""
        return next((row.author for row in self.predictions.values()), None)


def read(labels: Path, predictions: Path) -> Answered:
    """Read a test set and the predictions for some of its rows; a prediction for any other row is an error."""
    references, answers = jsonl.read(labels, LabeledSample), jsonl.by_id(predictions, Prediction)
    rows = [row for row in references if row.id in answers]
    if strangers := len(answers) - len(rows):
        raise InputError(
            f"{predictions}: {strangers} predictions for rows that are not in {labels}; run `dvc repro predict`"
        )
    return Answered(rows, answers, len(references))
