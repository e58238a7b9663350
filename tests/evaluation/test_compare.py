"""Stage compare: paired by row, drawn by dialogue, and only over rows where a measure speaks of both answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.compare import main
from stages.evaluation.rows.score import Atomic, Parts, Score
from stages.rows.sample import Likelihood


def score(number: int, value: float, **changes: Any) -> Score:  # noqa: ANN401
    values: dict[str, Any] = {
        "id": f"r{number}",
        "dialogue": f"d{number // 2}",
        "task": ("summary", "reasoning")[number % 2],
        "scene": "renting",
        "format": "list",
        "language": "en",
        "finish": "stop",
        "parts": Parts(format=1.0, facts=0.5),
        "reference_similarity": value,
    }
    return Score.model_validate(values | changes)


def compared(folder: Path, base: list[Score], model: list[Score]) -> dict[str, Any]:
    (folder / "params.yaml").write_text(json.dumps({"compare": {"confidence": 0.95, "resamples": 400, "seed": 1}}))
    jsonl.write(folder / "base.jsonl", base)
    jsonl.write(folder / "model.jsonl", model)
    main(base=folder / "base.jsonl", model=folder / "model.jsonl", report=folder / "found.json")
    return json.loads((folder / "found.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_gain_on_one_task_is_seen_there_and_its_interval_holds_it(tmp_path: Path) -> None:
    base = [score(n, 4.0 + n % 3) for n in range(24)]
    model = [score(n, 4.0 + n % 3 + (n % 2) * (2 + n % 5 / 10)) for n in reversed(range(24))]
    found = compared(tmp_path, base, model)
    assert (found["rows"], found["dialogues"]) == (24, 12)
    whole = found["measures"]["reference_similarity"]
    assert whole["delta"] == pytest.approx(whole["model"] - whole["base"], abs=1e-5)
    assert 0 < whole["low"] <= whole["delta"] <= whole["high"]
    assert found["by_task"]["summary"] == {"n": 12, "base": 5.0, "model": 5.0, "delta": 0.0, "low": 0.0, "high": 0.0}
    assert found["by_task"]["reasoning"]["low"] > 1.9
    assert found["by_scene"]["renting"] == found["by_language"]["en"] == whole


def test_a_part_is_compared_where_it_speaks_of_both(tmp_path: Path) -> None:
    base = [score(n, 5.0, parts=Parts(format=1.0, cosine=0.5 if n % 4 else None)) for n in range(8)]
    model = [score(n, 5.0, parts=Parts(format=1.0, cosine=0.75 if n > 3 else None)) for n in range(8)]
    found = compared(tmp_path, base, model)["measures"]
    assert (found["cosine"]["n"], found["cosine"]["delta"]) == (3, 0.25)
    assert found["label"] == {"n": 0, "base": None, "model": None, "delta": None, "low": None, "high": None}


def test_a_row_to_which_one_model_gave_no_answer_is_compared_in_nothing_but_the_reference(tmp_path: Path) -> None:
    near = Likelihood(nll=8.0, tokens=4, characters=16)
    base = [score(n, 5.0, likelihood=near) for n in range(12)]
    failed = {"finish": "failed", "parts": Parts(format=None), "reference_similarity": None, "likelihood": near}
    model = [score(n, 6.0, **(failed if n == 3 else {"likelihood": near})) for n in range(12)]
    found = compared(tmp_path, base, model)
    similarity = found["measures"]["reference_similarity"]
    assert (found["rows"], similarity["n"], similarity["delta"]) == (12, 11, 1.0)
    assert (found["measures"]["format"]["n"], found["measures"]["nll_per_character"]["n"]) == (11, 12)
    assert found["by_task"]["reasoning"]["n"] == 5


def test_grades_are_the_score_where_both_answers_have_one(tmp_path: Path) -> None:
    base = [score(n, 5.0, grade=4.0 if n != 3 else None) for n in range(12)]
    model = [score(n, 4.0, grade=7.0 + n % 2 if n != 4 else None) for n in range(12)]
    found = compared(tmp_path, base, model)
    assert found["measure"] == "grade"
    grade, similarity = found["measures"]["grade"], found["measures"]["reference_similarity"]
    assert (found["rows"], grade["n"], grade["base"], grade["model"]) == (12, 10, 4.0, 7.5)
    assert grade["low"] > 0  # while similarity fell
    assert (similarity["n"], similarity["delta"]) == (12, -1.0)
    assert found["by_task"]["summary"]["n"] == 5 and found["by_task"]["summary"]["delta"] == 3.0


@pytest.mark.parametrize(("ours", "theirs"), [(None, 7.0), (4.0, None), (None, None)])
def test_without_grades_of_both_similarity_is_compared(
    tmp_path: Path, ours: float | None, theirs: float | None
) -> None:
    found = compared(
        tmp_path, [score(n, 5.0, grade=ours) for n in range(4)], [score(n, 6.0, grade=theirs) for n in range(4)]
    )
    assert (found["measure"], found["measures"]["grade"]["n"]) == ("reference_similarity", 0)
    assert found["by_scene"]["renting"]["delta"] == 1.0


def test_likelihoods_are_weighed_by_the_length_of_the_reference(tmp_path: Path) -> None:
    base = [score(n, 5.0, likelihood=Likelihood(nll=39.0, tokens=9, characters=10 * (1 + n))) for n in range(12)]
    model = [score(n, 5.0, likelihood=Likelihood(nll=19.5, tokens=7, characters=10 * (1 + n))) for n in range(12)]
    found = compared(tmp_path, base, model)["measures"]["nll_per_character"]
    assert (found["n"], found["base"], found["model"], found["delta"]) == (12, 0.6, 0.3, -0.3)
    assert found["high"] < 0


def test_atomic_facts_are_compared_and_seen_and_unseen_requirements_apart(tmp_path: Path) -> None:
    def row(number: int, stated: int) -> Score:
        facts = Atomic(facts=4, stated=stated, wrong=0, made_up=0) if number % 3 else None
        return score(number, 5.0, atomic=facts, unseen=number % 2 == 1)

    base, model = [row(n, 2) for n in range(24)], [row(n, 2 + 2 * (n % 2)) for n in range(24)]
    found = compared(tmp_path, base, model)
    whole = found["measures"]["atomic"]
    assert (whole["n"], whole["base"]) == (16, pytest.approx(2 / 3, abs=1e-5)) and whole["delta"] > 0
    assert whole["low"] is not None and whole["low"] < whole["delta"] < whole["high"]
    seen, unseen = (found["by_requirement"][name]["atomic"] for name in ("seen", "unseen"))
    assert (seen["n"], seen["delta"], unseen["n"], unseen["model"]) == (8, 0.0, 8, 1.0)
    alone = compared(tmp_path, base[::2], model[::2])
    assert alone["by_requirement"] == {}


def test_one_dialogue_has_no_interval(tmp_path: Path) -> None:
    found = compared(tmp_path, [score(0, 1.0), score(1, 2.0)], [score(0, 2.0), score(1, 3.0)])
    assert found["measures"]["reference_similarity"] == {
        "n": 2, "base": 1.5, "model": 2.5, "delta": 1.0, "low": None, "high": None,
    }  # fmt: skip


def test_no_rows_are_no_crash_and_other_rows_are_refused(tmp_path: Path) -> None:
    assert compared(tmp_path, [], [])["measures"]["words"]["n"] == 0
    with pytest.raises(InputError, match="not the rows that the base model answered"):
        compared(tmp_path, [score(0, 1.0)], [score(1, 1.0)])


def test_the_keys_stand_in_their_order(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [score(0, 1.0), score(1, 1.0)], [score(0, 2.0), score(1, 1.0)])
    groups = ["by_task", "by_scene", "by_format", "by_language", "by_requirement"]
    assert list(comparison) == ["rows", "dialogues", "confidence", "measure", "measures", *groups]
    further = [*Parts.model_fields, "atomic", "nll_per_character"]
    assert list(comparison["measures"]) == ["grade", "reference_similarity", *further]
    for change in (comparison["measures"]["format"], comparison["measures"]["label"], comparison["by_task"]["summary"]):
        assert list(change) == ["n", "base", "model", "delta", "low", "high"]
