"""Loading: what is asked of a folder without its weights, and in which dtype one is read."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, LlamaForCausalLM

from stages.core.errors import ModelError
from stages.models import loading


def test_the_architecture_without_weights_takes_no_memory_and_has_all_parameters(tiny_model: Path) -> None:
    model, _ = loading.load(tiny_model)
    shell = loading.shell(tiny_model)
    assert {part.device.type for part in shell.parameters()} == {"meta"}
    assert loading.parameters(tiny_model) == model.num_parameters()


def test_a_tokenizer_is_as_it_was_saved_unless_told_otherwise(tiny_model: Path) -> None:
    assert loading.tokenizer(tiny_model).padding_side == "right"
    assert loading.load(tiny_model)[1].padding_side == "left"


def test_a_folder_in_bfloat16_is_read_in_float32(tiny_model: Path) -> None:
    assert AutoConfig.from_pretrained(tiny_model).dtype == torch.bfloat16
    model, _ = loading.load(tiny_model)
    assert {part.dtype for part in model.parameters()} == {torch.float32}


def test_weights_that_are_not_there_are_not_drawn_at_random(tiny_model: Path, tmp_path: Path) -> None:
    folder = copied(tiny_model, tmp_path)
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lack 1 of the model's weights, such as model\.layers\.1\.mlp\.up_proj"):
        loading.load(folder)


def test_files_that_are_no_weights_of_this_model_are_one_line(tiny_model: Path, tmp_path: Path) -> None:
    folder = copied(tiny_model, tmp_path)
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(ModelError, match=r"cannot be loaded .* \(SafetensorError\); fetch it again"):
        loading.load(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 32}))
    shutil.copyfile(tiny_model / "model.safetensors", folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"cannot be loaded .* \(RuntimeError\); fetch it again"):
        loading.load(folder)


def copied(model: Path, place: Path) -> Path:
    return Path(shutil.copytree(model, place / "model"))


def test_a_model_too_large_for_the_gpu_is_one_line(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(LlamaForCausalLM, "to", full)
    with pytest.raises(ModelError, match=r"model: 0\.0 GiB in float32 do not fit .* CUDA_VISIBLE_DEVICES="):
        loading.load(tiny_model)


@pytest.mark.parametrize(
    "fault",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: you tried to"),
    ],
)
def test_too_little_memory_is_one_line(fault: Exception) -> None:
    with (
        pytest.raises(ModelError, match=r"^bench: out of memory; lower bench\.batch_size$"),
        loading.within_memory("bench", "lower bench.batch_size"),
    ):
        raise fault


def test_another_fault_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="sizes differ"), loading.within_memory("drift"):
        raise RuntimeError("sizes differ")
