from pathlib import Path

import pytest

from stages.errors import ParamsError
from stages.ports.chat.settings import Judge, Model


def test_the_shipped_settings_load(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert Model.load().backend == "local"
    assert Judge.load_or_none() is None


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
        Model.parse("llm.generator", values)
