"""The training that docs/training.md and docs/retention.md print figures of: 14 rows in 7 steps at the paper's rate, as the default run of commit 67a115a."""

import argparse
from pathlib import Path

from benchmarks import workspace
from stages.catalog.download import sha256
from stages.core import jsonl
from stages.rows.training import TrainingRow
from stages.training.trainer.settings import Finetune

RATE, FIRST = 2.0e-5, 14
RECIPE = Finetune(
    epochs=1,
    learning_rate=RATE,
    batch_size=2,
    micro_batch=1,
    max_length=2048,
    schedule="cosine",
    warmup_ratio=0.1,
    save_dtype="float32",
    interpolate=1.0,
    seed=1,
    mix=(),
    packing="off",
    checkpoint_minutes=5.0,
    launch="",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which training it is."""
    parser.add_argument("--rows", type=Path, default=Path("data/train/train.jsonl"))
    parser.add_argument("--first", type=int, default=FIRST, help="so many rows of the file train; 0: all")
    parser.add_argument("--rate", type=float, default=RATE, help="the learning rate; params.yaml has another now")
    parser.add_argument("--base", type=Path, default=Path("models/base"))


def claim(options: argparse.Namespace) -> None:
    """Write down which training `--folder` holds; refuse one that holds another."""
    workspace.claim(
        options.folder,
        {"rows": sha256(options.rows), "first": options.first, "rate": options.rate, "base": str(options.base)},
    )


def recipe(options: argparse.Namespace) -> Finetune:
    """Return how it is trained, whatever params.yaml says."""
    return RECIPE.model_copy(update={"learning_rate": options.rate})


def rows(options: argparse.Namespace) -> list[TrainingRow]:
    """Return what it is trained on."""
    return jsonl.read(options.rows, TrainingRow)[: options.first or None]
