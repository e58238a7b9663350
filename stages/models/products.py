"""Products of a model's linear layers on a CPU, in float32, through oneDNN instead of MKL.

MKL takes AVX2 on processors that are not Intel's, whatever they have; oneDNN takes what is there. Sums are added up in another order,
so results differ by rounding (docs/decisions/0016).
"""

import platform
from typing import Any

import psutil
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

THERE = (
    platform.machine().lower() in ("x86_64", "amd64")
    and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    and hasattr(torch.ops.mkldnn, "_linear_pointwise")
)


def product(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return rows · weightᵀ + bias, `rows` of shape (…, in) and `weight` of shape (out, in), without a gradient; either may be a transposed view."""
    found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return found


class Product(torch.autograd.Function):
    """`product` with gradients."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: ANN401 - torch's context
        """Return the product."""
        ctx.save_for_backward(rows, weight)
        ctx.has_bias = bias is not None
        return product(rows, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:  # noqa: ANN401 - as above
        """Return the gradients of rows, weight and bias, as far as they are wanted."""
        rows, weight = ctx.saved_tensors
        wants_rows, wants_weight, wants_bias = ctx.needs_input_grad
        flat = grad.reshape(-1, grad.shape[-1])
        return (
            product(flat, weight.t()).view(rows.shape) if wants_rows else None,
            product(flat.t(), rows.reshape(-1, rows.shape[-1]).t()) if wants_weight else None,
            flat.sum(0) if ctx.has_bias and wants_bias else None,
        )


class Linear(nn.Linear):
    """A linear layer that multiplies with oneDNN where it stands on a CPU in float32, and as ever elsewhere.

    oneDNN has no product over no rows, as of a batch in which no answer is left.
    """

    packed: Tensor | None = None  # the weight in oneDNN's own order

    def forward(self, input: Tensor) -> Tensor:
        """Return the layer's output."""
        float32 = input.dtype == self.weight.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        if input.device.type != "cpu" or not float32 or not input.numel():
            return super().forward(input)
        if torch.is_grad_enabled():
            found: Tensor = Product.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
            return found
        alone = (
            input.numel() == input.shape[-1]
        )  # one row is multiplied another way, and comes out another way by rounding
        return product(input, self.weight if self.packed is None or alone else self.packed, self.bias)


def quicken(model: nn.Module) -> None:
    """Have the model's linear layers multiply with oneDNN, where this machine has it; weights, names and hooks stay as they are."""
    if THERE:
        for part in model.modules():
            if type(part) is nn.Linear:
                part.__class__ = Linear


def pack(model: nn.Module, rows: int) -> None:
    """Hold the weights of a quickened model in oneDNN's order for products over about `rows` rows, beside those there are.

    oneDNN brings a weight into its order at each product, which is a good part of one over few rows, as of a step of
    decoding. The products are the same to the bit. The weights must not change afterwards. Nothing is done where these
    would take more than a quarter of the memory that is free.
    """
    layers = [part for part in model.modules() if isinstance(part, Linear) and part.weight.device.type == "cpu"]
    open_ = [part for part in layers if part.packed is None]
    if sum(part.weight.nbytes for part in open_) <= psutil.virtual_memory().available / 4:
        for part in open_:
            part.packed = torch.ops.mkldnn._reorder_linear_weight(part.weight.detach(), rows)
