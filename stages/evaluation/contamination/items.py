"""Benchmark items to look for: those that stage bench asks, or a file of others."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any, NamedTuple, Self

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import Language, Record
from stages.evaluation.benchmarks import own_files
from stages.evaluation.benchmarks.settings import Suite
from stages.text.languages import language_of

TEXT = "text"  # the suite of the passages, as stage bench names it


class Item(NamedTuple):
    """What is asked, its choices in their order and the text of the right one (empty: not known, or a passage)."""

    suite: str
    subject: str
    item: str
    language: Language
    question: str
    choices: tuple[str, ...] = ()
    right: str = ""


class PlainItem(Record):
    """A line of a file of items: `item` (or `id`) and `question` (or `text`, `prompt`); all else may be missing or more.

    `answer` is the right choice's index, its letter, or its text.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    item: str = Field(validation_alias=AliasChoices("item", "id"), min_length=1)
    suite: str = ""
    subject: str = ""
    language: Language | None = None
    question: str = Field(validation_alias=AliasChoices("question", "text", "prompt"), min_length=1)
    choices: tuple[str, ...] = ()
    answer: int | str = ""

    @model_validator(mode="after")
    def _of_the_choices(self) -> Self:
        if isinstance(self.answer, int) and self.choices and not 0 <= self.answer < len(self.choices):
            raise ValueError("answer is the number of one of the choices, from 0, or a text")
        return self

    def right(self) -> str:
        """Return the text of the right answer; empty where none is given."""
        if isinstance(self.answer, str):
            place = (
                ascii_uppercase.find(self.answer) if len(self.answer) == 1 and self.answer not in self.choices else -1
            )
            return self.choices[place] if 0 <= place < len(self.choices) else self.answer
        return self.choices[self.answer] if self.choices else ""


def plain(path: Path) -> Iterator[Item]:
    """Yield the items of a JSONL file; a suite that is not named is the file's name."""
    seen = set[tuple[str, str, str]]()
    for line in jsonl.lines(path, PlainItem):
        row = line.parsed(PlainItem)
        key = (row.suite or path.stem, row.subject, row.item)
        if key in seen:
            raise InputError(f"{path}: item {row.item} stands there twice; give each one an `item` of its own")
        seen.add(key)
        language = row.language or language_of(row.question) or "en"
        yield Item(*key, language, row.question, row.choices, row.right())


def asked(suites: Sequence[Suite], data: Path, official: Path) -> Iterator[Item]:
    """Yield the questions of these suites, then the passages of general text, under the names of stage bench's outcomes."""
    for suite in suites:
        if suite == "small":
            for row in own_files.questions(data, own_files.TEST):
                yield Item(suite, row.subject, row.id, row.language, row.question, row.choices, row.choices[row.answer])
        else:
            yield from _published(suite, official)
    for passage in own_files.passages(data):
        yield Item(TEXT, passage.kind, passage.id, passage.language, passage.text)


def _published(suite: str, folder: Path) -> Iterator[Item]:
    from stages.evaluation.benchmarks import tasks  # noqa: PLC0415 - lm-eval and torch: seconds, where an official suite is asked

    official = tasks.OFFICIAL[suite]
    for name, splits in tasks.tables(suite, folder).rows.items():
        for number, row in enumerate(splits[official.asked]):
            choices, right = _choices(row)
            question = str(row.get("question") or row["Question"]).strip()
            yield Item(suite, name, str(row.get("id", number)), official.language, question, choices, right)


def _choices(row: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return a published row's choices and the right one, which is an index (MMLU) or a letter."""
    letters = ("A", "B", "C", "D")
    choices = tuple(row["choices"]) if "choices" in row else tuple(str(row[letter]) for letter in letters)
    answer = row.get("answer", row.get("Answer"))
    return choices, choices[letters.index(answer) if isinstance(answer, str) else int(answer or 0)]
