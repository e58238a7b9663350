"""What is told of a model as a writer is what it wrote."""

from pathlib import Path
from typing import get_args

import pytest

from benchmarks import contradictions, workspace, writers
from stages.chat.settings import ChatModel, LlamaCpp
from stages.library.wording import Saying
from stages.samples.sample import Sampling


def test_no_reply_of_a_provider_is_among_the_labels_of_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.write_params(tmp_path / "params.yaml", writers.params("qwen2.5-coder-0.5b", 12, 1))
    monkeypatch.chdir(tmp_path)
    drawn = Sampling.load()
    assert (drawn.count, drawn.ordinary, drawn.wanted.number) == (12, 12, 0)
    assert isinstance(ChatModel.load(), LlamaCpp)


def test_whatever_a_wording_says_has_a_name_among_the_contradictions() -> None:
    assert set(contradictions.NAMES) == set(get_args(Saying))
