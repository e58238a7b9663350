"""The gates at which people decide, as other annotation tools see them: rows, what they show, what may be said."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from stages.cli.review.queue import Queue
from stages.cli.review.queues.instructions import Evolved, Seeds
from stages.cli.review.queues.labels import Labels
from stages.cli.review.queues.prompts import ASSEMBLED, Prompts
from stages.core import jsonl
from stages.prompting.by_people import directive_id
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample

Name = Literal["seeds", "evolved", "prompts", "labels"]


class Item(NamedTuple):
    """A row to decide on.

    `shown` are its texts by field, `named` the hash by which a decision made now names what it is about, "" where only the
    row's id counts; `pair` is what a label answers.
    """

    id: str
    shown: Mapping[str, str]
    named: str = ""
    pair: LabeledSample | None = None


class Gate(NamedTuple):
    """Where rows of one kind are decided on: the page's queue, and what another tool shows and asks."""

    queue: type[Queue]
    fields: tuple[str, ...]  # that an item shows; the first is always there, and comes first
    choices: tuple[str, ...]
    items: Callable[[Path], Iterable[Item]]

    def rows(self) -> dict[str, Item]:
        """Return the rows by id; refused where they have not been made yet."""
        self.queue().require()
        return {item.id: item for item in self.items(self.queue.source)}


def _instructions(source: Path) -> Iterable[Item]:
    for row in jsonl.stream(source, Instruction):
        details = {
            "language": row.language,
            "task": row.task,
            "requirement": row.requirement,
            "forms": ", ".join(row.formats),
            "fields": ", ".join(row.fields),
            "labels": ", ".join(row.labels),
        }
        told = "\n".join(f"{name}: {value}" for name, value in details.items() if value)
        yield Item(row.id, {"instruction": row.text, "details": told})


def _prompts(source: Path) -> Iterable[Item]:
    before = {row.pair: row.text for row in jsonl.stream(ASSEMBLED, Prompt)} if ASSEMBLED.exists() else {}
    for row in jsonl.stream(source, Prompt):
        part = row.part("directive")
        if part or row.note:
            texts = {"directive": part.text if part else "", "assembled": before.get(row.pair, row.text)}
            yield Item(row.pair, texts, directive_id(row))


def _labels(source: Path) -> Iterable[Item]:
    for row in jsonl.stream(source, LabeledSample):
        yield Item(row.id, {"answer": row.answer, "prompt": row.text}, row.answer_id, pair=row)


INSTRUCTION, REWRITING = ("instruction", "details"), ("keep", "discard", "rewrite")
GATES: Mapping[Name, Gate] = {
    "seeds": Gate(Seeds, INSTRUCTION, REWRITING, _instructions),
    "evolved": Gate(Evolved, INSTRUCTION, REWRITING, _instructions),
    "prompts": Gate(Prompts, ("directive", "assembled"), REWRITING, _prompts),
    "labels": Gate(Labels, ("answer", "prompt"), ("high", "medium", "low", "rewrite"), _labels),
}
