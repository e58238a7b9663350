"""Grades and comparisons of predictions: only by a judge that passed, with the reason where there are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.core import jsonl
from stages.core.dropped import Reason
from stages.core.errors import InputError, ModelError
from stages.evaluation import grade, pairwise
from stages.evaluation.rows import answered
from stages.judging.grade import Comparison, Grade
from stages.rows.sample import LabeledSample, Prediction
from tests.evaluation.conftest import labelled
from tests.support.endpoint import Server, completion
from tests.support.judges import by_answer, write_params

ANSWERS = {"d1-a": "Two rooms for £900.", "d1-b": "rent", "d2-a": "两居室。"}
IDENTITY = "judge@openai t=0 p=1"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))


@pytest.fixture
def test_set(rows: list[LabeledSample], tmp_path: Path) -> None:
    jsonl.write(
        tmp_path / "test.jsonl", [*rows, labelled("d2-a", "两室。", language="zh"), labelled("d3-a", "not asked")]
    )
    predict(tmp_path / "base.jsonl", ANSWERS)


def predict(target: Path, answers: dict[str, str]) -> None:
    jsonl.write(target, [Prediction(id=k, answer=a, finish="stop", author="m@1") for k, a in answers.items()])


def gate(folder: Path, passed: bool | None, judge: str | None = IDENTITY) -> None:
    outcome = {"passed": passed, "why": "the reason"}
    found = {"judge": judge, **outcome, "pairs": outcome}
    (folder / "calibration.json").write_text(json.dumps(found), encoding="utf-8")


def graded(folder: Path, root: Path) -> tuple[list[Grade], dict[str, Any]]:
    grade.main(
        labels=folder / "test.jsonl",
        predictions=folder / "base.jsonl",
        calibration=folder / "calibration.json",
        prompts=root / "prompts" / "judge",
        base=folder / "no-model",
        target=(target := folder / "grades.jsonl"),
        report=(report := folder / "grades.json"),
    )
    return jsonl.read(target, Grade), json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("test_set")
def test_grades_of_a_judge_that_passed(tmp_path: Path, root: Path, server: Server) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, True)
    server.script = by_answer(lambda answer: {"rent": 2, "两居室。": 9}.get(answer, 8))
    rows, found = graded(tmp_path, root)
    assert [(row.id, row.score) for row in rows] == [("d1-a", 8), ("d1-b", 2), ("d2-a", 9)]
    assert (found["n"], found["mean"], found["gate"], found["why_no_grades"]) == (3, pytest.approx(19 / 3), True, None)
    assert found["by_language"] == {"en": {"n": 2, "mean": 5.0}, "zh": {"n": 1, "mean": 9.0}}
    assert found["by_format"]["label"] == {"n": 1, "mean": 2.0}
    assert (found["judge"], found["prompt"], found["model"]) == (IDENTITY, {"en": 4, "zh": 4}, "m@1")
    assert any("REFERENCE" in body["messages"][-1]["content"] for body in server.bodies)


@pytest.mark.usefixtures("test_set")
def test_what_the_judge_did_not_grade_is_in_no_mean(tmp_path: Path, root: Path, server: Server) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, True)
    server.script = lambda body, _: completion(
        "?" if " BEGINS -----\nrent\n" in body["messages"][-1]["content"] else '{"score": 6}'
    )
    rows, found = graded(tmp_path, root)
    assert [row.fault for row in rows] == [None, Reason.UNPARSABLE, None]
    assert (found["n"], found["asked"], found["mean"], found["unparsable"]) == (2, 3, 6, 1)
    assert found["without_grade"] == {"unparsable": 1}


@pytest.mark.usefixtures("test_set")
def test_where_no_answer_came_the_judge_is_not_asked(tmp_path: Path, root: Path, server: Server) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, True)
    server.script = by_answer(lambda answer: 8)
    came = [Prediction(id=key, answer=answer, finish="stop", author="m@1") for key, answer in ANSWERS.items()]
    jsonl.write(tmp_path / "base.jsonl", [came[0].model_copy(update={"answer": "", "finish": "filter"}), *came[1:]])
    rows, found = graded(tmp_path, root)
    assert ([row.id for row in rows], found["asked"], found["n"]) == (["d1-b", "d2-a"], 2, 2)


@pytest.mark.usefixtures("test_set")
def test_a_judge_that_yields_nothing_fails_the_stage(tmp_path: Path, root: Path, server: Server) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, True)
    server.script = lambda body, _: completion("I like {it}. Rating: [[9]] {really}")
    with pytest.raises(ModelError, match=r"gave no verdict on any of 3 rows \(unparsable × 3\)"):
        graded(tmp_path, root)


@pytest.mark.usefixtures("test_set")
@pytest.mark.parametrize(
    ("passed", "judge", "why"),
    [
        (False, IDENTITY, "the judge failed its calibration: the reason"),
        (True, "another@openai t=0 p=1", "another judge was calibrated; run `dvc repro calibrate`"),
    ],
)
def test_a_judge_that_has_not_passed_is_not_asked(
    tmp_path: Path, root: Path, server: Server, passed: bool, judge: str, why: str
) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, passed, judge)
    rows, found = graded(tmp_path, root)
    assert rows == [] and server.bodies == []
    assert (found["why_no_grades"], found["mean"], found["n"], found["by_task"]) == (why, None, 0, {})


@pytest.mark.usefixtures("test_set")
def test_without_a_judge_the_reason_is_said(tmp_path: Path, root: Path) -> None:
    write_params(tmp_path, None)
    gate(tmp_path, None, None)
    rows, found = graded(tmp_path, root)
    assert rows == []
    assert (found["why_no_grades"], found["judge"], found["gate"]) == ("the reason", None, None)


@pytest.mark.usefixtures("test_set")
def test_predictions_for_other_rows_are_refused(tmp_path: Path) -> None:
    predict(tmp_path / "base.jsonl", {"gone": "x"})
    with pytest.raises(InputError, match="1 predictions for rows that are not in"):
        answered.read(tmp_path / "test.jsonl", tmp_path / "base.jsonl")


def compared(folder: Path, root: Path) -> tuple[list[Comparison], dict[str, Any]]:
    pairwise.main(
        labels=folder / "test.jsonl",
        base_predictions=folder / "base.jsonl",
        tuned_predictions=folder / "tuned.jsonl",
        calibration=folder / "calibration.json",
        prompts=root / "prompts" / "judge",
        base=folder / "no-model",
        target=(target := folder / "pairs.jsonl"),
        report=(report := folder / "pairs.json"),
    )
    return jsonl.read(target, Comparison), json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("test_set")
def test_the_tuned_model_wins_where_its_answer_is_preferred_in_both_orders(
    tmp_path: Path, root: Path, server: Server
) -> None:
    def prefers_buy(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        first, second = body["messages"][-1]["content"].split("ANSWER B ")[0], body["messages"][-1]["content"]
        return completion(
            '{"better": "A"}' if "\nbuy\n-----" in first[-80:] or "\nbuy" not in second else '{"better": "B"}'
        )

    write_params(tmp_path, server.url)
    gate(tmp_path, True)
    predict(tmp_path / "tuned.jsonl", ANSWERS | {"d1-b": "buy"})
    server.script = prefers_buy
    rows, found = compared(tmp_path, root)
    assert [row.id for row in rows] == list(ANSWERS)
    assert (found["n"], found["win"], found["loss"]) == (3, 1, 0)
    assert found["inconsistent"] == 0 and len(server.bodies) == 2  # of equal answers nobody was asked
    assert found["why_no_comparison"] is None


@pytest.mark.usefixtures("test_set")
def test_no_comparison_by_a_judge_that_failed(tmp_path: Path, root: Path, server: Server) -> None:
    write_params(tmp_path, server.url)
    gate(tmp_path, False)
    predict(tmp_path / "tuned.jsonl", ANSWERS)
    rows, found = compared(tmp_path, root)
    assert rows == [] and server.bodies == []
    assert found["why_no_comparison"] == "the judge failed its calibration: the reason"


@pytest.mark.usefixtures("test_set")
def test_where_one_of_two_gave_no_answer_there_is_none_to_prefer(tmp_path: Path) -> None:
    came = [Prediction(id=key, answer=answer, finish="stop", author="m@1") for key, answer in ANSWERS.items()]
    jsonl.write(tmp_path / "tuned.jsonl", [came[0].model_copy(update={"answer": "", "finish": "context"}), *came[1:]])
    found = pairwise.pairs(*(tmp_path / name for name in ("test.jsonl", "base.jsonl", "tuned.jsonl")))
    assert [pair.row for pair in found] == ["d1-b", "d2-a"]


@pytest.mark.usefixtures("test_set")
def test_models_that_answered_different_rows_cannot_be_compared(tmp_path: Path) -> None:
    predict(tmp_path / "tuned.jsonl", {"d1-a": "x"})
    with pytest.raises(InputError, match="different rows"):
        pairwise.pairs(*(tmp_path / name for name in ("test.jsonl", "base.jsonl", "tuned.jsonl")))
