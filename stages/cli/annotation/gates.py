"""The gates at which people decide, as other annotation tools and the status see them: rows, what they show, what may be said."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from stages.core import jsonl
from stages.core.dropped import Reason
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.prompting.by_people import directive_id
from stages.reviews.decisions import Decision
from stages.reviews.refinements import refinements
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample

Name = Literal["seeds", "evolved", "prompts", "labels"]
REVIEWS = Path("data/review")
ANSWERS = REVIEWS / "answers.jsonl"
ASSEMBLED = Path("data/prompts/assembled.jsonl")


class Item(NamedTuple):
    """A row to decide on.

    `shown` are its texts by field. `about` are the hashes by which decisions may name what they are about, None: whatever they
    name. `waits`: whether it needs somebody's decision; the pack's rows, which people wrote, do not. `pair` is what a label answers.
    """

    id: str
    shown: Mapping[str, str]
    about: tuple[str, ...] | None = ("",)
    waits: bool = True
    pair: LabeledSample | None = None

    @property
    def named(self) -> str:
        """The hash by which a decision made now names what it is about; "" where only the row's id counts."""
        return self.about[-1] if self.about else ""

    def concerned(self, decision: Decision) -> bool:
        """Whether a decision is about the row as it now is."""
        rewritten = decision.action in ("rewrite", "withdraw")
        return rewritten or self.about is None or decision.answer_id in self.about


class Gate(NamedTuple):
    """Where rows of one kind are decided on."""

    source: Path
    stage: str  # that makes the source
    file: Path  # of the decisions
    fields: tuple[str, ...]  # that an item shows; the first is always there, and comes first
    choices: tuple[str, ...]
    items: Callable[[Path], Iterable[Item]]

    def rows(self) -> dict[str, Item]:
        """Return the rows by id; refused where they have not been made yet."""
        if not self.source.exists():
            raise InputError(f"{self.source}: not there yet; run `dvc repro {self.stage}` first")
        return {item.id: item for item in self.items(self.source)}


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
        yield Item(row.id, {"instruction": row.text, "details": told}, waits=row.origin not in ("pack", "reviewer"))


def _prompts(source: Path) -> Iterable[Item]:
    before = {row.pair: row.text for row in jsonl.stream(ASSEMBLED, Prompt)} if ASSEMBLED.exists() else {}
    for row in jsonl.stream(source, Prompt):
        part, discarded = row.part("directive"), row.note == Reason.DISCARDED
        if part or row.note:
            about = None if discarded else ("", directive_id(row))
            texts = {"directive": part.text if part else "", "assembled": before.get(row.pair, row.text)}
            yield Item(row.pair, texts, about, waits=part is not None)


def _labels(source: Path) -> Iterable[Item]:
    written = refinements(ANSWERS) if ANSWERS.exists() else {}
    for row in jsonl.stream(source, LabeledSample):
        newer = written.get(row.id)
        coming = (
            (content_id(newer.answer.strip()),) if newer else ()
        )  # what the row has after the next run of stage label
        yield Item(row.id, {"answer": row.answer, "prompt": row.text}, ("", *coming, row.answer_id), pair=row)


INSTRUCTION, REWRITING = ("instruction", "details"), ("keep", "discard", "rewrite")
GATES: Mapping[Name, Gate] = {
    "seeds": Gate(
        Path("data/instructions/seeds.jsonl"), "seed", REVIEWS / "curate.jsonl", INSTRUCTION, REWRITING, _instructions
    ),
    "evolved": Gate(
        Path("data/instructions/evolved.jsonl"), "evolve", REVIEWS / "screen.jsonl", INSTRUCTION, REWRITING, _instructions
    ),
    "prompts": Gate(
        Path("data/prompts/enhanced.jsonl"), "enhance", REVIEWS / "prompts.jsonl", ("directive", "assembled"), REWRITING, _prompts
    ),
    "labels": Gate(
        Path("data/labels/train.jsonl"), "label", REVIEWS / "judge.jsonl", ("answer", "prompt"), ("high", "medium", "low", "rewrite"), _labels
    ),
}  # fmt: skip
