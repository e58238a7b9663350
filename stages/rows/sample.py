"""A sample: one prompt over one conversation (§2.3), and the same with its answer."""

from typing import Literal

from pydantic import Field, FiniteFloat

from stages.core.row import Language, Record, Row, content_id
from stages.rows.instruction import Ask, FormatKind
from stages.rows.missed import Digest
from stages.rows.statement import Statement

# of an answer: a model's | drafted in the project, recorded for its request | provided in data/review, or the conversation's own
Origin = Literal["model", "project", "provided"]


class Sample(Row):
    """A pair in the words of its prompt, complete enough to be sent: `before` + `conversation` + `after`; `id` is the pair's."""

    dialogue: str
    prompt: str
    instruction: str
    language: Language
    scene: str
    source: str
    role: str
    task: str
    ask: Ask
    before: str
    conversation: str
    after: str
    cut: int = Field(0, ge=0, exclude_if=lambda value: not value)  # as the pair's: what was said next is asked for
    known: str = ""  # the prompt's knowledge part, which stands in `before` or `after`: known as the conversation is
    missed: tuple[Digest, ...] = Field(
        (), exclude_if=lambda value: not value
    )  # personal data that the conversation still holds

    @property
    def text(self) -> str:
        """What a model is asked."""
        return self.before + self.conversation + self.after

    @property
    def prompt_text(self) -> str:
        """The prompt without the conversation: what L_P counts in formula (1)."""
        return self.before + self.after

    @property
    def asked(self) -> str:
        """The prompt without what it tells: neither conversation nor knowledge."""
        return self.prompt_text.replace(self.known, "") if self.known else self.prompt_text

    @property
    def given(self) -> str:
        """What an answer may rest on: the conversation, and what is known beside it."""
        return f"{self.known}\n{self.conversation}" if self.known else self.conversation


class LabeledSample(Sample):
    """A sample with an answer, and who gave it."""

    answer: str
    author: str  # model identity, or the person who wrote or checked it
    origin: Origin

    @property
    def answer_id(self) -> str:
        """The hash of the answer: a row keeps its id when its answer changes."""
        return content_id(self.answer)


class Likelihood(Record):
    """How likely a model finds an answer: its negative log-likelihood in nats, over these tokens and characters."""

    nll: FiniteFloat
    tokens: int  # by the model's own tokenizer
    characters: int


class Prediction(Row):
    """A model's answer to a test row; `id` is the row's."""

    answer: str
    finish: str
    author: str
    recorded: bool = False  # read from data/recorded, not asked in this run
    reference: Likelihood | None = None  # of the reference, given the row's text; None: not to be had from this model


class Reference(Row):
    """A provided answer; `id` is the row's, `checked` says who compared it with the dialogue.

    Of a test row `facts` are the atomic statements that a full answer makes, `wrong` near misses that no answer should make.
    """

    answer: str
    author: str
    checked: str = ""
    facts: tuple[Statement, ...] = Field((), exclude_if=lambda value: not value)
    wrong: tuple[Statement, ...] = Field((), exclude_if=lambda value: not value)


class Answer(Reference):
    """A provided answer of the training side, with what it answers: so its pair can be drawn."""

    dialogue: str
    instruction: str
    form: FormatKind
