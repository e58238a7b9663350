from pathlib import Path

import pytest

from stages.chat.settings import ChatModel, JudgeModel
from stages.core.errors import ParamsError


def test_the_shipped_settings_load(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert ChatModel.load().backend == "local"
    assert JudgeModel.load_or_none() is None


def test_contradictions_are_refused_by_name() -> None:
    values = {
        "backend": "openai",
        "temperature": 0,
        "top_p": 1,
        "batch_tokens": 512,
        "concurrency": 1,
        "timeout_s": 1,
        "retries": 0,
        "max_requests": 0,
    }
    with pytest.raises(ParamsError, match="model names the endpoint's model"):
        ChatModel.parse("llm.generator", values)
