"""Fine-tune all parameters of the base model on the selected rows, mixed with general ones if asked (§3.2)."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from stages.core import jsonl, metrics
from stages.core.errors import InputError, ModelError, ParamsError
from stages.core.files import atomic_folder
from stages.core.params import Section
from stages.core.progress import note
from stages.core.row import content_id
from stages.core.stage import run
from stages.models import loading
from stages.rows.training import Example, TrainingRow
from stages.training.trainer import checkpoints, memory, saving, sft
from stages.training.trainer import launch as launching
from stages.training.trainer.mixture import Mixed, MixShare, mix
from stages.training.trainer.packing import packed_sequences, saves_work

SHOWN = 5  # ids in an error message
GIB = 1 << 30


class Finetune(Section, sft.Recipe):
    """How to train; what the trainer itself needs is said in its `Recipe`."""

    section: ClassVar[str] = "finetune"

    mix: tuple[MixShare, ...]
    """General instruction data beside the domain's rows; Table 4: 0.86 rows to a row of the domain."""
    packing: Literal["auto", "on", "off"]
    """Several rows in one sequence: `on`, `off`, or `auto`: with FlashAttention, if the steps stay as many."""
    checkpoint_minutes: float = Field(gt=0)
    """Minutes from one checkpoint to the next; a killed run loses no more than this."""
    launch: str = Field(pattern=r"^[\w-]*$")
    """A file of stages/training/launch by its name, such as `gpu`, see docs/training.md; empty: this process."""

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.batch_size % self.micro_batch:
            raise ValueError("batch_size must be a multiple of micro_batch")
        if len({share.source for share in self.mix}) < len(self.mix):
            raise ValueError("a source of mix is named twice")
        return self

    def refuse_uneven(self, launch: launching.Launch) -> None:
        """Refuse batches that the processes of a launch cannot share evenly."""
        if self.batch_size % (self.micro_batch * launch.processes):
            raise ParamsError(
                f"params.yaml: finetune.batch_size must be a multiple of micro_batch × {launch.processes} processes of "
                f"{launch.config}; change it"
            )


def refuse_unfit(rows: Sequence[TrainingRow], tokens: Sequence[int], limit: int, source: Path) -> None:
    """Refuse an empty set, and rows that are longer than `limit` tokens, before any time is spent."""
    if not rows:
        raise InputError(
            f"{source}: no rows to train on; lower select.floor or raise select.target, and see its ledger"
        )
    long = [row.id for row, count in zip(rows, tokens, strict=True) if count > limit]
    if long:
        named = ", ".join(long[:SHOWN]) + (" …" if len(long) > SHOWN else "")
        raise InputError(
            f"{source}: {len(long)} rows are longer than {limit} tokens, the longest {max(tokens)}: {named}; "
            "raise finetune.max_length (up to the model's context) or lower sample.max_tokens"
        )


def refuse_too_large(need: memory.Need, free: int, launch: launching.Launch) -> None:
    """Refuse what cannot fit into `free` bytes, and say when the rough part of the estimate makes it doubtful."""
    local = launch.processes // launch.machines
    copies = local if launch.on_cpu else 1
    state = need.state * copies // (launch.machines if launch.offloaded else launch.shards)
    total = state + (0 if launch.offloaded else need.activations * copies)
    needed = f"finetune: needs about {total / GIB:.1f} GiB ({state / GIB:.1f} for weights, gradients and optimizer), {free / GIB:.1f} are free"
    if state > free:
        raise ModelError(f"{needed}; take a smaller base.source, or more memory, or shard it with finetune.launch")
    if total > free:
        note(f"{needed}; if it ends without memory, lower finetune.micro_batch, then finetune.max_length")


def packed(params: Finetune, tokens: Sequence[int], limit: int, processes: int) -> int:
    """Return how many packed sequences the rows are trained in; 0: each for itself.

    `auto` packs where attention passes over what belongs to other rows, and only if the steps stay as many.
    """
    if params.packing == "off" or (params.packing == "auto" and not sft.has_packed_attention()):
        return 0
    count = packed_sequences(tokens, limit)
    return count if params.packing == "on" or saves_work(len(tokens), count, params.batch_size, processes) else 0


def summary(
    rows: int, canaries: int, mixed: Mixed, params: Finetune, job: sft.Job, trained: sft.TrainingResult
) -> dict[str, object]:
    """Return what metrics/training.json holds; losses in nats a token of the answers."""
    losses = [step.loss for step in trained.steps]
    return {
        "rows": rows,
        "canaries": canaries,
        "mixed_rows": len(mixed.rows),
        "mix": mixed.counts,
        "epochs": params.epochs,
        "steps": len(losses),
        "tokens": trained.tokens,
        "parameters": loading.parameters(job.base),
        "packs": job.packed_sequences,
        "processes": trained.processes,
        "dtype": job.dtype,
        "loss": {"first": losses[0], "last": losses[-1], "mean": sum(losses) / len(losses)},
        "saved": trained.saved.model_dump() if trained.saved else None,
    }


def warn_of_rounding(saved: saving.Saved) -> None:
    """Say when rounding undid more of the update than `saving.LEAST` allows."""
    if saved.survives is not None and saved.survives < saving.LEAST:
        note(
            f"finetune: {saved.survives:.0%} of the update survive saving in {saved.dtype}, {saved.equal_to_base:.0%} of the weights are "
            "the base's again: what follows is not the trained model; set finetune.save_dtype: float32, or base to halve the disk it takes"
        )


def identity(rows: Sequence[Example], params: Finetune, base: Path, config: Path | None) -> str:
    """Name a training by all that its result depends on: a checkpoint is good for the same name only."""
    read = [(row.id, [message.model_dump() for message in row.messages]) for row in rows]
    recipe = params.model_dump(exclude={"checkpoint_minutes", "mix", "save_dtype", "interpolate"})
    return content_id(read, recipe, loading.identity(base), config.read_text(encoding="utf-8") if config else "")


def plan(params: Finetune, lengths: Sequence[sft.Length], base: Path, launch: launching.Launch) -> int:
    """Return how many packed sequences the rows are trained in (0: none), or refuse what the machine or the launch cannot carry."""
    params.refuse_uneven(launch)
    launching.refuse_missing_devices(launch)
    limit = min(params.max_length, sft.context(base))
    count = packed(params, [length.tokens for length in lengths], limit, launch.processes)
    tokens, answered = (max(counts) for counts in zip(*lengths, strict=True))
    need = (
        memory.need(base, limit, limit)
        if count
        else memory.need(base, params.micro_batch * tokens, params.micro_batch * answered)
    )
    refuse_too_large(need, memory.free(launch.on_cpu or launch.offloaded), launch)
    return count


def main(
    *,
    source: Path,
    general: Path,
    base: Path,
    launch: Path,
    target: Path,
    drawn: Path,
    report: Path,
    plot: Path,
    canaries: Path | None = None,
) -> None:
    """Train on `source`, on `canaries` and on what is mixed in of `general`, from `base` into `target`, where a killed run stopped.

    `drawn` lists what stood beside the rows of `source`.
    """
    params, rows = Finetune.load(), jsonl.read(source, TrainingRow)
    how, limit = launching.read(launch, params.launch), min(params.max_length, sft.context(base))
    lengths = sft.measured(rows, base)
    refuse_unfit(rows, [length.tokens for length in lengths], limit, source)
    mixed = mix(params.mix, len(rows), general, limit, params.seed, lambda found: sft.lengths(found, base))
    planted = jsonl.read(canaries, Example) if canaries else []
    # of what is mixed in no more than all is an answer
    lengths += [*sft.measured(planted, base), *(sft.Length(tokens, tokens) for tokens in mixed.tokens)]
    count = plan(params, lengths, base, how)
    examples = [*(Example(id=row.id, messages=row.messages) for row in rows), *planted, *mixed.rows]
    with checkpoints.hold(identity(examples, params, base, how.config)) as scratch:
        checkpoints.clear(scratch)
        jsonl.write(scratch / "rows.jsonl", examples)
        with atomic_folder(target) as partial:
            job = sft.Job(
                recipe=params,
                rows=scratch / "rows.jsonl",
                base=base,
                target=partial,
                checkpoints=scratch,
                every_s=params.checkpoint_minutes * 60,
                dtype=checkpoints.dtype(scratch) or sft.product_dtype(),
                tokens=params.epochs * sum(length.tokens for length in lengths),
                packed_sequences=count,
                processes=how.processes,
            )
            trained = launching.train(job, how)
        if trained.saved:
            warn_of_rounding(trained.saved)
        metrics.write(report, summary(len(rows), len(planted), mixed, params, job, trained))
        jsonl.write(drawn, [*planted, *mixed.rows])
        metrics.write(plot, [step.model_dump() for step in trained.steps], small=("learning_rate",))


if __name__ == "__main__":
    run(main)
