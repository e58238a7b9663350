"""Which tokens of a training row the loss is on: read off the trainer's own batch, not worked out a second time."""

import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TextIO

from stages.core import jsonl
from stages.core.errors import InputError
from stages.rows.training import Example, TrainingRow
from stages.training.trainer.settings import Finetune

SOURCE, BASE = Path("data/train/train.jsonl"), Path("models/base")
GREEN, PLAIN = "\033[32m", "\033[0m"


class Stretch(NamedTuple):
    """Tokens of a row in a row, all of them trained or none."""

    text: str
    tokens: int
    trained: bool


def pick(source: Path, row: str) -> TrainingRow:
    """Return the row of `source` with the id `row`, or the one with this number, from 1."""
    rows = jsonl.read(source, TrainingRow)
    by_name = {str(number): each for number, each in enumerate(rows, 1)} | {each.id: each for each in rows}
    if row not in by_name:
        raise InputError(f"{source}: row {row} is not there; give the id of a row, or a number from 1 to {len(rows)}")
    return by_name[row]


def stretches(row: TrainingRow, base: Path) -> list[Stretch]:
    """Return the tokens of `row` as the trainer with the settings of params.yaml gets them, cut where training begins or ends."""
    from stages.models import loading  # noqa: PLC0415 - torch
    from stages.training.trainer import sft  # noqa: PLC0415 - torch and TRL

    with TemporaryDirectory() as folder:
        place = Path(folder)
        jsonl.write(place / "rows.jsonl", [Example(id=row.id, messages=row.messages)])
        job = sft.Job(
            recipe=Finetune.load().model_copy(update={"batch_size": 1, "micro_batch": 1}),
            rows=place / "rows.jsonl",
            base=base,
            target=place / "model",
            checkpoints=place,
            every_s=float("inf"),
            dtype="float32",
            tokens=0,
            packed_sequences=0,  # what is packed is what was masked before
            processes=1,
        )
        trainer = sft.prepared(sft.arguments(job), job, loading.shell(base))
        (batch,) = trainer.get_train_dataloader()
    ids, labels = (batch[name][0].tolist() for name in ("input_ids", "labels"))
    parts = []
    for trained, pairs in groupby(zip(ids, labels, strict=True), key=lambda pair: pair[1] == pair[0]):
        part = [token for token, _ in pairs]
        parts.append(Stretch(trainer.processing_class.decode(part), len(part), trained))
    return parts


def in_color(stream: TextIO) -> bool:
    """Whether `stream` shows colors, and nobody asked it not to (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def shown(parts: Sequence[Stretch], color: bool) -> str:
    """Return the row's text with what is trained in green, or in [[ ]]."""
    before, after = (GREEN, PLAIN) if color else ("[[", "]]")
    return "".join(f"{before}{part.text}{after}" if part.trained else part.text for part in parts)


def counts(row: TrainingRow, parts: Sequence[Stretch]) -> str:
    """Return how many tokens the row has and how many of them are trained."""
    tokens, trained = sum(part.tokens for part in parts), sum(part.tokens for part in parts if part.trained)
    return f"row {row.id}: {tokens} tokens, {trained} trained, {tokens - trained} read only"


def describe(source: Path, row: str, base: Path) -> list[str]:
    """Return what the command prints."""
    chosen = pick(source, row)
    parts = stretches(chosen, base)
    return [shown(parts, in_color(sys.stdout)), counts(chosen, parts)]
