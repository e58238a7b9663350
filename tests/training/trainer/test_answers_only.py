"""Loss over the answers alone is the loss of stock TRL on a stock model, and so is every gradient; one step, one process."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

from stages.core import jsonl
from stages.models import loading
from stages.rows.training import Example
from stages.training.trainer import sft
from stages.training.trainer.answers_only import AnswerTrainer
from stages.training.trainer.settings import Recipe
from tests.support.finetuning import row

ROWS = [
    Example(id=one.id, messages=one.messages)
    for one in (
        row("a", "How many rooms?", "Two rooms, and a balcony."),
        row("b", "And the rent, the deposit and the term? " * 4, "£900."),
        row("c", "几居室？", "两居室，带阳台。"),
        row("d", "Well?", "No."),
    )
]


def job(folder: Path, base: Path, micro_batch: int) -> sft.Job:
    recipe = Recipe(
        epochs=1,
        learning_rate=1.0e-3,
        batch_size=4,
        micro_batch=micro_batch,
        max_length=1000,
        schedule="constant",
        warmup_ratio=0.0,
        save_dtype="float32",
        interpolate=1.0,
        seed=1,
    )
    jsonl.write(folder / "rows.jsonl", ROWS)
    return sft.Job(
        recipe=recipe,
        rows=folder / "rows.jsonl",
        base=base,
        target=folder / "tuned",
        checkpoints=folder,
        every_s=3600.0,
        dtype="float32",
        tokens=sum(sft.lengths(ROWS, base)),
        packed_sequences=0,
        processes=1,
    )


def test_the_warm_up_is_the_share_that_is_written(tiny_model: Path, tmp_path: Path) -> None:
    work = job(tmp_path, tiny_model, 1)
    recipe = work.recipe.model_copy(update={"epochs": 100, "warmup_ratio": 0.29})  # 100 steps of four rows
    assert sft.arguments(work.model_copy(update={"recipe": recipe})).warmup_steps == 29


@pytest.mark.parametrize("micro_batch", [1, 2, 4])
def test_loss_gradients_and_step_are_those_of_stock_trl(tiny_model: Path, tmp_path: Path, micro_batch: int) -> None:
    work = job(tmp_path, tiny_model, micro_batch)
    found = []
    for kind in (SFTTrainer, AnswerTrainer):
        if kind is SFTTrainer:
            model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
        else:
            model, _ = loading.load(tiny_model, placed=False)
        trainer = sft.prepared(sft.arguments(work), work, model, trainer=kind)
        batch = next(iter(trainer.get_train_dataloader()))
        loss = trainer.compute_loss(trainer.model, dict(batch), num_items_in_batch=torch.tensor(50))
        loss.backward()
        gradients = {name: part.grad.clone() for name, part in trainer.model.named_parameters()}
        trainer.model.zero_grad()
        trainer.train()
        steps = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        found.append((loss.item(), gradients, steps, dict(trainer.model.named_parameters())))
    (loss, gradients, steps, weights), (ours, our_gradients, our_steps, our_weights) = found
    assert ours == pytest.approx(loss, rel=1e-6)
    assert our_steps == pytest.approx(steps, rel=1e-6)
    for name, gradient in gradients.items():
        assert torch.allclose(our_gradients[name], gradient, rtol=1e-4, atol=1e-6), name
        assert torch.allclose(our_weights[name], weights[name], rtol=1e-4, atol=1e-5), name


def test_a_prompt_never_meets_the_vocabulary(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if loading.device().type != "cpu":
        pytest.skip("on a GPU TRL does the same with Triton")
    work = job(tmp_path, tiny_model, 1)
    model, _ = loading.load(tiny_model, placed=False)
    rows = []
    model.lm_head.register_forward_hook(lambda _, given, __: rows.append(given[0].shape[-2]))
    trainer = sft.prepared(sft.arguments(work), work, model)
    trainer.train()
    answers = [sum(sft._tokens(one, loading.tokenizer(tiny_model))["completion_mask"]) for one in ROWS]
    assert sorted(rows) == sorted(answers)
