"""What tests of endpoints share."""

import pytest

from stages.chat import pace


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tries follow each other quickly."""
    monkeypatch.setattr(pace, "FIRST_S", 0.01)
