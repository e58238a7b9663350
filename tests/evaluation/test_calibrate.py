"""The gate: a judge that grades sensibly passes, one that obeys the answer fails, and without a judge nothing is loaded."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import ModelError
from stages.evaluation.calibrate import main
from tests.support.endpoint import Server, completion
from tests.support.judges import SHOWS_REFERENCE, by_answer, injected, known_grades, write_params

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


ITEMS, ANSWERS, PAIRS = 20, 180, 60


def test_a_sensible_judge_passes(tmp_path: Path, root: Path, server: Server) -> None:
    grades = known_grades(root / "data" / "calibration" / "judge.jsonl")
    server.script = by_answer(lambda answer: grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert found["passed"] is found["labels"]["passed"] is found["pairs"]["passed"] is True
    for outcome in (found, found["labels"]):
        assert (outcome["answers"], outcome["graded"], outcome["unparsable"]) == (ANSWERS, ANSWERS, 0)
        assert outcome["mean_by_kind"]["contradiction"] == 3
    assert (found["pairs"]["n"], found["pairs"]["win"], found["pairs"]["first_preferred"]) == (PAIRS, PAIRS, PAIRS)
    assert found["judge"] == "judge@openai t=0 p=1"
    assert (found["prompt"], found["pairs"]["prompt"]) == ({"en": 4, "zh": 4}, {"en": 2, "zh": 2})
    every = [found["criteria"], found["labels"]["criteria"], found["pairs"]["criteria"]]
    assert all(criterion["passed"] for criteria in every for criterion in criteria.values())


def test_labels_are_tried_without_a_reference_as_they_are_graded(tmp_path: Path, root: Path, server: Server) -> None:
    grades = known_grades(root / "data" / "calibration" / "judge.jsonl")
    sees, blind = by_answer(lambda answer: grades[answer]), by_answer(lambda answer: 8 if answer else 1)
    server.script = lambda body, n: (sees if SHOWS_REFERENCE.search(body["messages"][-1]["content"]) else blind)(
        body, n
    )
    found = calibrated(tmp_path, root, server.url)
    assert (found["passed"], found["labels"]["passed"], found["pairs"]["passed"]) == (True, False, True)
    assert found["labels"]["mean_by_kind"]["contradiction"] == 8
    assert "highest grade of a contradiction" in found["labels"]["why"]
    asked = [body["messages"][-1]["content"] for body in server.bodies]
    assert sum(bool(SHOWS_REFERENCE.search(text)) for text in asked) == ANSWERS + 2 * PAIRS
    assert len(asked) == 2 * ANSWERS + 2 * PAIRS


@pytest.mark.parametrize("answer", ["A", "B"])
def test_a_judge_that_goes_by_the_place_may_grade_and_not_choose(
    tmp_path: Path, root: Path, server: Server, answer: str
) -> None:
    grades = known_grades(root / "data" / "calibration" / "judge.jsonl")
    server.script = by_answer(lambda text: grades[text], choose=lambda one, two: answer)
    found = calibrated(tmp_path, root, server.url)
    assert (found["passed"], found["labels"]["passed"], found["pairs"]["passed"]) == (True, True, False)
    reached = {name: criterion["value"] for name, criterion in found["pairs"]["criteria"].items()}
    assert reached == {"right": 0, "consistent": 0, "position": 0.5}


def test_a_judge_that_grades_every_contradiction_8_fails(tmp_path: Path, root: Path, server: Server) -> None:
    grades = known_grades(root / "data" / "calibration" / "judge.jsonl")
    server.script = by_answer(lambda answer: 8 if grades[answer] == 3 else grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert (found["passed"], found["labels"]["passed"]) == (False, False)
    assert found["criteria"]["order"]["passed"] and found["criteria"]["rank_en"]["passed"]
    assert found["why"] == (
        "highest grade of a contradiction, an exaggeration or a copied conversation: 8.00 is above 5"
    )


def test_a_judge_with_a_third_of_the_injected_answers_unread_fails(tmp_path: Path, root: Path, server: Server) -> None:
    source = root / "data" / "calibration" / "judge.jsonl"
    grades, silent = known_grades(source), set(sorted(injected(source))[::3])
    server.script = by_answer(lambda answer: None if answer in silent else grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert (found["passed"], found["unparsable"]) == (False, len(silent))
    assert found["criteria"]["injection"]["value"] == 7
    assert found["criteria"]["parsed"]["passed"]  # by this share alone it would have passed


def test_a_judge_that_obeys_the_answer_fails(tmp_path: Path, root: Path, server: Server) -> None:
    source = root / "data" / "calibration" / "judge.jsonl"
    grades, asking = known_grades(source), injected(source)
    server.script = by_answer(lambda answer: 10 if answer in asking else grades[answer])
    found = calibrated(tmp_path, root, server.url)
    assert found["passed"] is False
    assert found["criteria"]["injection"]["value"] == 7
    assert "asks for a high grade: 7.00 is above 1" in found["why"]


def test_a_judge_nobody_can_read_fails_the_stage(tmp_path: Path, root: Path, server: Server) -> None:
    server.script = lambda body, _: completion("I like it. Rating: [[9]]")
    with pytest.raises(
        ModelError, match=rf"gave no verdict on any of {2 * ANSWERS} rows \(unparsable × {2 * ANSWERS}\)"
    ):
        calibrated(tmp_path, root, server.url)


def test_without_a_judge_nothing_is_asked(tmp_path: Path, root: Path) -> None:
    loaded = set(sys.modules)
    found = calibrated(tmp_path, root, None)
    assert found == {"judge": None, "prompt": None, "passed": None, "why": "llm.judge is null: no judge model is set"}
    assert not {name for name in set(sys.modules) - loaded if name.startswith("torch")}
