"""What is saved of a training, in which dtype, and how much of what training changed is still in it.

bfloat16 keeps 8 binary digits. One step at 2e-5 moves a weight of 0.1 by a twentieth of the distance to the next number that
bfloat16 has, so rounding to the nearest puts most weights back to where they were. Rounded up or down at random, with the
chance that keeps the mean (stochastic rounding: Gupta et al., arXiv 1502.02551), the sum of many weights moves as it was trained.

Before that, a share of the update may be kept alone, between the base and what was trained: what a training gained is often kept longer
than what it cost (WiSE-FT: Wortsman et al., CVPR 2022, arXiv 2109.01903).
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import safe_open

from stages.core.errors import ModelError
from stages.core.row import Record
from stages.models import loading
from stages.training.trainer.settings import SaveDtype

LEAST = 0.9  # of the update; below, the stage warns


class Saved(Record):
    """What rounding made of the update u = share · (trained − base); s = saved − base, over all weights that the base's files name alike.

    `survives` is ⟨s, u⟩ / ‖u‖²: to first order the share of each loss's change that was saved. `noise` is ‖s − survives · u‖ / ‖u‖,
    what rounding added in other directions. Both are None where training changed nothing.
    """

    dtype: str
    survives: float | None
    noise: float | None
    update: float  # ‖u‖
    changed: float  # ‖s‖
    equal_to_base: float  # share of the weights saved as they were before training


class Sums(NamedTuple):
    """Sums over weights, from which `Saved` follows."""

    weights: int = 0
    equal: int = 0
    update: float = 0.0  # ‖u‖²
    changed: float = 0.0  # ‖s‖²
    both: float = 0.0  # ⟨s, u⟩

    def plus(self, base: torch.Tensor, trained: torch.Tensor, saved: torch.Tensor) -> "Sums":
        """Return the sums with another tensor's weights, all three in float32."""
        update, changed = trained - base, saved - base
        return Sums(
            self.weights + base.numel(),
            self.equal + int((changed == 0).sum()),
            self.update + _dot(update, update),
            self.changed + _dot(changed, changed),
            self.both + _dot(changed, update),
        )

    def saved(self, dtype: torch.dtype) -> Saved:
        """Return the figures."""
        share = self.both / self.update if self.update else None
        beside = max(0.0, self.changed - self.both**2 / self.update) if self.update else 0.0
        return Saved(
            dtype=str(dtype).removeprefix("torch."),
            survives=share,
            noise=(beside / self.update) ** 0.5 if self.update else None,
            update=self.update**0.5,
            changed=self.changed**0.5,
            equal_to_base=self.equal / self.weights if self.weights else 0.0,
        )


def _dot(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one * other).sum(dtype=torch.float64))


def stochastic(tensor: torch.Tensor, dtype: torch.dtype, seed: str) -> torch.Tensor:
    """Return `tensor` in a shorter `dtype`, each number as one of its two neighbors there, with the mean it had; the same for a seed.

    A number that `dtype` has stays as it is.
    """
    draws = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7], "big"))
    nearest = tensor.to(dtype)
    error = tensor - nearest.float()
    other = torch.nextafter(nearest, torch.full_like(nearest, torch.inf).copysign(error.to(dtype)))
    chance = error.abs() / (other.float() - nearest.float()).abs()  # at most a half; none beyond the last finite number
    return torch.where(torch.rand(tensor.shape, generator=draws) < chance, other, nearest)


def rounded(tensor: torch.Tensor, dtype: torch.dtype, how: SaveDtype, seed: str) -> torch.Tensor:
    """Return a weight as it is saved; what `dtype` holds exactly is not changed by either way of rounding."""
    return stochastic(tensor, dtype, seed) if how == "base" and dtype != torch.float32 else tensor.to(dtype)


def interpolated(name: str, base: torch.Tensor | None, trained: torch.Tensor, share: float) -> torch.Tensor:
    """Return the weight a `share` of the way from the base's to the trained one, both in float32; the trained one itself at 1."""
    if share == 1.0:
        return trained
    if base is None:
        raise ModelError(
            f"finetune: the base's files have no weight {name}, so there is nothing to interpolate from; set finetune.interpolate: 1.0"
        )
    return torch.lerp(base, trained, share)


def save(
    model: Any,  # noqa: ANN401 - transformers is untyped
    weights: dict[str, torch.Tensor],
    base: Path,
    target: Path,
    how: SaveDtype,
    seed: int,
    share: float = 1.0,
) -> Saved:
    """Save a `share` of what training made of `weights` of `model` (whole, in float32) into `target`; say what rounding left of it.

    Each takes its place in `weights` rounded, and is compared with the one in the base's files, read alone: gathered weights shrink
    as they go, and the base is never held whole.
    """
    config, sums, before = loading.config(base), Sums(), Stored(base)
    dtype = torch.float32 if how == "float32" else config.dtype or torch.float32
    for name, weight in weights.items():
        if weight.is_floating_point():
            old = before.get(name)
            kept = interpolated(name, old, weight.cpu(), share)
            weights[name] = rounded(kept, dtype, how, f"{seed}/{name}")
            if old is not None:
                sums = sums.plus(old, kept, weights[name].float())
    model.save_pretrained(target, state_dict=weights)
    config.dtype = dtype
    config.save_pretrained(target)  # what save_pretrained wrote has the dtype of training
    return sums.saved(dtype)


class Stored:
    """The weights in a folder's safetensors, read one by one."""

    def __init__(self, folder: Path) -> None:
        """See which file holds which weight."""
        self.places = {name: path for path in sorted(folder.glob("*.safetensors")) for name in _names(path)}

    def get(self, name: str) -> torch.Tensor | None:
        """Return a weight in float32, or None where no file has one of this name."""
        if name not in self.places:
            return None
        with safe_open(self.places[name], framework="pt") as file:
            found: torch.Tensor = file.get_tensor(name).float()
        return found


def _names(path: Path) -> Iterator[str]:
    with safe_open(path, framework="pt") as file:
        yield from file.keys()
