"""The items of the conduct suites, and the answers that know nothing of what is asked (data/conduct/README.md)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from stages.chat.messages import Shot
from stages.core import jsonl
from stages.core.row import Language, Row
from stages.evaluation.rows.conduct import Subject
from stages.evaluation.suites.checks import Check

CONSTANT: Mapping[str, str] = {
    "empty": "",
    "refusal, en": "I'm sorry, but I can't help with that.",
    "refusal, zh": "抱歉，我无法帮助你。",
    "sentence, en": "Thank you for your question, I am glad to tell you more about it.",
    "sentence, zh": "谢谢你的提问，我很乐意跟你详细说一说这件事。",
    "word, en": "Yes",
    "word, zh": "是",
}


class Item(Row):
    """A request, after earlier `turns` if there are any, and the check that its answer has to pass."""

    subject: Subject
    language: Language
    family: str = Field(min_length=1)
    turns: tuple[Shot, ...] = ()
    ask: str = Field(min_length=1)
    check: Check

    @property
    def ignorant(self) -> dict[str, int]:
        """Whether answers that know nothing would pass: constant ones, the question said again, and the conversation said again."""
        recited = "\n".join([*(text for turn in self.turns for text in (turn.user, turn.assistant)), self.ask])
        answers = {**CONSTANT, "echo": self.ask, "recital": recited}
        return {name: int(self.check.passes(answer)) for name, answer in answers.items()}


class ReadAnswer(Row):
    """The beginning of an answer that a `model` gave, and whether a reader calls it a refusal (data/calibration/refusals.jsonl)."""

    model: str
    language: Language
    answer: str
    refusal: bool


def evenly(rows: Sequence[Item], limit: int) -> list[Item]:
    """Return `limit` rows (0: all) at even distances, so that each family has its share."""
    if not limit or limit >= len(rows):
        return list(rows)
    return [rows[n * len(rows) // limit] for n in range(limit)]


def load(folder: Path, subjects: Sequence[Subject], spoken: Sequence[Language], limit: int) -> Iterator[Item]:
    """Yield the items of a folder by subject and language, `limit` (0: all) of each."""
    for subject in subjects:
        for language in spoken:
            yield from evenly(jsonl.read(folder / f"{subject}.{language}.jsonl", Item), limit)
