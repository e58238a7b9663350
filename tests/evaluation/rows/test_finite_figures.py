"""Figures that are no numbers are refused where a file is read, by file, line and field."""

from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import Row
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome
from stages.rows.sample import Prediction

OUTCOME = '{"id": "1", "suite": "s", "subject": "s", "language": "en", "shots": 0, "formulation": "cloze", "item": "1"'
PREDICTION = '{"id": "1", "answer": "a", "finish": "stop", "author": "m", "reference": {"tokens": 1, "characters": 1'
DRIFT = '{"id": "1", "language": "en", "tokens": 3, "agree": 3'


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    ("kind", "start", "end", "field"),
    [
        (Prediction, PREDICTION + ', "nll": ', "}}", "reference.nll"),
        (Drift, DRIFT + ', "kl": ', "}", "kl"),
        (Drift, DRIFT + ', "kl": 0, "noise": ', "}", "noise"),
        (
            BenchmarkOutcome,
            OUTCOME + ', "result": {"right": 1, "gold": 0, "log_probabilities": [-1, ',
            "]}}",
            "log_probabilities.1",
        ),
        (BenchmarkOutcome, OUTCOME + ', "result": {"tokens": 1, "characters": 1, "nll": ', "}}", "nll"),
    ],
)
def test_what_is_no_number_is_refused(
    tmp_path: Path, kind: type[Row], start: str, end: str, field: str, bad: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{start}1{end}\n{start}{bad}{end}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        jsonl.read(path, kind)
    line = str(caught.value)
    assert line.startswith(f"{path}:2: not a {kind.__name__} row: ") and "\n" not in line
    assert f"{field}: Input should be " in line
