"""A row to train on: an OpenAI conversation, and where it comes from."""

from typing import Literal, Self

from stages.core.row import Language, Record, Row, content_id
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import Quality
from stages.rows.sample import LabeledSample, Origin


class Message(Record):
    """One turn as OpenAI's API writes it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Example(Row):
    """A conversation that ends with the answer to train on."""

    messages: tuple[Message, ...]

    @classmethod
    def general(cls, messages: tuple[Message, ...]) -> Self:
        """Make an example from data of others; its id is the hash of what is said in it.

        Raises ValueError where it is not: system or nothing, then user and assistant in turns, ending with an answer.
        """
        said = [message.role for message in messages if message.content.strip()]
        turns = said[1:] if said[:1] == ["system"] else said
        if len(said) != len(messages) or len(turns) < 2 or turns != ["user", "assistant"] * (len(turns) // 2):
            raise ValueError("not user and assistant in turns, ending with an answer")
        return cls(id=content_id([message.model_dump() for message in messages]), messages=messages)


class TrainingRow(Example):
    """A question and its answer; `id` is the sample's, the other fields are its lineage and its place in the data set.

    No field is called `prompt`, `completion`, `chosen`, `rejected` or `label`: TRL takes those for its own.
    """

    dialogue_id: str
    prompt_id: str
    instruction_id: str
    language: Language
    scene: str
    source: str
    role: str
    task: str
    format: FormatKind
    quality: Quality
    origin: Origin
    author: str

    @classmethod
    def of(cls, row: LabeledSample, quality: Quality) -> Self:
        """Make the training row of a labelled one."""
        messages = (Message(role="user", content=row.text), Message(role="assistant", content=row.answer))
        shared = row.model_dump(include=set(cls.model_fields) & set(LabeledSample.model_fields))
        lineage = {"dialogue_id": row.dialogue, "prompt_id": row.prompt, "instruction_id": row.instruction}
        return cls(messages=messages, format=row.ask.kind, quality=quality, **lineage, **shared)
