"""Products through oneDNN are those of torch to rounding, forward and back, and change nothing else of a model."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM

from stages.models import loading, products


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(7,), (1, 7), (5, 7), (2, 5, 7)])
def test_a_quick_layer_gives_what_the_layer_gave_and_its_gradients(shape: tuple[int, ...], bias: bool) -> None:
    torch.manual_seed(1)
    plain, quick = nn.Linear(7, 3, bias=bias), nn.Linear(7, 3, bias=bias)
    quick.load_state_dict(plain.state_dict())
    products.quicken(quick)
    assert type(quick) is (products.Linear if products.THERE else nn.Linear)
    rows = torch.randn(shape)
    found = []
    for layer in (plain, quick):
        given = rows.clone().requires_grad_()
        out = layer(given)
        (out * torch.arange(3.0)).sum().backward()
        found.append([out, given.grad, *(part.grad for part in layer.parameters())])
        with torch.inference_mode():
            assert torch.allclose(layer(rows), out, atol=1e-6)
    for one, other in zip(*found, strict=True):
        assert one.shape == other.shape
        assert torch.allclose(one, other, atol=1e-6)


def test_no_gradient_is_made_for_what_is_frozen() -> None:
    layer = nn.Linear(4, 2)
    products.quicken(layer)
    layer.weight.requires_grad_(False)
    rows = torch.randn(3, 4, requires_grad=True)
    layer(rows).sum().backward()
    assert layer.weight.grad is None
    assert rows.grad is not None and layer.bias.grad is not None


def test_other_dtypes_go_their_usual_way() -> None:
    layer = nn.Linear(4, 2)
    products.quicken(layer)
    rows = torch.randn(3, 4, dtype=torch.float64)
    assert layer.double()(rows).dtype == torch.float64


def test_no_rows_have_gradients_of_zero() -> None:
    layer = nn.Linear(4, 2)
    products.quicken(layer)
    rows = torch.zeros(0, 4, requires_grad=True)
    layer(rows).sum().backward()
    assert rows.grad is not None and rows.grad.shape == (0, 4)
    assert layer.weight.grad is not None and torch.equal(layer.weight.grad, torch.zeros(2, 4))


def test_a_product_under_autocast_is_in_its_dtype() -> None:
    layer = nn.Linear(4, 2)
    products.quicken(layer)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(3, 4)).dtype == torch.bfloat16


def test_a_loaded_model_is_quick_and_saved_under_the_same_names(tiny_model: Path, tmp_path: Path) -> None:
    model, _ = loading.load(tiny_model)
    stock = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    if loading.device().type == "cpu" and products.THERE:
        assert {type(part) for part in model.modules() if isinstance(part, nn.Linear)} == {products.Linear}
    assert model.state_dict().keys() == stock.state_dict().keys()
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    with torch.inference_mode():
        assert torch.allclose(model(ids.to(model.device)).logits.cpu(), stock(ids).logits, atol=1e-5)
    model.save_pretrained(tmp_path / "saved")
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "saved").state_dict().keys() == stock.state_dict().keys()


@pytest.mark.skipif(not products.THERE, reason="no oneDNN here")
def test_packed_weights_give_the_same_to_the_bit_for_any_number_of_rows() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(576, 192), nn.Linear(192, 48, bias=False))
    products.quicken(model)
    inputs = [torch.randn(rows, 1, 576) for rows in (1, 2, 17, 40, 300)]
    with torch.inference_mode():
        plain = [model(rows) for rows in inputs]
        products.pack(model, 40)
        assert all(part.packed is not None for part in model)
        assert all(torch.equal(model(rows), before) for rows, before in zip(inputs, plain, strict=True))


def test_weights_that_would_fill_the_memory_are_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Linear(8, 4)
    products.quicken(model)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=4 * 4 * 8 * 4 - 1))
    products.pack(model, 2)
    assert getattr(model, "packed", None) is None
