"""Tokens a second of fine-tuning: stock TRL on a stock model, this project's trainer, and its rows packed, in one run on the same rows.

    python -m benchmarks.training --rows 4 --kinds stock ours

Prints one JSON line. Rows are the first of data/train/train.jsonl, or invented ones of about `--words` words. Only ratios count: times are
those of this machine at this moment, `ratio` of wall-clock time, `cpu_ratio` of processor time, which other programs disturb less; the
kinds take turns. `losses` are those of every step, which must agree. With `--flops` (of one device, in 10^12 a second, at the dtype
used) it adds the share that was used (MFU), see `operations`. Needs models/base (`dvc repro base`). On a GPU: `benchmarks/gpu.py`.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
from transformers import AutoModelForCausalLM, TrainerCallback
from trl import SFTTrainer

from stages.core import jsonl
from stages.models import loading
from stages.rows.training import Example, Message, TrainingRow
from stages.training.trainer import sft
from stages.training.trainer.answers_only import AnswerTrainer
from stages.training.trainer.packing import packed_sequences
from stages.training.trainer.settings import Recipe

WORDS = ["the", "customer", "asks", "whether", "this", "flat", "near", "the", "river", "has", "a", "lift"]
KINDS = ("stock", "ours", "packed")


class Measured(NamedTuple):
    """One training without loading and saving."""

    seconds: float
    cpu_seconds: float
    losses: list[float]


def invented(number: int, words: int) -> Example:
    """Return a row of its own length, half to one and a half times `words` and as many again for its answer."""
    length = 1 + words // 2 + (number * 37) % (words + 1)
    text = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(length))
    return Example.general(
        (Message(role="user", content=f"{number}: {text}?"), Message(role="assistant", content=text))
    )


def rows_of(options: argparse.Namespace) -> list[Example]:
    """Return the rows to train on."""
    if options.words:
        return [invented(n, options.words) for n in range(options.rows)]
    found = jsonl.read(options.source, TrainingRow)[: options.rows]
    return [Example(id=row.id, messages=row.messages) for row in found]


def job_of(rows: Sequence[Example], options: argparse.Namespace, folder: Path, packed: bool) -> sft.Job:
    """Return the training of one epoch over `rows`."""
    jsonl.write(folder / "rows.jsonl", rows)
    tokens = sft.lengths(rows, options.base)
    recipe = Recipe(
        epochs=1,
        learning_rate=2.0e-5,
        batch_size=options.batch_size,
        micro_batch=options.micro_batch,
        max_length=options.max_length,
        schedule="constant",
        warmup_ratio=0.0,
        save_dtype="float32",
        interpolate=1.0,
        seed=1,
    )
    return sft.Job(
        recipe=recipe,
        rows=folder / "rows.jsonl",
        base=options.base,
        target=folder / "model",
        checkpoints=folder,
        every_s=3600.0,
        dtype=sft.product_dtype(),
        tokens=sum(tokens),
        packed_sequences=packed_sequences(tokens, options.max_length) if packed else 0,
        processes=1,
    )


def trainer_of(job: sft.Job, kind: str, *callbacks: TrainerCallback) -> Any:  # noqa: ANN401 - transformers is untyped
    """Return what trains a fresh model on the rows of `job` in one of KINDS, by the settings of stage `finetune`."""
    settings = sft.arguments(job)  # before the model, as stage `finetune` has it
    model: Any
    if kind == "stock":
        model = AutoModelForCausalLM.from_pretrained(job.base, dtype=torch.float32)
    else:
        model, _ = loading.load(job.base, placed=False)
    if job.packed_sequences and sft.has_packed_attention():
        model.set_attn_implementation("flash_attention_2")
    return sft.prepared(settings, job, model, *callbacks, trainer=SFTTrainer if kind == "stock" else AnswerTrainer)


def operations(base: Path, lengths: Sequence[int]) -> int:
    """Return the floating-point operations of training on rows of `lengths` tokens, forward and backward, without what is computed again.

    6 a parameter and token, and for attention 12 × layers × hidden size × length a token (PaLM, arXiv 2204.02311, appendix B).
    """
    config = loading.config(base).get_text_config()
    attention: int = 12 * config.num_hidden_layers * config.hidden_size
    return 6 * loading.parameters(base) * sum(lengths) + attention * sum(length * length for length in lengths)


def measure(rows: Sequence[Example], kind: str, options: argparse.Namespace) -> Measured:
    """Train a fresh model on `rows` in one way."""
    with TemporaryDirectory() as folder:
        job = job_of(rows, options, Path(folder), kind == "packed")
        trainer = trainer_of(job, kind)
        started = time.perf_counter(), time.process_time()
        trainer.train()
        spent = time.perf_counter() - started[0], time.process_time() - started[1]
        return Measured(*spent, [entry["loss"] for entry in trainer.state.log_history if "loss" in entry])


def figures(found: dict[str, list[Measured]], lengths: Sequence[int], options: argparse.Namespace) -> dict[str, object]:
    """Return rates, the first kind's time over each one's, and each one's losses; of repeated trainings the quickest counts."""
    wall = {kind: min(one.seconds for one in runs) for kind, runs in found.items()}
    cpu = {kind: min(one.cpu_seconds for one in runs) for kind, runs in found.items()}
    first, tokens = options.kinds[0], sum(lengths)
    told: dict[str, object] = {
        "tokens_s": {kind: round(tokens / seconds) for kind, seconds in wall.items()},
        "tokens_cpu_s": {kind: round(tokens / seconds) for kind, seconds in cpu.items()},
        "ratio": {kind: round(wall[first] / seconds, 2) for kind, seconds in wall.items()},
        "cpu_ratio": {kind: round(cpu[first] / seconds, 2) for kind, seconds in cpu.items()},
        "losses": {kind: [round(loss, 5) for loss in runs[0].losses] for kind, runs in found.items()},
    }
    if options.flops:
        work = operations(options.base, lengths) / (options.flops * 1e12)
        told["mfu"] = {kind: round(work / seconds, 3) for kind, seconds in wall.items()}
    return told


def main() -> None:
    """Warm each way up on one small row, then let them take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("models/base"))
    parser.add_argument("--source", type=Path, default=Path("data/train/train.jsonl"))
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument(
        "--words", type=int, default=0, help="invented rows of about so many words; 0: those of --source"
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["stock", "ours"])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--micro-batch", type=int, default=1)
    parser.add_argument("--max-length", type=int, default=2048)
    parser.add_argument("--flops", type=float, default=0.0)
    options = parser.parse_args()
    rows = rows_of(options)
    for kind in options.kinds:
        measure([invented(0, 1)], kind, options)
    found: dict[str, list[Measured]] = {kind: [] for kind in options.kinds}
    for _ in range(options.repeats):
        for kind in options.kinds:
            found[kind].append(measure(rows, kind, options))
    lengths = sft.lengths(rows, options.base)
    print(  # noqa: T201 - the result
        json.dumps(
            {
                "dtype": sft.product_dtype(),
                "threads": torch.get_num_threads(),
                "rows": len(rows),
                "tokens": sum(lengths),
                **figures(found, lengths, options),
            }
        )
    )


if __name__ == "__main__":
    main()
