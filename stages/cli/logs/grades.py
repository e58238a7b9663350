"""What stage `grade` writes (data/grades/): a judge's grades, 1 to 10, of a model's answers to the test set."""

from collections.abc import Iterator
from pathlib import Path

from stages.cli.logs.item import Item, Key
from stages.cli.logs.lines import Object
from stages.core import jsonl
from stages.judging.grade import Grade

BEST = 10
SCORE = "score"  # the metric by which a graded answer is right


def reads(row: Object) -> bool:
    """Whether a line is of this kind."""
    return {"id", "score", "unparsable"} <= row.keys()


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the answers that got a grade, in file order, each graded from 0.1 to 1; there is one measure, and no `metric` to choose."""
    for row in jsonl.stream(path, Grade):
        if row.score is not None:
            yield Item(Key("grades", "", "generated", row.id), right=row.score / BEST, metric=SCORE)
