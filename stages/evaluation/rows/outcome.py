"""General ability: questions and passages as they are asked, and what a model made of each (§3.4)."""

from typing import Literal, Self

from pydantic import Field, FiniteFloat

from stages.core.row import Language, Record, Row, content_id


class Question(Row):
    """A multiple-choice question; `answer` is the index of the right choice."""

    subject: str
    language: Language
    question: str
    choices: tuple[str, str, str, str]
    answer: int = Field(ge=0, le=3)


class Passage(Row):
    """General prose that no training touches."""

    language: Language
    kind: str
    text: str = Field(min_length=1)


Formulation = Literal["letter", "cloze", "text"]  # text: a passage, no question


class ChoiceResult(Record):
    """Log-probabilities (natural logarithm) of what may be answered, and whether the right one is preferred.

    Letter: of the answer letters; the largest is preferred. Cloze: of the choices' texts, with the `characters` of each; the
    largest per character is preferred.
    """

    right: int = Field(ge=0, le=1)
    gold: int
    log_probabilities: tuple[FiniteFloat, ...]
    characters: tuple[int, ...] = ()


class PassageLoss(Record):
    """Negative log-likelihood of a passage in nats, its tokens by the model's tokenizer and its characters."""

    nll: FiniteFloat
    tokens: int
    characters: int


class BenchmarkOutcome(Row):
    """What a model made of one item; the id is the hash of suite, subject, shots, formulation and item: the same for every model.

    `again` is what it made of it read a second time, in other batches; None: it was read once.
    """

    suite: str
    subject: str
    language: Language
    shots: int
    formulation: Formulation
    item: str
    result: ChoiceResult | PassageLoss
    again: ChoiceResult | PassageLoss | None = None

    @classmethod
    def new(cls, **fields: object) -> Self:
        """Make an outcome with its id."""
        key = content_id(*(fields[name] for name in ("suite", "subject", "shots", "formulation", "item")))
        return cls.model_validate({**fields, "id": key})
