"""Stage score: each part shown, means with their n, grades where a judge gave them, and else nothing that pretends to be one."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from stages.chat.messages import ANSWERS, FAULTS
from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.rows.score import Score
from stages.evaluation.score import cosines, main
from stages.judging.grade import Grade
from stages.rows.instruction import Instruction
from stages.rows.sample import LabeledSample, Likelihood, Prediction, Reference
from stages.rows.statement import Statement
from tests.evaluation.conftest import labelled

pytestmark = pytest.mark.slow

PARAMS = {"encoder": "minilm", "confidence": 0.95, "resamples": 200, "seed": 1}


def scored(
    folder: Path,
    rows: list[LabeledSample],
    answers: dict[str, str],
    reference: Likelihood | None = None,
    grades: dict[str, float | None] | None = None,
    facts: Sequence[Reference] = (),
    asked: Sequence[Instruction] = (),
    ended: Mapping[str, str] = MappingProxyType({}),
) -> tuple[list[Score], dict[str, Any]]:
    (folder / "params.yaml").write_text(json.dumps({"score": PARAMS}))
    jsonl.write(folder / "test.jsonl", rows)
    predictions = [
        Prediction(
            id=key,
            answer=text,
            finish=ended.get(key, "stop" if text else "length"),
            author="m@1",
            reference=reference,
        )
        for key, text in answers.items()
    ]
    jsonl.write(folder / "out.jsonl", predictions)
    jsonl.write(folder / "grades.jsonl", [Grade(id=key, score=score) for key, score in (grades or {}).items()])
    (folder / "stored").mkdir(exist_ok=True)
    jsonl.write(folder / "stored/references.jsonl", facts)
    jsonl.write(folder / "stored/instructions.jsonl", asked)
    judge = {"judge": "judge@1", "why_no_grades": None if grades else "llm.judge is null"}
    (folder / "grades.json").write_text(json.dumps(judge))
    main(
        labels=folder / "test.jsonl",
        predictions=folder / "out.jsonl",
        grades=folder / "grades.jsonl",
        grading=folder / "grades.json",
        stored=folder / "stored",
        target=folder / "scores.jsonl",
        report=folder / "metrics.json",
    )
    return jsonl.read(folder / "scores.jsonl", Score), json.loads((folder / "metrics.json").read_text())


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_good_answers_score_above_bad_ones_part_by_part(tmp_path: Path, rows: list[LabeledSample]) -> None:
    good, found = scored(tmp_path, rows, {"d1-a": "A flat of 2 rooms, two rooms in all, for £900.", "d1-b": "buy"})
    bad, _ = scored(tmp_path, rows, {"d1-a": "The weather is fine.", "d1-b": "rent"})
    for better, worse in zip(good, bad, strict=True):
        assert better.reference_similarity > worse.reference_similarity + 3  # type: ignore[operator]
    assert good[0].parts.cosine > bad[0].parts.cosine  # type: ignore[operator]
    assert found["n"] == 2
    assert found["by_format"]["label"] == {
        "n": 1,
        "reference_similarity": 10.0,
        "graded": 0,
        "grade": None,
        "atomic": None,
    }
    assert found["by_task"]["content_summary"]["n"] == 2
    assert found["parts"]["label"] == 1.0
    assert {name: found["parts_n"][name] for name in ("format", "label", "facts", "words", "cosine")} == {
        "format": 2,
        "label": 1,
        "facts": 1,
        "words": 1,
        "cosine": 1,
    }
    assert found["reference_nll"] == {"n": 0, "per_token": None, "per_character": None}  # an endpoint's answers
    assert (found["measure"], found["judge"], found["graded"]) == ("reference_similarity", None, 0)
    assert "no judge model graded these answers (llm.judge is null)" in found["why_no_judge"]
    assert found["model"] == "m@1"


def test_the_grades_of_a_judge_are_the_score_and_similarity_stands_beside(
    tmp_path: Path, rows: list[LabeledSample]
) -> None:
    answers = {"d1-a": "Two rooms.", "d1-b": "buy"}
    scores, found = scored(tmp_path, rows, answers, grades={"d1-a": 7.5, "d1-b": None})
    assert [row.grade for row in scores] == [7.5, None]
    assert (found["measure"], found["grade"], found["graded"], found["n"]) == ("grade", 7.5, 1, 2)
    assert (found["judge"], found["why_no_judge"]) == ("judge@1", None)
    assert found["by_format"]["label"] == {
        "n": 1,
        "reference_similarity": 10.0,
        "graded": 0,
        "grade": None,
        "atomic": None,
    }
    plain, without = scored(tmp_path, rows, answers)
    assert found["reference_similarity"] == without["reference_similarity"]
    assert [row.model_copy(update={"grade": None}) for row in scores] == plain


def test_a_judge_whose_verdicts_nobody_can_read_gives_no_score(tmp_path: Path, rows: list[LabeledSample]) -> None:
    _, found = scored(tmp_path, rows, {"d1-a": "x", "d1-b": "buy"}, grades={"d1-a": None, "d1-b": None})
    assert (found["measure"], found["judge"]) == ("reference_similarity", None)
    assert "none of its verdicts could be read" in found["why_no_judge"]


def test_the_references_likelihood_is_shown_and_not_blended(tmp_path: Path, rows: list[LabeledSample]) -> None:
    answers = {"d1-a": "Two rooms.", "d1-b": "buy"}
    near = Likelihood(nll=8.0, tokens=4, characters=16)
    scores, found = scored(tmp_path, rows, answers, near)
    assert found["reference_nll"] == {"n": 2, "per_token": 2.0, "per_character": 0.5}
    assert {row.likelihood for row in scores} == {near}
    plain, _ = scored(tmp_path, rows, answers)
    assert [row.reference_similarity for row in plain] == [row.reference_similarity for row in scores]


def test_atomic_facts_are_a_measure_of_their_own_and_so_are_form_and_label(
    tmp_path: Path, rows: list[LabeledSample]
) -> None:
    answers = {"d1-a": "It has two rooms.", "d1-b": "buy"}
    facts = (Statement(says="Two rooms.", keys=(("2 rooms",),)), Statement(says="£900.", keys=(("900",),)))
    given = Reference(id="d1-a", answer=rows[0].answer, author="Kim", facts=facts)
    scores, found = scored(tmp_path, rows, answers, facts=[given])
    first, second = scores
    assert first.atomic and (first.atomic.stated, first.atomic.facts) == (1, 2) and second.atomic is None
    assert found["shares"]["atomic"] == {"n": 1, "value": pytest.approx(2 / 3, abs=1e-5), "low": None, "high": None}
    assert found["shares"]["atomic_recall"]["value"] == 0.5 and found["shares"]["atomic_precision"]["value"] == 1.0
    assert (found["shares"]["label"]["n"], found["shares"]["label"]["value"]) == (1, 1.0)
    assert (found["shares"]["format"]["n"], found["atomic"]) == (2, pytest.approx(2 / 3, abs=1e-5))
    plain, without = scored(tmp_path, rows, answers)
    assert [row.reference_similarity for row in plain] == [row.reference_similarity for row in scores]
    assert without["shares"]["atomic"] == {"n": 0, "value": None, "low": None, "high": None}


def test_shares_have_intervals_over_conversations(tmp_path: Path) -> None:
    rows = [labelled(f"d{n}-a", "Two rooms.") for n in range(12)]
    _, found = scored(
        tmp_path, rows, {row.id: "- no list\nat all" if n % 3 else "Two rooms." for n, row in enumerate(rows)}
    )
    share = found["shares"]["format"]
    assert share["n"] == 12 and share["low"] <= share["value"] <= share["high"]


def test_a_share_of_none_or_all_is_not_told_to_the_last_digit(tmp_path: Path) -> None:
    rows = [labelled(f"d{n}-a", "Two rooms.") for n in range(12)]
    for answer, value in (("- no list\nat all", 0.0), ("Two rooms.", 1.0)):
        _, found = scored(tmp_path, rows, {row.id: answer for row in rows})
        share = found["shares"]["format"]
        assert share["value"] == value and share["high"] - share["low"] > 0.2


def test_the_interval_of_a_share_of_few_conversations_stays_within_its_scale(tmp_path: Path) -> None:
    rows = [labelled(f"d{n}-a", "Two rooms for £900.") for n in range(3)]
    facts = (Statement(says="Two rooms.", keys=(("2 rooms",),)), Statement(says="£900.", keys=(("900",),)))
    given = [Reference(id=row.id, answer=row.answer, author="Kim", facts=facts) for row in rows]
    for answers in (("Two rooms.", "", ""), ("Two rooms.", "Two rooms, £900.", "Two rooms, £900.")):
        _, found = scored(tmp_path, rows, {row.id: text for row, text in zip(rows, answers, strict=True)}, facts=given)
        share = found["shares"]["atomic"]
        assert 0 <= share["low"] < share["value"] < share["high"] <= 1


def test_rows_of_unseen_requirements_are_told_apart(tmp_path: Path, rows: list[LabeledSample]) -> None:
    answers = {"d1-a": "Two rooms.", "d1-b": "buy"}
    fixed: dict[str, Any] = {"language": "en", "task": "t", "requirement": "r", "text": "x", "formats": ["list"]}
    asked = Instruction(id=rows[1].instruction, origin="reviewer", unseen=True, **fixed)
    both = [rows[0].model_copy(update={"instruction": "other"}), rows[1]]
    scores, found = scored(tmp_path, both, answers, asked=[asked])
    assert [row.unseen for row in scores] == [False, True]
    assert (found["by_requirement"]["seen"]["n"], found["by_requirement"]["unseen"]["n"]) == (1, 1)
    _, alone = scored(tmp_path, both, answers)
    assert alone["by_requirement"] == {}


def test_what_is_copied_from_the_prompt_is_seen(tmp_path: Path, rows: list[LabeledSample]) -> None:
    long = rows[0].model_copy(
        update={"conversation": "Customer: I would like a flat with two rooms for 900 a month, please."}
    )
    scores, _ = scored(tmp_path, [long, rows[1]], {"d1-a": long.conversation, "d1-b": "buy"})
    assert scores[0].parts.own == 0


def test_an_empty_cut_off_answer_is_counted_and_scores_nothing(tmp_path: Path, rows: list[LabeledSample]) -> None:
    scores, found = scored(tmp_path, rows, {"d1-a": "", "d1-b": "buy"})
    assert scores[0].reference_similarity == 0
    assert found["cut_off"] == 1


@pytest.mark.parametrize("finish", sorted(set(FAULTS) - set(ANSWERS)))
def test_where_no_answer_came_nothing_is_scored_and_it_is_counted(
    tmp_path: Path, rows: list[LabeledSample], finish: str
) -> None:
    near = Likelihood(nll=8.0, tokens=4, characters=16)
    fact = Statement(says="Two rooms.", keys=(("2 rooms",),))
    given = Reference(id="d1-a", answer=rows[0].answer, author="Kim", facts=(fact,))
    answers, ended = {"d1-a": "", "d1-b": "buy"}, {"d1-a": finish}
    scores, found = scored(tmp_path, rows, answers, near, {"d1-a": 1.0, "d1-b": 9.0}, [given], ended=ended)
    failed, other = scores
    assert (failed.reference_similarity, failed.grade, failed.atomic, failed.likelihood) == (None, None, None, near)
    assert set(failed.parts.model_dump().values()) == {None} and other.reference_similarity == 10
    assert (found["n"], found["failed"], found["test_set"]) == (1, 1, 2)
    assert (found["reference_similarity"], found["grade"], found["graded"]) == (10, 9, 1)
    assert (found["parts_n"]["format"], found["shares"]["atomic"]["n"], found["reference_nll"]["n"]) == (1, 0, 2)
    assert found["by_task"]["content_summary"]["n"] == 1


def test_no_rows_give_null_and_no_crash(tmp_path: Path) -> None:
    scores, found = scored(tmp_path, [], {})
    assert scores == []
    assert (found["n"], found["reference_similarity"], found["parts"]["words"], found["model"]) == (0, None, None, None)


def test_only_answered_rows_count_and_the_size_of_the_test_set_is_said(
    tmp_path: Path, rows: list[LabeledSample]
) -> None:
    scores, found = scored(tmp_path, rows, {"d1-b": "buy"})
    assert [row.id for row in scores] == ["d1-b"]
    assert (found["n"], found["test_set"]) == (1, 2)


def test_predictions_for_other_rows_are_refused(tmp_path: Path, rows: list[LabeledSample]) -> None:
    with pytest.raises(InputError, match=r"1 predictions for rows that are not in .*; run `dvc repro predict`"):
        scored(tmp_path, rows, {"d1-a": "x", "gone": "y"})


def test_chinese_has_no_cosine_from_an_english_encoder() -> None:
    rows = [labelled("d1-a", "两居室", language="zh"), labelled("d2-a", "Two rooms.")]
    found = cosines(rows, ["两居室", "Two rooms."], "minilm")
    assert found[0] is None
    assert found[1] == pytest.approx(1, abs=1e-3)
