"""Supervised fine-tuning of all parameters through TRL; the one place that knows it.

Weights stay in float32 while training, products run in bfloat16 where that pays (`models.dtype`), and what is saved has the
base model's dtype. Loss is on the answer only. Nothing is sent anywhere: no hub, no experiment tracker, no telemetry.
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from datasets import Dataset, disable_progress_bars
from huggingface_hub import constants
from transformers import AutoConfig, AutoTokenizer, PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from stages.errors import ModelError
from stages.ports import models
from stages.ports.progress import bar
from stages.records.training import TrainingRow

constants.HF_HUB_DISABLE_TELEMETRY = True
disable_progress_bars()

SCHEDULES = {"cosine": "cosine", "constant": "constant_with_warmup"}


class Recipe(NamedTuple):
    """How to train; `finetune` in params.yaml explains each."""

    epochs: int
    learning_rate: float
    batch_size: int
    micro_batch: int
    schedule: Literal["cosine", "constant"]
    warmup_ratio: float
    seed: int


class Point(NamedTuple):
    """One optimizer step: the mean loss of its answer tokens in nats, and the learning rate it was taken with."""

    step: int
    loss: float
    learning_rate: float


class Trained(NamedTuple):
    """What came of it: a point for every step, the tokens read (questions and answers, all epochs), parameters trained."""

    points: tuple[Point, ...]
    tokens: int
    parameters: int


def lengths(rows: Sequence[TrainingRow], base: Path) -> list[int]:
    """Return each row's tokens in the base model's chat template, question and answer."""
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    texts = [tokenizer.apply_chat_template(_turns(row), tokenize=False) for row in rows]
    return [len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]


def context(base: Path) -> int:
    """Return how many tokens the base model can read at once."""
    return int(AutoConfig.from_pretrained(base, local_files_only=True).max_position_embeddings)


def train(rows: Sequence[TrainingRow], recipe: Recipe, base: Path, target: Path, tokens: int) -> Trained:
    """Fine-tune the model in `base` on `rows` and save it in `target`; `tokens` is what all epochs read, for the progress.

    The same rows, recipe and machine give the same weights. Raises ModelError when the loss is no number or memory ends.
    """
    model, _ = models.load(base, torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    dtype = AutoConfig.from_pretrained(base, local_files_only=True).dtype or torch.float32
    with bar(tokens, "finetune", "tokens") as shown, _memory(recipe):
        watch = Watch(shown)
        with open(os.devnull, "w") as silence, redirect_stderr(silence):  # TRL's own bars
            trainer = SFTTrainer(
                model=model,
                args=_settings(recipe, len(rows), target),
                train_dataset=Dataset.from_list([_example(row) for row in rows]),
                processing_class=tokenizer,
                callbacks=[watch],
            )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    trainer.model.to(dtype).save_pretrained(target)
    tokenizer.save_pretrained(target)
    return Trained(tuple(watch.points), int(trainer.state.num_input_tokens_seen), model.num_parameters())


def _turns(row: TrainingRow) -> list[dict[str, str]]:
    return [message.model_dump() for message in row.messages]


def _example(row: TrainingRow) -> dict[str, list[dict[str, str]]]:
    *question, answer = _turns(row)
    return {"prompt": question, "completion": [answer]}


def _settings(recipe: Recipe, rows: int, target: Path) -> SFTConfig:
    steps = math.ceil(rows / recipe.batch_size) * recipe.epochs
    on_cpu = models.device().type == "cpu"
    return SFTConfig(
        output_dir=str(target),
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=SCHEDULES[recipe.schedule],
        warmup_steps=int(recipe.warmup_ratio * steps),
        per_device_train_batch_size=recipe.micro_batch,
        gradient_accumulation_steps=recipe.batch_size // recipe.micro_batch,
        gradient_checkpointing=not on_cpu,
        completion_only_loss=True,
        max_length=None,  # rows that are too long were refused before; nothing is cut off here
        packing=False,
        bf16=models.dtype() == torch.bfloat16,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        seed=recipe.seed,
        logging_steps=1,
        logging_nan_inf_filter=False,  # a loss that is no number must be seen
        include_num_input_tokens_seen="non_padding",
        save_strategy="no",
        report_to="none",
        push_to_hub=False,
        disable_tqdm=True,
    )


class Watch(TrainerCallback):  # type: ignore[misc]
    """Moves the bar by tokens, keeps the loss curve, stops at a loss that is no number."""

    def __init__(self, shown: Any) -> None:  # noqa: ANN401 - a tqdm bar
        """Show progress in `shown`."""
        self.shown, self.points = shown, list[Point]()

    def on_substep_end(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401
        """Move the bar after each micro batch."""
        self.shown.update(int(state.num_input_tokens_seen) - self.shown.n)

    def on_step_end(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401
        """Move the bar after the last micro batch of a step."""
        self.on_substep_end(args, state, control)

    def on_log(
        self,
        args: object,
        state: Any,  # noqa: ANN401 - transformers is untyped
        control: object,
        logs: Mapping[str, float] | None = None,
        **_: object,
    ) -> None:
        """Keep a step's loss; the closing summary has none."""
        if logs and "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise ModelError(
                    f"finetune: the loss is no number at step {state.global_step}; nothing was saved: lower finetune.learning_rate"
                )
            self.points.append(Point(int(state.global_step), float(logs["loss"]), float(logs["learning_rate"])))


@contextmanager
def _memory(recipe: Recipe) -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise ModelError(
            f"finetune: out of memory with {recipe.micro_batch} rows at once; lower finetune.micro_batch, then finetune.max_length"
        ) from None
