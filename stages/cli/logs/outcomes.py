"""What stage `bench` writes (data/outcomes/): a model's answers to general benchmarks, and its losses on general text."""

from collections.abc import Iterator
from pathlib import Path

from stages.cli.logs.item import Item, Key, likelihood
from stages.cli.logs.lines import Object
from stages.core import jsonl
from stages.evaluation.rows.outcome import BenchmarkOutcome, PassageLoss


def reads(row: Object) -> bool:
    """Whether a line is of this kind."""
    return {"formulation", "shots", "result"} <= row.keys()


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the items in file order; there is one measure, and no `metric` to choose."""
    for row in jsonl.stream(path, BenchmarkOutcome):
        yield _item(row)


def _item(row: BenchmarkOutcome) -> Item:
    result = row.result
    if isinstance(result, PassageLoss):
        return Item(Key(row.language, row.subject, "text", row.item), loss=result.nll, tokens=result.tokens)
    return Item(
        Key(f"{row.suite}_{row.shots}_shot", row.subject, row.formulation, row.item),
        right=result.right,
        chance=1 / len(result.log_probabilities),
        likelihood=likelihood(result.log_probabilities, result.characters, result.gold),
    )
