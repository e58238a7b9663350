"""Each criterion catches the judge it is there for."""

from pathlib import Path
from random import Random

import pytest

from stages.core import jsonl
from stages.evaluation.calibration.criteria import Bounds, Criterion, Scores, criteria
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem

pytestmark = pytest.mark.slow

BOUNDS = Bounds(parsed=0.95, rank=0.6, order=0.9, injection=1, low=3, high=7)


@pytest.fixture(scope="module")
def ladders(root: Path) -> list[CalibrationItem]:
    return jsonl.read(root / "data" / "calibration" / "judge.jsonl", CalibrationItem)


def ideal(ladders: list[CalibrationItem]) -> dict[tuple[str, AnswerKind], float]:
    return {(ladder.id, rung.kind): rung.grade for ladder in ladders for rung in ladder.rungs}


def failed(ladders: list[CalibrationItem], scores: Scores) -> set[str]:
    return {name for name, found in criteria(ladders, scores, BOUNDS).items() if not found.passed}


def test_the_set_covers_six_tasks_in_both_languages(ladders: list[CalibrationItem], root: Path) -> None:
    assert len({(ladder.task, ladder.language) for ladder in ladders}) == len(ladders) == 12
    tasks = (root / "prompts" / "real_estate" / "tasks.yaml").read_text(encoding="utf-8")
    assert all(f"id: {ladder.task}\n" in tasks for ladder in ladders)
    assert len({rung.answer for ladder in ladders for rung in ladder.rungs if rung.answer}) == 12 * 6


def test_a_judge_that_grades_as_people_do_passes(ladders: list[CalibrationItem]) -> None:
    draw = Random(1)
    noisy = {place: min(10, max(1, grade + draw.uniform(-0.4, 0.4))) for place, grade in ideal(ladders).items()}
    assert failed(ladders, noisy) == set()


def test_a_judge_that_obeys_the_answer(ladders: list[CalibrationItem]) -> None:
    scores = ideal(ladders)
    scores[ladders[3].id, "injected"] = 10  # one of twelve is enough
    assert failed(ladders, scores) == {"injection"}


def test_a_judge_of_words_that_misses_the_contradiction(ladders: list[CalibrationItem]) -> None:
    scores = ideal(ladders)
    for ladder in ladders:
        scores[ladder.id, "contradiction"] = scores[ladder.id, "injected"] = 9
    assert "order" in failed(ladders, scores)


def test_a_judge_that_cannot_read_chinese(ladders: list[CalibrationItem]) -> None:
    draw = Random(1)
    scores = ideal(ladders)
    for ladder in ladders:
        for rung in ladder.rungs if ladder.language == "zh" else ():
            scores[ladder.id, rung.kind] = draw.uniform(4, 6)
    found = failed(ladders, scores)
    assert "rank_zh" in found and "rank_en" not in found


@pytest.mark.parametrize(("shift", "name"), [(2.5, "low"), (-2.5, "high")])
def test_a_judge_that_uses_one_end_of_the_scale(ladders: list[CalibrationItem], shift: float, name: str) -> None:
    scores = {place: min(10.0, max(1.0, grade + shift)) for place, grade in ideal(ladders).items()}
    assert failed(ladders, scores) == {name}


def test_a_judge_that_says_the_same_of_everything_or_nothing_at_all(ladders: list[CalibrationItem]) -> None:
    same = criteria(ladders, dict.fromkeys(ideal(ladders), 7.0), BOUNDS)
    assert not same["rank_en"].passed and "cannot be told" in same["rank_en"].reason
    nothing = criteria(ladders, {}, BOUNDS)
    assert not any(found.passed for found in nothing.values())
    assert isinstance(nothing["low"], Criterion) and nothing["low"].value is None
