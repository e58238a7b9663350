"""Loading: what is asked of a folder without its weights, and the float32 head."""

from pathlib import Path

import torch

from stages.models import loading


def test_the_architecture_without_weights_takes_no_memory_and_has_all_parameters(tiny_model: Path) -> None:
    model, _ = loading.load(tiny_model, torch.float32)
    shell = loading.shell(tiny_model)
    assert {part.device.type for part in shell.parameters()} == {"meta"}
    assert loading.parameters(tiny_model) == model.num_parameters()


def test_a_tokenizer_is_as_it_was_saved_unless_told_otherwise(tiny_model: Path) -> None:
    assert loading.tokenizer(tiny_model).padding_side == "right"
    assert loading.load(tiny_model)[1].padding_side == "left"


def test_the_float32_head_is_a_copy_and_computes_as_float32_does(tiny_model: Path) -> None:
    model, _ = loading.load(tiny_model, torch.bfloat16)
    embedding, head = model.get_input_embeddings().weight, model.get_output_embeddings()
    assert head.weight is embedding  # tied, as in the embedded model
    loading.use_float32_head(model)
    hidden = torch.randn(2, 32, generator=torch.Generator().manual_seed(1)).bfloat16()
    assert model.get_input_embeddings().weight.dtype == torch.bfloat16
    expected = torch.nn.functional.linear(hidden.float(), embedding.float())
    assert torch.equal(model.get_output_embeddings()(hidden), expected)
    assert not torch.equal(head(hidden).float(), expected)


def test_a_model_in_float32_keeps_its_head(tiny_model: Path) -> None:
    model, _ = loading.load(tiny_model, torch.float32)
    head = model.get_output_embeddings()
    loading.use_float32_head(model)
    assert model.get_output_embeddings() is head
