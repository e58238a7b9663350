"""Many faults at once: every request ends as an answer or a typed failure, as planned, and none is paid twice."""

from pathlib import Path

import pytest

from tests.support import faults


@pytest.mark.slow
def test_every_request_ends_as_planned_and_none_is_answered_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    figures = faults.run(400, tmp_path, concurrency=32, timeout_s=4.0)
    kinds = figures["faults"]
    assert isinstance(kinds, dict) and set(kinds) == {*faults.PASSING, *faults.ENDING}  # each kind was met
    assert 0.15 < sum(kinds.values()) / 400 < 0.25
