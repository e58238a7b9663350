"""What is saved is what was trained; where it is rounded, how, and how much of the update is left is said."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from safetensors.torch import load_file
from torch.distributed import destroy_process_group, init_process_group
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from transformers import AutoConfig

from stages.core.errors import ModelError, ParamsError
from stages.evaluation.divergence.kl import ModelPair
from stages.models import loading
from stages.training.trainer import saving, sft
from stages.training.trainer.settings import Finetune, SaveDtype
from tests.support.finetuning import ROWS, run_in

pytestmark = pytest.mark.slow

LIGHT: dict[str, Any] = {"learning_rate": 2.0e-5, "epochs": 1}  # three steps, far smaller than bfloat16's
TEXT = "Once there was a bridge. 从前有一座桥。 " * 4


def trained(folder: Path, base: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> tuple[Any, dict[str, Any]]:
    """Run the stage; return the weights that the trainer had in the end, before they were saved, and its metrics."""
    caught: dict[str, torch.Tensor] = {}
    whole = sft._whole

    def caught_whole(trainer: object) -> dict[str, torch.Tensor]:
        found = whole(trainer)
        caught.update({name: weight.clone() for name, weight in found.items()})
        return found

    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sft, "_whole", caught_whole)
    found = run_in(folder, base, ROWS, **LIGHT | changes)
    monkeypatch.setattr(sft, "_whole", whole)
    return caught, found


def test_what_was_trained_is_saved_to_the_bit(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, found = trained(tmp_path / "run", tiny_model, monkeypatch)
    saved, before = (load_file(folder / "model.safetensors") for folder in (tmp_path / "run/tuned", tiny_model))
    assert saved.keys() == before.keys() == weights.keys()
    assert all(torch.equal(saved[name], weights[name]) for name in saved)
    assert sum(int((saved[name] != before[name].float()).sum()) for name in saved) > 0.9 * sum(
        map(torch.numel, saved.values())
    )
    assert AutoConfig.from_pretrained(tmp_path / "run/tuned").dtype == torch.float32
    assert found["saved"] == {
        "dtype": "float32",
        "survives": 1.0,
        "noise": 0.0,
        "update": pytest.approx(found["saved"]["changed"]),
        "changed": pytest.approx(
            sum(float(((weights[name] - before[name].float()) ** 2).sum()) for name in saved) ** 0.5, rel=1e-4
        ),
        "equal_to_base": pytest.approx(found["saved"]["equal_to_base"]),
    }
    assert found["saved"]["equal_to_base"] < 0.1
    assert "survive" not in capsys.readouterr().err


def test_rounding_to_the_nearest_undoes_a_light_training_and_says_so(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, found = trained(tmp_path / "run", tiny_model, monkeypatch, save_dtype="base_nearest")
    saved = load_file(tmp_path / "run/tuned/model.safetensors")
    assert all(torch.equal(saved[name], weights[name].bfloat16()) for name in saved)
    assert AutoConfig.from_pretrained(tmp_path / "run/tuned").dtype == torch.bfloat16
    assert found["saved"]["survives"] < 0.5 < 0.8 < found["saved"]["equal_to_base"]
    assert "of the update survive saving in bfloat16" in (said := capsys.readouterr().err)
    assert "set finetune.save_dtype: float32" in said


def test_rounding_at_random_keeps_the_update_on_average_and_is_the_same_for_a_seed(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, found = trained(tmp_path / "one", tiny_model, monkeypatch, save_dtype="base")
    two, again = trained(tmp_path / "two", tiny_model, monkeypatch, save_dtype="base")
    saved = load_file(tmp_path / "one/tuned/model.safetensors")
    for name, weight in saved.items():
        apart = (weight.float() - one[name]).abs()
        step = torch.nextafter(weight, torch.full_like(weight, torch.inf)).float() - weight.float()
        assert weight.dtype == torch.bfloat16
        assert bool((apart <= 2 * step.abs()).all())
    assert found == again
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert (tmp_path / "one/tuned/model.safetensors").read_bytes() == (
        tmp_path / "two/tuned/model.safetensors"
    ).read_bytes()
    assert found["saved"]["survives"] == pytest.approx(1, abs=0.1)
    assert found["saved"]["noise"] > 1
    assert "survive" not in capsys.readouterr().err


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_mean_of_numbers_rounded_at_random_is_that_of_the_numbers(dtype: torch.dtype) -> None:
    held = torch.tensor([0.1, -3.0, 1e-3, 0.0]).to(dtype).float()
    assert torch.equal(saving.stochastic(held, dtype, "s").float(), held)
    for number in (0.1001, -2.9999, 0.00101, -1e-8):
        many = torch.full((200_000,), number)
        found = saving.stochastic(many, dtype, "s").float()
        low, high = found.min(), found.max()
        assert len(set(found.tolist())) == 2 and low < number < high
        assert float(found.double().mean()) == pytest.approx(number, abs=0.005 * float(high - low))
        assert not torch.equal(found, saving.stochastic(many, dtype, "t").float())


@pytest.mark.parametrize("how", ["float32", "base", "base_nearest"])
def test_the_base_saved_again_is_read_as_the_base(tiny_model: Path, tmp_path: Path, how: SaveDtype) -> None:
    """The control of stage `drift`: on the path that a trained model takes, one that was not trained stays what it is."""
    model, tokenizer = loading.load(tiny_model)
    weights = {name: weight for name, weight in model.state_dict().items() if name not in model.all_tied_weights_keys}
    found = saving.save(model, weights, tiny_model, tmp_path / "again", how, 1)
    tokenizer.save_pretrained(tmp_path / "again")
    assert (found.survives, found.update, found.changed, found.equal_to_base) == (None, 0.0, 0.0, 1.0)
    read = ModelPair(tiny_model, tmp_path / "again").compare(TEXT)
    assert (read.kl, read.agree) == (0.0, read.tokens)


def test_a_share_of_the_update_lies_so_far_from_the_base_and_the_whole_of_it_is_what_was_trained(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, _ = trained(tmp_path / "whole", tiny_model, monkeypatch, learning_rate=1.0e-3)
    _, found = trained(tmp_path / "part", tiny_model, monkeypatch, learning_rate=1.0e-3, interpolate=0.25)
    part, before = (load_file(folder / "model.safetensors") for folder in (tmp_path / "part/tuned", tiny_model))
    for name, weight in part.items():
        base = before[name].float()
        torch.testing.assert_close(weight, base + 0.25 * (whole[name] - base), rtol=1e-5, atol=1e-7)
    assert found["saved"]["survives"] == 1.0  # of what was to be saved
    assert "survive" not in capsys.readouterr().err
    kl = [ModelPair(tiny_model, tmp_path / name / "tuned").compare(TEXT).kl for name in ("part", "whole")]
    assert 0 < kl[0] < 0.5 * kl[1]


def test_a_weight_that_the_base_lacks_cannot_be_interpolated() -> None:
    trained_weight = torch.ones(2)
    assert saving.interpolated("new", None, trained_weight, 1.0) is trained_weight
    with pytest.raises(ModelError, match=r"no weight new, so .* set finetune\.interpolate: 1\.0"):
        saving.interpolated("new", None, trained_weight, 0.5)


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_that_leaves_nothing_or_goes_beyond_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(ParamsError, match=r"finetune\.interpolate"):
        Finetune.parse("finetune", {**Finetune.load().model_dump(), "interpolate": share})


def test_figures_are_those_of_the_definition() -> None:
    base, saved = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.5, 3.0, 4.5])
    update = torch.tensor([0.5, 0.5, 0.0, 0.0])
    found = saving.Sums().plus(base[:2], (base + update)[:2], saved[:2]).plus(base[2:], (base + update)[2:], saved[2:])
    figures = found.saved(torch.float16)
    assert figures.survives == pytest.approx(0.5)
    assert (figures.update, figures.changed) == pytest.approx((0.5**0.5, 0.5**0.5))
    rest = torch.tensor([0.0, 0.5, 0.0, 0.5]) - 0.5 * update
    assert figures.noise == pytest.approx(float(rest.norm() / update.norm()))
    assert (figures.equal_to_base, figures.dtype) == (0.5, "float16")


def test_sharded_weights_are_gathered_whole_and_saved_the_same(tiny_model: Path, tmp_path: Path) -> None:
    """FSDP2's shards, on one CPU process; more processes and GPUs have not been tried."""
    init_process_group("gloo", init_method=f"file://{tmp_path / 'meeting'}", rank=0, world_size=1)
    try:
        for name in ("plain", "sharded"):
            model, _ = loading.load(tiny_model, placed=False)
            with torch.no_grad():
                for part in model.parameters():
                    part.add_(1e-4)
            if name == "sharded":
                fully_shard(model, mesh=init_device_mesh("cpu", (1,)))
                assert type(model.lm_head.weight).__name__ == "DTensor"
            saving.save(model, sft._whole(Holding(model, name == "sharded")), tiny_model, tmp_path / name, "base", 1)
    finally:
        destroy_process_group()
        AcceleratorState._reset_state(reset_partial_state=True)
    for file in ("model.safetensors", "config.json"):
        assert (tmp_path / "plain" / file).read_bytes() == (tmp_path / "sharded" / file).read_bytes()
    assert json.loads((tmp_path / "sharded/config.json").read_text())["dtype"] == "bfloat16"


class Sharding(Accelerator):  # type: ignore[misc]
    """Accelerate where a launch has told it that weights are sharded."""

    is_fsdp2 = True


class Holding:
    """What `_whole` asks of a trainer: its model, wrapped or not, and Accelerate's own way to gather shards."""

    is_deepspeed_enabled = False

    def __init__(self, model: Any, sharded: bool) -> None:  # noqa: ANN401 - transformers is untyped
        self.model_wrapped, self.is_fsdp_enabled = model, sharded
        self.accelerator = (Sharding if sharded else Accelerator)(cpu=True)
