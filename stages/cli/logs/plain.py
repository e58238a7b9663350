"""Plain JSONL, a line for each item: what anybody's own harness can write, documented in docs/retain.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import Field, FiniteFloat, ValidationError, model_validator

from stages.cli.logs.grades import BEST, SCORE
from stages.cli.logs.item import Item, Key, hashed, likelihood
from stages.cli.logs.lines import Object, objects
from stages.core.errors import InputError
from stages.core.jsonl import faults
from stages.core.row import Record


class Answer(Record):
    """One item: a question with `right`, an answer with a judge's `score`, or a passage with `loss` and `tokens`."""

    item: str | int
    suite: str = "items"
    subject: str = ""
    language: str = ""
    formulation: str = "generated"
    epoch: int = 0
    right: float | None = Field(default=None, ge=0, le=1)
    score: float | None = Field(default=None, ge=0, le=BEST)  # a judge's
    chance: float | None = Field(
        default=None, ge=0, lt=1
    )  # of a guess; by default 1 / log-probabilities, or what --chance says
    log_probabilities: tuple[FiniteFloat, ...] = ()
    characters: tuple[int, ...] = ()  # of each choice's text
    gold: int | None = Field(default=None, ge=0)
    loss: FiniteFloat | None = Field(default=None, ge=0)  # negative log-likelihood of the whole passage, nats
    tokens: int = Field(default=0, ge=0)
    question: str = ""  # what was asked, or its hash

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if [self.right, self.score, self.loss].count(None) != 2:
            raise ValueError("either right or score, of a question, or loss, of a passage")
        if self.loss is not None and not self.tokens:
            raise ValueError("a loss needs its tokens")
        if self.gold is not None and self.gold >= len(self.log_probabilities):
            raise ValueError("gold is the number of one of the log_probabilities, from 0")
        if self.characters and len(self.characters) != len(self.log_probabilities):
            raise ValueError("characters are of the choices that the log_probabilities are of")
        return self


def reads(row: Object) -> bool:
    """Whether a line is of this kind."""
    return "item" in row and not row.keys().isdisjoint(("right", "score", "loss"))


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the items in file order; there is one measure, and no `metric` to choose."""
    for place, row in objects(path):
        try:
            yield _item(Answer.model_validate(row))
        except ValidationError as error:
            raise InputError(f"{place}: not an item: {faults(error)}") from None


def _item(row: Answer) -> Item:
    of_passage, choices = row.loss is not None, len(row.log_probabilities)
    suite = row.language if of_passage and row.language else row.suite
    return Item(
        Key(suite, row.subject, "text" if of_passage else row.formulation, str(row.item), str(row.epoch or "")),
        right=row.right if row.score is None else row.score / BEST,
        metric="" if row.score is None else SCORE,
        chance=row.chance if row.chance is not None else 1 / choices if choices else None,
        likelihood=likelihood(row.log_probabilities, row.characters, row.gold),
        untold=bool(row.characters) and row.gold is None,
        loss=row.loss,
        tokens=row.tokens,
        question=hashed(row.question),
    )
