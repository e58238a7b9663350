"""A line of data/review: old lines stay valid, contradictions are refused, times can always be compared."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.core.errors import InputError
from stages.reviews.decisions import Changes, Decision, conflicts, decisions, history

OLD = '{"id": "a", "action": "rewrite", "text": "New.", "quality": null, "answer_id": "", "reason": "", "reviewer": "kim", "time": "2025-01-31T10:00:00"}\n'
LATER = '{"id": "a", "action": "keep", "reviewer": "kim", "time": "2025-01-31T12:00:00+01:00"}\n'


def test_an_old_line_is_read_and_its_time_taken_for_utc(tmp_path: Path) -> None:
    source = tmp_path / "curate.jsonl"
    source.write_text(LATER + OLD, encoding="utf-8")
    one, two = history(source)
    assert two.time == datetime(2025, 1, 31, 10, tzinfo=UTC) and one.time == datetime(2025, 1, 31, 11, tzinfo=UTC)
    assert decisions(source)["a"] == one  # an hour later, though its line comes first
    assert conflicts(source) == []


def test_a_line_says_no_more_than_it_must() -> None:
    row = Decision(id="a", action="keep", reviewer="kim", time=datetime(2025, 1, 31, 10))
    assert row.model_dump_json() == '{"id":"a","action":"keep","reviewer":"kim","time":"2025-01-31T10:00:00Z"}'
    changed = row.model_copy(update={"action": "rewrite", "text": "New.", "changes": Changes(fields=("price",))})
    assert '"changes":{"fields":["price"]}' in changed.model_dump_json()
    assert Decision.model_validate_json(changed.model_dump_json()) == changed


@pytest.mark.parametrize(
    ("fields", "grade"),
    [
        ({"action": "keep"}, "high"),
        ({"action": "keep", "quality": "medium"}, "medium"),
        ({"action": "discard"}, "low"),
        ({"action": "discard", "quality": "high"}, "low"),
        ({"action": "withdraw"}, None),
    ],
)
def test_a_discard_is_low_whatever_grade_stands_beside_it(fields: dict[str, object], grade: str | None) -> None:
    row = Decision.model_validate({"id": "a", "reviewer": "kim", "time": "2025-01-31T10:00:00", **fields})
    assert row.grade == grade


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"action": "keep", "text": "New."}, "text goes with action rewrite"),
        ({"action": "rewrite", "text": " "}, "text goes with action rewrite"),
        ({"action": "keep", "changes": {"fields": ["a"]}}, "changes go with action rewrite only"),
        ({"action": "rewrite", "text": "New.", "changes": {"formats": []}}, "at least 1 item"),
        ({"action": "rewrite", "text": "New.", "changes": {"task": "other"}}, "Extra inputs"),
        ({"action": "keep", "reviewer": " "}, "reviewer"),
        ({"action": "approve"}, "'keep', 'discard', 'rewrite' or 'withdraw'"),
        ({"action": "keep", "time": "0001-01-01T00:00:00+08:00"}, "in UTC before the year 1 or after 9999"),
        ({"action": "keep", "time": "9999-12-31T23:00:00-08:00"}, "in UTC before the year 1 or after 9999"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Decision.model_validate({"id": "a", "reviewer": "kim", "time": "2025-01-31T10:00:00", **fields})


def test_blanks_about_a_name_make_nobody_else(tmp_path: Path) -> None:
    source = tmp_path / "curate.jsonl"
    source.write_text(OLD.replace('"kim"', '"kim "') + LATER, encoding="utf-8")
    assert {row.reviewer for row in history(source)} == {"kim"} and conflicts(source) == []


def test_a_file_that_a_stage_needs_must_be_there(tmp_path: Path) -> None:
    assert history(tmp_path / "new.jsonl") == []
    with pytest.raises(InputError, match="not there"):
        decisions(tmp_path / "new.jsonl")
