"""Answers that people wrote: old lines, several on one row, and what is withdrawn."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.reviews.refinements import Refinement, refinements
from stages.rows.sample import Answer

OLD: dict[str, object] = {
    "id": "a",
    "answer": "old",
    "author": "ann",
    "dialogue": "d",
    "instruction": "i",
    "form": "list",
}


def holding(tmp_path: Path, *rows: Mapping[str, object]) -> dict[str, str]:
    jsonl.write(tmp_path / "answers.jsonl", [Refinement.model_validate({**OLD, **row}) for row in rows])
    return {key: row.answer for key, row in refinements(tmp_path / "answers.jsonl").items()}


def test_an_answer_without_a_time_is_written_as_before_and_older_than_one_with_it(tmp_path: Path) -> None:
    assert Refinement.model_validate(OLD).model_dump_json() == Answer.model_validate(OLD).model_dump_json()
    new = {"answer": "new", "time": "2025-03-01T10:00:00Z"}
    assert holding(tmp_path, new, {}) == holding(tmp_path, {}, new) == {"a": "new"}


def test_of_two_authors_the_later_holds_unless_one_settles(tmp_path: Path) -> None:
    ann = {"answer": "one", "time": "2025-03-01T10:00:00Z"}
    bo = {"answer": "two", "author": "bo", "time": "2025-03-02T10:00:00Z"}
    assert holding(tmp_path, bo, ann) == {"a": "two"}
    assert holding(tmp_path, bo, ann | {"settles": True}) == {"a": "one"}


def test_an_author_can_take_an_answer_back(tmp_path: Path) -> None:
    ann = {"time": "2025-03-01T10:00:00Z", "author": "bo"}
    back = ann | {"time": "2025-03-02T10:00:00Z", "withdrawn": True, "answer": ""}
    assert holding(tmp_path, back, ann) == {}
    assert holding(tmp_path, back, ann, {}) == {"a": "old"}


def test_two_answers_that_no_time_tells_apart_are_refused_in_either_order(tmp_path: Path) -> None:
    assert holding(tmp_path, {}, {}) == {"a": "old"}
    other = {"answer": "secret"}
    for one, two in ((OLD, other), (other, OLD)):
        with pytest.raises(InputError, match=r"answers\.jsonl: row a has two answers .* without a time") as caught:
            holding(tmp_path, one, two)
        assert "secret" not in str(caught.value)


def test_a_withdrawal_that_no_time_puts_behind_its_answer_is_refused(tmp_path: Path) -> None:
    for one, two in (({}, {"withdrawn": True}), ({"withdrawn": True}, {})):
        with pytest.raises(InputError, match="row a has two answers of one author without a time"):
            holding(tmp_path, one, two)
    assert holding(tmp_path, {}, {"withdrawn": True, "time": "2025-03-01T10:00:00Z"}) == {}


def test_the_shipped_answers_are_settled_to_what_they_were(root: Path) -> None:
    source = root / "data/review/answers.jsonl"
    before = jsonl.by_id(source, Answer)
    found = refinements(source)
    assert list(found) == list(before)
    assert [row.model_dump_json() for row in found.values()] == [row.model_dump_json() for row in before.values()]
