from pathlib import Path
from typing import Any

import pytest

from stages.catalog.catalog import Catalog
from stages.chat.settings import ChatModel, JudgeModel, LabellerModel, OpenAI, Recorded
from stages.core.errors import ParamsError

SAMPLING = {"temperature": 0.0, "top_p": 1.0}


def parsed(**values: Any) -> ChatModel:  # noqa: ANN401 - YAML
    return ChatModel.parse("llm.generator", SAMPLING | values)


def test_the_shipped_settings_load(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert isinstance(ChatModel.load(), Recorded)
    assert LabellerModel.load_or_none() is None
    assert JudgeModel.load_or_none() is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"backend": "opnai", "model": "m"}, "'transformers', 'llama_cpp', 'openai', 'batch', 'recorded'"),
        ({"backend": "openai"}, "llm.generator.model is missing"),
        ({"backend": "openai", "model": "project"}, "llm.generator.model: project is the authors of this repository"),
        ({"backend": "openai", "model": "m", "batch_tokens": 512}, "batch_tokens is unknown"),
        ({"backend": "llama_cpp", "model": "m", "base_url": "http://a/v1"}, "base_url is unknown"),
        ({"backend": "recorded", "model": "m", "missing": "ask"}, "missing: input should be 'drop' or 'fail'"),
        ({"backend": "openai", "model": "m", "budget": 5.0}, "budget counts by price, which is null"),
        (
            {"backend": "batch", "model": "m", "extra_body": {"penalty": [float("inf")]}},
            "extra_body: holds what JSON has no form",
        ),
        ({"backend": "transformers", "model": "other"}, "model: input should be 'base'"),
    ],
)
def test_what_another_backend_reads_is_refused_by_name(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamsError) as caught:
        parsed(**values)
    assert says in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-1", f"gsk_1{'a7B' * 12}", "a7B" * 10])
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ParamsError, match=r"llm\.generator\.key_env") as caught:
        parsed(backend="openai", model="m", key_env=key)
    assert key not in str(caught.value)


def test_a_long_name_of_a_variable_is_none() -> None:
    settings = parsed(backend="openai", model="m", key_env="mistral_key_for_team_2")
    assert isinstance(settings, OpenAI) and settings.key_env == "mistral_key_for_team_2"


def test_a_backend_is_changed_by_one_setting() -> None:
    """What the shipped settings say is understood by every backend, so that `-S llm.generator.backend=…` is enough."""
    live = [parsed(backend=backend, model="qwen2.5-coder-0.5b") for backend in ("llama_cpp", "openai", "batch")]
    assert {settings.missing for settings in live} == {"ask"}
    assert parsed(backend="recorded", model="qwen2.5-coder-0.5b").missing == "drop"


def test_the_author_is_the_model_by_its_hash_whoever_runs_it() -> None:
    digest = Catalog.load().models["qwen2.5-coder-0.5b"].gguf.sha256[:12]
    here, recorded = (parsed(backend=backend, model="qwen2.5-coder-0.5b") for backend in ("llama_cpp", "recorded"))
    assert here.identity == recorded.identity == f"qwen2.5-coder-0.5b@{digest} t=0 p=1"
    assert parsed(backend="batch", model="project").identity == "project"
    theirs, file = (parsed(backend=backend, model="qwen-max") for backend in ("openai", "batch"))
    assert theirs.identity == file.identity == "qwen-max@openai t=0 p=1"


def test_errors_name_the_place_the_settings_stand_at() -> None:
    judge = JudgeModel.parse("llm.judge", SAMPLING | {"backend": "openai", "model": "m"})
    assert isinstance(judge, OpenAI) and judge.place == "llm.judge"
