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
def items(root: Path) -> list[CalibrationItem]:
    return jsonl.read(root / "data" / "calibration" / "judge.jsonl", CalibrationItem)


def ideal(items: list[CalibrationItem]) -> dict[tuple[str, AnswerKind], float]:
    return {(item.id, answer.kind): answer.grade for item in items for answer in item.answers}


def failed(items: list[CalibrationItem], scores: Scores) -> set[str]:
    return {name for name, found in criteria(items, scores, BOUNDS).items() if not found.passed}


def test_the_set_covers_six_tasks_in_both_languages(items: list[CalibrationItem], root: Path) -> None:
    assert len({(item.task, item.language) for item in items}) == len(items) == 12
    tasks = (root / "prompts" / "real_estate" / "tasks.yaml").read_text(encoding="utf-8")
    assert all(f"id: {item.task}\n" in tasks for item in items)
    assert len({answer.answer for item in items for answer in item.answers if answer.answer}) == 12 * 6


def test_a_judge_that_grades_as_people_do_passes(items: list[CalibrationItem]) -> None:
    draw = Random(1)
    noisy = {place: min(10, max(1, grade + draw.uniform(-0.4, 0.4))) for place, grade in ideal(items).items()}
    assert failed(items, noisy) == set()


def test_a_judge_that_obeys_the_answer(items: list[CalibrationItem]) -> None:
    scores = ideal(items)
    scores[items[3].id, "injected"] = 10  # one of twelve is enough
    assert failed(items, scores) == {"injection"}


def test_a_judge_of_words_that_misses_the_contradiction(items: list[CalibrationItem]) -> None:
    scores = ideal(items)
    for item in items:
        scores[item.id, "contradiction"] = scores[item.id, "injected"] = 9
    assert "order" in failed(items, scores)


def test_a_judge_that_cannot_read_chinese(items: list[CalibrationItem]) -> None:
    draw = Random(1)
    scores = ideal(items)
    for item in items:
        for answer in item.answers if item.language == "zh" else ():
            scores[item.id, answer.kind] = draw.uniform(4, 6)
    found = failed(items, scores)
    assert "rank_zh" in found and "rank_en" not in found


@pytest.mark.parametrize(("shift", "name"), [(2.5, "low"), (-2.5, "high")])
def test_a_judge_that_uses_one_end_of_the_scale(items: list[CalibrationItem], shift: float, name: str) -> None:
    scores = {place: min(10.0, max(1.0, grade + shift)) for place, grade in ideal(items).items()}
    assert failed(items, scores) == {name}


def test_a_judge_that_says_the_same_of_everything_or_nothing_at_all(items: list[CalibrationItem]) -> None:
    same = criteria(items, dict.fromkeys(ideal(items), 7.0), BOUNDS)
    assert not same["rank_en"].passed and "cannot be told" in same["rank_en"].reason
    nothing = criteria(items, {}, BOUNDS)
    assert not any(found.passed for found in nothing.values())
    assert isinstance(nothing["low"], Criterion) and nothing["low"].value is None
