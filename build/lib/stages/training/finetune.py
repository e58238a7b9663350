"""Fine-tune all parameters of the base model on the selected rows (§3.2)."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from stages.errors import InputError
from stages.ports import jsonl, metrics, trainer
from stages.ports.folders import atomic_folder
from stages.ports.params import Section
from stages.ports.stage import run
from stages.records.training import TrainingRow

SHOWN = 5  # ids in an error message


class Finetune(Section):
    """How to train."""

    section: ClassVar[str] = "finetune"

    epochs: int = Field(ge=1, le=100)  # times every row is read
    learning_rate: float = Field(gt=0, le=1)  # at its peak
    batch_size: int = Field(ge=1)  # rows in one optimizer step
    micro_batch: int = Field(ge=1)  # rows in memory at once; the rest of batch_size is accumulated
    max_length: int = Field(ge=16)  # tokens of a row, question and answer; longer ones are refused
    schedule: Literal["cosine", "constant"]  # of the learning rate, after the warm-up
    warmup_ratio: float = Field(ge=0, lt=1)  # share of the steps in which the learning rate rises, rounded down
    seed: int  # of the order of the rows

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.batch_size % self.micro_batch:
            raise ValueError("batch_size must be a multiple of micro_batch")
        return self

    @property
    def recipe(self) -> trainer.Recipe:
        """The part that the trainer needs."""
        return trainer.Recipe(**self.model_dump(include=set(trainer.Recipe._fields)))


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
            "raise finetune.max_length (up to the model's context) or lower sample.train.max_tokens"
        )


def summary(rows: int, params: Finetune, trained: trainer.Trained) -> dict[str, object]:
    """Return what metrics/training.json holds; losses in nats a token of the answers."""
    losses = [point.loss for point in trained.points]
    return {
        "rows": rows,
        "epochs": params.epochs,
        "steps": len(losses),
        "tokens": trained.tokens,
        "parameters": trained.parameters,
        "loss": {"first": losses[0], "last": losses[-1], "mean": sum(losses) / len(losses)},
    }


def main(source: Path, base: Path, target: Path, report: Path, curve: Path) -> None:
    """Train on `source` from `base` into `target`."""
    params, rows = Finetune.load(), jsonl.read(source, TrainingRow)
    tokens = trainer.lengths(rows, base)
    refuse_unfit(rows, tokens, min(params.max_length, trainer.context(base)), source)
    with atomic_folder(target) as partial:
        trained = trainer.train(rows, params.recipe, base, partial, params.epochs * sum(tokens))
    metrics.write(report, summary(len(rows), params, trained))
    metrics.write(curve, [point._asdict() for point in trained.points])


if __name__ == "__main__":
    run(main)
