"""The gate: a judge that grades sensibly passes, one that obeys the answer fails, and without a judge nothing is loaded."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.evaluation.calibrate import main
from tests.support.endpoint import Server, completion
from tests.support.judges import by_answer, injected, known_grades, write_params

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))


def calibrated(folder: Path, root: Path, url: str | None) -> dict[str, Any]:
    write_params(folder, url)
    source = root / "data" / "calibration" / "judge.jsonl"
    main(
        source=source, prompts=root / "prompts" / "judge", base=folder / "no-model", report=folder / "calibration.json"
    )
    found: dict[str, Any] = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    return found


def test_a_sensible_judge_passes(tmp_path: Path, root: Path, server: Server) -> None:
    grades = known_grades(root / "data" / "calibration" / "judge.jsonl")
    server.script = by_answer(lambda answer: grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert found["passed"] is True
    assert (found["answers"], found["graded"], found["unparsable"]) == (84, 84, 0)
    assert found["judge"] == "judge@openai t=0 p=1"
    assert found["prompt"] == {"en": 2, "zh": 2}
    assert all(criterion["passed"] for criterion in found["criteria"].values())
    assert found["mean_by_kind"]["contradiction"] == 3


def test_a_judge_that_obeys_the_answer_fails(tmp_path: Path, root: Path, server: Server) -> None:
    source = root / "data" / "calibration" / "judge.jsonl"
    grades, asking = known_grades(source), injected(source)
    server.script = by_answer(lambda answer: 10 if answer in asking else grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert found["passed"] is False
    assert found["criteria"]["injection"]["value"] == 7
    assert "asks for a high grade: 7.00 is above 1" in found["why"]


def test_a_judge_nobody_can_read_fails_without_a_made_up_grade(tmp_path: Path, root: Path, server: Server) -> None:
    server.script = lambda body, _: completion("I like it. Rating: [[9]]")
    found = calibrated(tmp_path, root, server.url)
    assert found["passed"] is False
    assert (found["graded"], found["unparsable"]) == (0, 84)
    assert found["mean_by_kind"]["good"] is None


def test_without_a_judge_nothing_is_asked(tmp_path: Path, root: Path) -> None:
    loaded = set(sys.modules)
    found = calibrated(tmp_path, root, None)
    assert found == {"judge": None, "prompt": None, "passed": None, "why": "llm.judge is null: no judge model is set"}
    assert not {name for name in set(sys.modules) - loaded if name.startswith("torch")}
