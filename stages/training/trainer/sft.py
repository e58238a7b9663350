"""Supervised fine-tuning of all parameters through TRL; the one place that knows it.

Weights stay in float32 while training, products run in the job's dtype, and what is saved has the recipe's. Loss is on the
last answer only. Nothing is sent anywhere: no hub, no experiment tracker, no telemetry.
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from datasets import Dataset, disable_progress_bars
from huggingface_hub import constants
from transformers import PrinterCallback, TrainerCallback
from transformers.utils import is_flash_attn_2_available
from trl import SFTConfig

from stages.core import jsonl
from stages.core.errors import ModelError
from stages.core.progress import bar, note
from stages.core.row import Record
from stages.core.shares import part
from stages.models import chat_template, loading
from stages.rows.training import Example
from stages.training.trainer import checkpoints, saving
from stages.training.trainer.answers_only import AnswerTrainer
from stages.training.trainer.settings import Recipe

constants.HF_HUB_DISABLE_TELEMETRY = True
disable_progress_bars()

SCHEDULES = {"cosine": "cosine", "constant": "constant_with_warmup"}


class Job(Record):
    """All that a process needs to take part in a training; every process of a launch gets the same."""

    recipe: Recipe
    rows: Path  # JSONL of examples
    base: Path
    target: Path  # an empty folder for the model
    checkpoints: Path  # held by who started the job
    every_s: float  # seconds from one checkpoint to the next
    dtype: Literal["bfloat16", "float32"]
    tokens: int  # what all epochs read, for the progress
    packed_sequences: int  # that the rows make; 0: each row for itself
    processes: int


class StepLog(Record):
    """One optimizer step: the mean loss of its answer tokens in nats, and the learning rate it was taken with."""

    step: int
    loss: float
    learning_rate: float


class TrainingResult(Record):
    """What came of it: every step, the tokens read (questions and answers, all epochs), by how many processes, and what was saved.

    A process that does not write knows nothing of `saved`.
    """

    steps: tuple[StepLog, ...]
    tokens: int
    processes: int
    saved: saving.Saved | None


class Length(NamedTuple):
    """A row's tokens in the base model's chat template: question and answer, and the answer alone."""

    tokens: int
    answered: int


def measuring(base: Path) -> Callable[[Sequence[Example]], list[Length]]:
    """Return what returns the length of each row, by the base's tokenizer, which is loaded once.

    It raises ModelError for a row that the template does not take, or puts otherwise here than in a prediction.
    """
    tokenizer = loading.tokenizer(base)

    def measured(rows: Sequence[Example]) -> list[Length]:
        masks = (_tokens(row, tokenizer)["completion_mask"] for row in rows)
        return [Length(len(mask), sum(mask)) for mask in masks]

    return measured


def lengths(rows: Sequence[Example], base: Path) -> list[int]:
    """Return each row's tokens, question and answer."""
    return [length.tokens for length in measuring(base)(rows)]


def context(base: Path) -> int:
    """Return how many tokens the base model can read at once."""
    return int(loading.config(base).max_position_embeddings)


def product_dtype() -> Literal["bfloat16", "float32"]:
    """Return in which dtype products of a training run: bfloat16 on a GPU that has it, else float32 (docs/decisions/0008)."""
    return "bfloat16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def has_packed_attention() -> bool:
    """Whether attention within packed rows costs what it does in rows alone: only FlashAttention passes over the rest."""
    return torch.cuda.is_available() and is_flash_attn_2_available()


def is_first() -> bool:
    """Whether this process is the one of its launch that writes and shows."""
    return os.environ.get("RANK", "0") == "0"


def train(job: Job) -> TrainingResult:
    """Fine-tune the model in `job.base`, from the last whole checkpoint if there is one, and save it in `job.target`.

    The same rows, recipe, dtype and machine give the same weights, interrupted or not. Only the first process writes.
    Raises ModelError when the loss is no number or memory ends.
    """
    settings = arguments(job)  # before the model: sharded loading reads it
    model, _ = loading.load(job.base, placed=False)
    if job.packed_sequences and has_packed_attention():
        model.set_attn_implementation("flash_attention_2")
    resumed = checkpoints.latest(job.checkpoints)
    with _shown(job) as shown, _memory(job.recipe):
        trainer = prepared(settings, job, model, ProgressCallback(shown, job))
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        saved = _save(trainer, job)
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    return TrainingResult(
        steps=tuple(StepLog(**{name: entry[name] for name in StepLog.model_fields}) for entry in logs),
        tokens=int(trainer.state.num_input_tokens_seen),
        processes=int(trainer.args.world_size),
        saved=saved,
    )


def prepared(
    settings: SFTConfig,
    job: Job,
    model: Any,  # noqa: ANN401 - transformers is untyped
    *callbacks: TrainerCallback,
    trainer: type[Any] = AnswerTrainer,
) -> Any:  # noqa: ANN401 - as above
    """Return a trainer of TRL's with the rows of `job` as it reads them: tokenized, labels where there is loss, packed if asked."""
    tokenizer = loading.tokenizer(job.base)
    rows = Dataset.from_list([_tokens(row, tokenizer) for row in jsonl.stream(job.rows, Example)])
    made = trainer(
        model=model, args=settings, train_dataset=rows, processing_class=tokenizer, callbacks=list(callbacks)
    )
    made.remove_callback(PrinterCallback)
    return made


def _tokens(row: Example, tokenizer: Any) -> dict[str, list[int]]:  # noqa: ANN401 - transformers is untyped
    """Return a row's tokens and, by 1, those of the answer, in TRL's names: it would take a special token within a text for one."""
    try:
        question, answer = chat_template.answered(tokenizer, [message.model_dump() for message in row.messages])
    except ModelError as error:
        raise ModelError(f"row {row.id}: {error}") from None
    return {"input_ids": question + answer, "completion_mask": [0] * len(question) + [1] * len(answer)}


def accumulation(job: Job, rows: int) -> tuple[int, int]:
    """Return (units in memory at once, of each process; how often they are gathered before a step).

    A unit is a row, or a packed sequence: then as many are gathered as hold `batch_size` rows on average, at least one a
    process.
    """
    recipe = job.recipe
    if not job.packed_sequences:
        return recipe.micro_batch, recipe.batch_size // (recipe.micro_batch * job.processes)
    return 1, max(1, round(recipe.batch_size * job.packed_sequences / rows / job.processes))


def arguments(job: Job) -> SFTConfig:
    """Return what TRL is told. What it is not told stays as transformers has it: AdamW, no weight decay, gradients up to norm 1."""
    recipe, rows = job.recipe, sum(1 for _ in jsonl.stream(job.rows, Example))
    at_once, gathered = accumulation(job, rows)
    steps = math.ceil((job.packed_sequences or rows) / (at_once * gathered * job.processes)) * recipe.epochs
    on_cpu = loading.device().type == "cpu"
    by_fsdp = os.environ.get("ACCELERATE_USE_FSDP") == "true"  # recomputes by its own config
    made = SFTConfig(
        output_dir=str(job.checkpoints),  # outside the graph: DVC removes a stage's outputs before it runs again
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=SCHEDULES[recipe.schedule],
        warmup_steps=math.floor(
            part(recipe.warmup_ratio, steps)
        ),  # rounded down, so that a run of few steps loses none to it
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=gathered,  # the same step on one small device as on many
        activation_checkpointing=not on_cpu and not by_fsdp,  # a GPU lacks memory before time, a CPU time before memory
        completion_only_loss=True,  # the questions are given: a model trained on them learns the customers' words by heart
        max_length=min(recipe.max_length, context(job.base))
        if job.packed_sequences
        else None,  # None: TRL would cut a long row's answer off, silently
        packing=bool(job.packed_sequences),
        packing_strategy="bfd",  # keeps rows whole; the other strategies cut one where a sequence is full
        bf16=job.dtype == "bfloat16",  # of products only: at 2e-5 a step is smaller than a bfloat16 weight can move
        use_cpu=on_cpu,  # without a CUDA device; TRL would take any other it finds
        ddp_find_unused_parameters=False,  # every parameter takes part in every step; looking for others takes a pass
        dataloader_pin_memory=not on_cpu,  # quickens copies to a GPU, and warns where there is none
        seed=recipe.seed,
        logging_steps=1,  # metrics/plots/loss.json has every step
        logging_nan_inf_filter=False,  # a loss that is no number must be seen, or it would be logged as the one before it
        include_num_input_tokens_seen="non_padding",  # what the bar and metrics/training.json count
        save_strategy="no",  # ProgressCallback asks for checkpoints, by the clock instead of by steps
        report_to="none",  # nothing is sent anywhere
        push_to_hub=False,
        disable_tqdm=True,  # the stage's bar counts tokens
    )
    if made.n_gpu > 1:  # one process is one device, the first, as for all models here; TRL refuses the others beside it
        made._n_gpu = 1
    return made


def _save(trainer: Any, job: Job) -> saving.Saved | None:  # noqa: ANN401 - transformers is untyped
    """Write the model from the first process; all take part where the weights are sharded."""
    weights = _whole(trainer)
    if not trainer.is_world_process_zero():
        return None
    trainer.processing_class.save_pretrained(job.target)
    model = trainer.accelerator.unwrap_model(trainer.model_wrapped)
    recipe = job.recipe
    return saving.save(model, weights, job.base, job.target, recipe.save_dtype, recipe.seed, recipe.interpolate)


def _whole(trainer: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401 - transformers is untyped
    """Return the weights in float32, whole in the first process; a tied one once, as it would be rounded twice, two ways."""
    model = trainer.accelerator.unwrap_model(trainer.model_wrapped)
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped) if trainer.is_fsdp_enabled else model.state_dict()
    found = {name: weight for name, weight in state.items() if name not in model.all_tied_weights_keys}
    if trainer.is_deepspeed_enabled:
        from deepspeed.utils import safe_get_full_fp32_param  # type: ignore[import-not-found] # noqa: PLC0415 - not always there

        for name, part in model.named_parameters():
            weight = safe_get_full_fp32_param(part)  # the optimizer's; the model's own are rounded to bfloat16
            found[name] = weight.cpu() if trainer.is_world_process_zero() else part
    return found


class ProgressCallback(TrainerCallback):  # type: ignore[misc]
    """Moves the bar by tokens, says when to keep a checkpoint, stops at a loss that is no number."""

    def __init__(self, shown: Any, job: Job) -> None:  # noqa: ANN401 - a tqdm bar
        """Show progress in `shown`, if this process shows any."""
        self.shown, self.job, self.kept = shown, job, time.monotonic()

    def on_train_begin(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401
        """Start the bar where the training goes on, so that the rate is that of this run."""
        if self.shown is not None and state.global_step:
            self.shown.initial = self.shown.n = int(state.num_input_tokens_seen)
            note(f"finetune: goes on after step {state.global_step} of {state.max_steps}")

    def on_substep_end(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401
        """Move the bar after each micro batch."""
        if self.shown is not None:
            self.shown.update(int(state.num_input_tokens_seen) - self.shown.n)

    def on_step_end(self, args: object, state: Any, control: Any, **_: object) -> None:  # noqa: ANN401
        """Move the bar after the last micro batch of a step; ask for a checkpoint when the first process's clock says so."""
        self.on_substep_end(args, state, control)
        due = [time.monotonic() - self.kept >= self.job.every_s and state.global_step < state.max_steps]
        if self.job.processes > 1:
            broadcast_object_list(due)
        control.should_save = due[0]

    def on_save(self, args: object, state: Any, control: object, **_: object) -> None:  # noqa: ANN401
        """Call the checkpoint whole when every process has written its part."""
        everyone = PartialState()
        everyone.wait_for_everyone()
        if everyone.is_main_process:
            checkpoints.mark(self.job.checkpoints / f"checkpoint-{state.global_step}", self.job.dtype)
        self.kept = time.monotonic()

    def on_log(
        self,
        args: object,
        state: Any,  # noqa: ANN401 - transformers is untyped
        control: object,
        logs: Mapping[str, float] | None = None,
        **_: object,
    ) -> None:
        """Look at a step's loss; the closing summary has none."""
        if logs and not math.isfinite(logs.get("loss", 0.0)):
            raise ModelError(
                f"finetune: the loss is no number at step {state.global_step}; nothing was saved: lower finetune.learning_rate"
            )


@contextmanager
def _shown(job: Job) -> Iterator[Any]:
    if not is_first():
        yield None
        return
    with bar(job.tokens, "finetune", "tokens") as shown:
        yield shown


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
