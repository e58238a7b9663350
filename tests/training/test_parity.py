"""Our losses are those of plain transformers.Trainer, of two processes, and of rows that are packed."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments
from trl import SFTConfig, SFTTrainer, pack_dataset

from stages.core.errors import InputError
from stages.models import loading
from stages.training.trainer import launch, sft
from stages.training.trainer.feasible import packed
from stages.training.trainer.launch import Launch
from stages.training.trainer.packing import packed_sequences
from stages.training.trainer.settings import Finetune
from tests.support.finetuning import CONFIGS, ROWS, VALUES, losses, row, run_in, start

pytestmark = pytest.mark.slow

MANY = [row(f"m{n}", f"How many rooms has flat {n}?" + " Say it." * (n % 7), f"It has {n} rooms.") for n in range(24)]


def plain_losses(base: Path, folder: Path) -> list[float]:
    """Train with transformers alone, on labels of our own making."""
    model, tokenizer = loading.load(base)
    tokenizer.padding_side = "right"
    rows = []
    for one in ROWS:
        question, answer = (message.model_dump() for message in one.messages)
        start = tokenizer.apply_chat_template([question], tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template([question, answer], tokenize=False)
        first, ids = len(tokenizer(start)["input_ids"]), tokenizer(whole)["input_ids"]
        rows.append({"input_ids": ids, "labels": [-100] * first + ids[first:]})
    settings = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=6,
        learning_rate=2.0e-2,
        lr_scheduler_type="cosine",
        per_device_train_batch_size=2,
        gradient_accumulation_steps=2,
        seed=1,
        use_cpu=True,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    plain = Trainer(model, settings, DataCollatorForSeq2Seq(tokenizer), Dataset.from_list(rows))
    plain.train()
    return [entry["loss"] for entry in plain.state.log_history if "loss" in entry]


def test_losses_equal_those_of_the_plain_trainer(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sft, "product_dtype", lambda: "float32")
    run_in(tmp_path, tiny_model)
    assert losses(tmp_path) == pytest.approx(plain_losses(tiny_model, tmp_path / "plain"), rel=1e-4)


def test_two_processes_give_the_losses_of_one(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launch works and the processes share each batch; it proves nothing about sharding, which needs GPUs."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    for folder in (alone, together):
        folder.mkdir()
    recipe: dict[str, Any] = {"epochs": 2, "batch_size": 4, "micro_batch": 1}
    process = start(together, tiny_model, MANY, launch="cpu", **recipe)
    said = process.communicate()[1]
    assert process.returncode == 0, said
    found = json.loads((together / "training.json").read_text())
    assert (found["processes"], found["steps"]) == (2, 12)
    monkeypatch.setattr(sft, "product_dtype", lambda: found["dtype"])
    monkeypatch.chdir(alone)
    assert run_in(alone, tiny_model, MANY, **recipe)["tokens"] == found["tokens"]
    assert losses(together) == pytest.approx(losses(alone), rel=1e-2 if found["dtype"] == "bfloat16" else 1e-4)
    assert sorted(path.name for path in (together / "tuned").iterdir()) == sorted(
        path.name for path in (alone / "tuned").iterdir()
    )
    assert not list((together / ".checkpoints").iterdir())


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_rows_in_a_pack_do_not_see_each_other(tiny_model: Path, tmp_path: Path, attention: str) -> None:
    model, tokenizer = loading.load(tiny_model)
    model.set_attn_implementation(attention)
    ids = [sft._tokens(one, tokenizer)["input_ids"] for one in ROWS]
    settings = SFTConfig(
        output_dir=str(tmp_path),
        use_cpu=True,
        packing=True,
        max_length=1000,
        bf16=False,
        report_to="none",
        activation_checkpointing=False,
    )
    packing = SFTTrainer(
        model,
        settings,
        train_dataset=Dataset.from_list([{"input_ids": one} for one in ids]),
        processing_class=tokenizer,
    )
    (batch,) = packing.get_train_dataloader()
    assert batch["input_ids"].shape == (1, sum(map(len, ids)))
    batch = {name: value for name, value in batch.items() if name != "labels"}
    with torch.inference_mode():
        together = model(**batch, use_cache=False).logits[0]
        starts = [*(batch["position_ids"][0] == 0).nonzero().flatten().tolist(), len(together)]
        for first, end in pairwise(starts):
            alone = model(batch["input_ids"][:, first:end], use_cache=False).logits[0]
            assert torch.allclose(together[first:end], alone, atol=1e-4)
        blind = model(batch["input_ids"], use_cache=False).logits[0]  # one long row, for comparison: it does see
    assert not torch.allclose(together, blind, atol=1e-2)


def test_a_packed_step_has_the_loss_of_its_rows(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sft, "product_dtype", lambda: "float32")
    found = {}
    for packing in ("on", "off"):
        (tmp_path / packing).mkdir()
        monkeypatch.chdir(tmp_path / packing)
        found[packing] = run_in(
            tmp_path / packing, tiny_model, packing=packing, epochs=1, batch_size=6, micro_batch=6, max_length=1000
        )
    assert (found["on"]["packs"], found["off"]["packs"]) == (1, 0)
    assert found["on"]["steps"] == found["off"]["steps"] == 1
    assert found["on"]["tokens"] == found["off"]["tokens"]
    assert losses(tmp_path / "on") == pytest.approx(losses(tmp_path / "off"), rel=1e-4)


def test_packing_keeps_the_number_of_rows_in_a_step(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run_in(tmp_path, tiny_model, MANY, packing="on", epochs=1, batch_size=8, micro_batch=2, max_length=400)
    tokens = sft.lengths(MANY, tiny_model)
    assert found["packs"] == packed_sequences(tokens, 400)
    made = pack_dataset(Dataset.from_dict({"input_ids": [[0] * count for count in tokens]}), 400, "bfd")
    assert found["packs"] == len(made)
    assert found["steps"] == math.ceil(len(made) / round(8 * len(made) / 24))
    assert found["tokens"] == sum(tokens)


def test_auto_packs_where_attention_passes_over_other_rows_and_steps_stay_as_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auto = Finetune.parse("finetune", VALUES | {"batch_size": 8, "max_length": 100})
    assert packed(auto, [20] * 80, 100, 1) == 0  # no FlashAttention here
    monkeypatch.setattr(sft, "has_packed_attention", lambda: True)
    assert packed(auto, [20] * 80, 100, 1) == 16
    assert packed(auto, [20] * 80, 100, 2) == 0  # two packs would be ten rows, more than a batch
    assert packed(auto, [60] * 80, 100, 1) == 0  # nothing to save


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.yaml")))
def test_every_shipped_config_is_one_that_accelerate_reads(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    found, theirs = launch.read(CONFIGS, name), load_config_from_file(str(CONFIGS / f"{name}.yaml"))
    assert (found.processes, found.machines) == (theirs.num_processes, theirs.num_machines)
    assert found.on_cpu == theirs.use_cpu == (name == "cpu")
    assert (found.shards > 1) == name.startswith(("fsdp2", "zero3"))
    assert found.offloaded == (name == "zero3_offload")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("use_cpu: [", r"x.yaml:\d+: not YAML \("),
        (
            "",
            "x.yaml: no config of Accelerate's: distributed_type: Field required; use_cpu: Field required; num_machines",
        ),
        ("use_cpu: true", "distributed_type: Field required; num_machines: Field required; num_processes: Field req"),
        ("{distributed_type: 'NO', use_cpu: false, num_machines: 1, num_processes: many}", "num_processes: Input shou"),
        ("{distributed_type: FSDP, use_cpu: false, num_machines: 2, num_processes: 3}", "a multiple of num_machines"),
    ],
)
def test_a_config_that_is_none_is_one_line(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        launch.read(tmp_path, "x")
    assert str(caught.value).endswith(f"mend it, or make it anew: accelerate config --config_file {tmp_path}/x.yaml")
    assert "\n" not in str(caught.value)


def test_a_launch_that_cannot_be_is_refused(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match=r"nowhere.yaml is not there; use one of cpu, fsdp2_2x8gpu"):
        run_in(tmp_path, tiny_model, launch="nowhere")
    with pytest.raises(Exception, match=r"multiple of micro_batch × 2 processes"):
        run_in(tmp_path, tiny_model, launch="cpu", batch_size=3, micro_batch=1)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(Exception, match="wants 8 GPUs on each machine, here are 1"):
        launch.refuse_missing_devices(Launch(config=Path("x.yaml"), processes=16, machines=2, on_cpu=False))
