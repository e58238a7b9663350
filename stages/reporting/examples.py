"""Rows as people read them: training rows with where they come from, test rows with the answers before and after training.

Which ones is drawn: those with the smallest hash of the seed and their id, so nobody has picked them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

from pydantic import Field

from stages.core import jsonl
from stages.core.params import Section
from stages.core.row import Row, content_id
from stages.reporting.wording import words
from stages.rows.instruction import Instruction
from stages.rows.sample import LabeledSample, Prediction
from stages.rows.training import TrainingRow

REAL = "what the provider really said next, cut from the conversation"
ELIDED = "[… the conversation …]"
WRITERS = {"model": "a model's", "project": "recorded, drafted in the project", "provided": "provided"}

R = TypeVar("R", bound=Row)


class Report(Section):
    """What the report shows besides figures."""

    section: ClassVar[str] = "report"

    examples: int = Field(ge=0, le=50)
    """Training rows and test rows shown whole, of each so many; 0: none."""
    seed: int
    """Of their draw."""


class Told(NamedTuple):
    """A text with its heading, such as an answer and whose it is."""

    heading: str
    text: str


class Shown(NamedTuple):
    """One row: id, what is asked, the prompt whole, the answers, and where it all comes from."""

    id: str
    asked: str
    prompt: str
    answers: list[Told]
    lineage: list[tuple[str, str]]


class Examples(NamedTuple):
    """What was drawn."""

    train: list[Shown]
    test: list[Shown]
    seed: int
    of_train: int
    of_test: int


def drawn(rows: Iterable[R], count: int, seed: int) -> list[R]:
    """Return `count` rows, those with the smallest hash of seed and id."""
    return sorted(rows, key=lambda row: content_id(seed, row.id))[:count]


def collect(data: Path, models: Sequence[str], settings: Report) -> Examples:
    """Return the examples drawn from data/train, and from the rows of data/labels/test.jsonl that all `models` answered."""
    if not settings.examples:
        return Examples([], [], settings.seed, 0, 0)
    rows = jsonl.read(data / "train" / "train.jsonl", TrainingRow)
    library = jsonl.by_id(data / "instructions" / "library.jsonl", Instruction)
    answers = {model: jsonl.by_id(data / "predictions" / f"{model}.jsonl", Prediction) for model in models}
    asked = [
        row
        for row in jsonl.stream(data / "labels" / "test.jsonl", LabeledSample)
        if all(row.id in given for given in answers.values())
    ]
    return Examples(
        [_trained(row, library) for row in drawn(rows, settings.examples, settings.seed)],
        [_answered(row, answers) for row in drawn(asked, settings.examples, settings.seed)],
        settings.seed,
        len(rows),
        len(asked),
    )


def _trained(row: TrainingRow, library: Mapping[str, Instruction]) -> Shown:
    instruction = library.get(row.instruction_id)
    return Shown(
        row.id,
        instruction.text if instruction else REAL,
        "\n".join(message.content for message in row.messages[:-1]),
        [Told("the answer it is trained on", row.messages[-1].content)],
        [
            ("quality", words(row.quality)),
            ("answer", f"{WRITERS[row.origin]}, by {row.author}"),
            ("instruction", f"{row.instruction_id}{_ancestry(instruction)}"),
            ("prompt", row.prompt_id),
            ("conversation", f"{row.dialogue_id}: {words(row.scene)}, {words(row.source)}"),
            ("asks for", f"{words(row.task)}, as {words(row.format)}"),
        ],
    )


def _ancestry(instruction: Instruction | None) -> str:
    """Return where an instruction comes from."""
    if instruction is None:
        return ", of the pack, for replies"
    how = f" by “{words(instruction.operator)}”" if instruction.operator else ""
    parents = f", from {', '.join(instruction.parents)}" if instruction.parents else ""
    born = f", generation {instruction.generation}" if instruction.generation else ""
    return f", {instruction.origin}{how}{born}{parents}, author {instruction.author or 'unknown'}"


ENDED = {"stop": "", "length": ", cut off"}


def _answered(row: LabeledSample, answers: Mapping[str, Mapping[str, Prediction]]) -> Shown:
    given = [(model, found[row.id]) for model, found in answers.items()]
    return Shown(
        row.id,
        f"{row.before}{ELIDED}{row.after}".strip(),
        row.text,
        [
            Told(f"the reference, by {row.author}", row.answer),
            *(Told(f"{model}{ENDED.get(one.finish, ', no answer came')}", one.answer) for model, one in given),
        ],
        [
            ("instruction", row.instruction),
            ("conversation", f"{row.dialogue}: {words(row.scene)}, {words(row.source)}"),
            ("asks for", f"{words(row.task)}, as {words(row.ask.kind)}"),
            *((f"{model} is", one.author + (", recorded" if one.recorded else "")) for model, one in given),
        ],
    )
