"""A row to train on: an OpenAI conversation, and where it comes from."""

from typing import Literal, Self

from stages.records.instruction import FormatKind
from stages.records.row import Language, Record, Row
from stages.records.sample import Labelled
from stages.records.verdict import Quality


class Message(Record):
    """One turn as OpenAI's API writes it."""

    role: Literal["user", "assistant"]
    content: str


class TrainingRow(Row):
    """A question and its answer; `id` is the sample's, the other fields are its lineage and its place in the data set."""

    messages: tuple[Message, ...]
    dialogue: str
    prompt: str
    instruction: str
    language: Language
    scene: str
    source: str
    role: str
    task: str
    format: FormatKind
    quality: Quality
    origin: Literal["model", "provided"]
    author: str

    @classmethod
    def of(cls, row: Labelled, quality: Quality) -> Self:
        """Make the training row of a labelled one."""
        messages = (Message(role="user", content=row.text), Message(role="assistant", content=row.answer))
        shared = row.model_dump(include=set(cls.model_fields) & set(Labelled.model_fields))
        return cls(messages=messages, format=row.ask.kind, quality=quality, **shared)
