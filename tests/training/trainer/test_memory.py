"""The estimate of a training's memory: exact for parameters, rough for activations, free memory within the limit set."""

from pathlib import Path

import pytest
import torch

from stages.models import loading
from stages.training.trainer import memory
from tests.support.tiny_model import build_tiny

pytestmark = pytest.mark.slow


def test_parameters_are_counted_without_loading(tmp_path: Path) -> None:
    model, _ = loading.load(build_tiny(tmp_path / "model"))
    assert loading.parameters(tmp_path / "model") == model.num_parameters()
    assert memory.need(tmp_path / "model", 100, 100).state == 16 * model.num_parameters()


def test_activations_grow_with_the_tokens(tmp_path: Path) -> None:
    build_tiny(tmp_path / "model")
    short, longer, longest = (memory.need(tmp_path / "model", tokens, 100).activations for tokens in (100, 200, 300))
    assert longest - longer == longer - short > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU every position has logits")
def test_logits_are_counted_where_there_is_an_answer(tmp_path: Path) -> None:
    build_tiny(tmp_path / "model")
    vocabulary = loading.config(tmp_path / "model").vocab_size
    few, all_of_them = (memory.need(tmp_path / "model", 100, answered).activations for answered in (20, 100))
    assert all_of_them - few == 80 * 12 * vocabulary


def test_free_memory_is_that_of_the_control_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    machine = memory.free(on_cpu=True)
    (tmp_path / "memory.current").write_text("600\n")
    (tmp_path / "memory.max").write_text("1000\n")
    assert memory.free(on_cpu=True) == 400 < machine
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free(on_cpu=True) > 1000


def test_files_that_a_control_group_keeps_in_memory_are_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    for name, text in (("current", "990"), ("max", "1000"), ("stat", "anon 90\nactive_file 600\ninactive_file 300\n")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert memory.free(on_cpu=True) == 910
