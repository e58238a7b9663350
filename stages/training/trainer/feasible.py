"""What a training takes, refused before any time is spent where rows, machine or launch cannot carry it."""

from collections.abc import Sequence
from pathlib import Path

from stages.core.errors import InputError, ModelError, ParamsError
from stages.core.progress import note
from stages.core.row import content_id
from stages.models import loading
from stages.rows.training import Example, TrainingRow
from stages.training.trainer import memory, sft
from stages.training.trainer.launch import Launch, refuse_missing_devices
from stages.training.trainer.packing import packed_sequences, saves_work
from stages.training.trainer.settings import Finetune

SHOWN = 5  # ids in an error message
GIB = 1 << 30


def refuse_uneven(params: Finetune, launch: Launch) -> None:
    """Refuse batches that the processes of a launch cannot share evenly."""
    if params.batch_size % (params.micro_batch * launch.processes):
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


def refuse_too_large(need: memory.Need, free: int, launch: Launch) -> None:
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


def identity(rows: Sequence[Example], params: Finetune, base: Path, config: Path | None) -> str:
    """Name a training by all that its result depends on: a checkpoint is good for the same name only."""
    read = [(row.id, [message.model_dump() for message in row.messages]) for row in rows]
    recipe = params.model_dump(exclude={"checkpoint_minutes", "mix", "save_dtype", "interpolate"})
    return content_id(read, recipe, loading.identity(base), config.read_text(encoding="utf-8") if config else "")


def plan(params: Finetune, lengths: Sequence[sft.Length], base: Path, launch: Launch) -> int:
    """Return how many packed sequences the rows are trained in (0: none), or refuse what the machine or the launch cannot carry."""
    refuse_uneven(params, launch)
    refuse_missing_devices(launch)
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
