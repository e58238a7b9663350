"""One conversation more: the real stages ask a real endpoint what is new, and nothing else."""

from pathlib import Path

import pytest

from benchmarks.added import measure

pytestmark = pytest.mark.slow


def test_one_more_conversation_asks_only_for_what_is_new(tmp_path: Path) -> None:
    figures = measure(tmp_path, 60)
    assert figures["asked_first"] >= figures["rows"] == 61  # each row, and the prompts that are rewritten
    assert 0 < figures["new_rows"] <= figures["asked_then"] == figures["new_questions"] < 10
    assert figures["asked_again"] == 0
