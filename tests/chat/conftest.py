"""What tests of endpoints share."""

import pytest

from stages.chat import pace


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tries follow each other quickly, and count those that are told 429."""
    monkeypatch.setattr(pace, "FIRST_S", 0.01)
    monkeypatch.setattr(pace, "BUSY_S", 0.0)
