"""A sample: one prompt over one conversation (§2.3), and the same with its answer."""

from typing import Literal, Self

from stages.core.row import Language, Record, Row, content_id
from stages.rows.prompt import Ask

# of an answer: a model's | written by hand by the project's authors, recorded for its request | provided in data/review
Origin = Literal["model", "project", "provided"]


class Sample(Row):
    """A pair of dialogue and prompt, complete enough to be sent: `before` + `conversation` + `after`."""

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

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make a sample whose id is the hash of its dialogue's and its prompt's ids."""
        return cls.model_validate({**fields, "id": content_id(fields["dialogue"], fields["prompt"])})

    @property
    def text(self) -> str:
        """What a model is asked."""
        return self.before + self.conversation + self.after

    @property
    def prompt_text(self) -> str:
        """The prompt without the conversation: what L_P counts in formula (1)."""
        return self.before + self.after


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

    nll: float
    tokens: int  # by the model's own tokenizer
    characters: int


class Prediction(Row):
    """A model's answer to a test row; `id` is the row's."""

    answer: str
    finish: str
    author: str
    reference: Likelihood | None = None  # of the reference, given the row's text; None: not to be had from this model


class Reference(Row):
    """A provided answer; `id` is the sample's, `checked` says who compared it with the dialogue."""

    answer: str
    author: str
    checked: str = ""
