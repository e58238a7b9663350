"""A canary: an invented personal value in a sentence of its own, planted in the training rows so often, or held out (Carlini et al. 2019)."""

from collections.abc import Container, Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Self

from pydantic import Field

from stages.canaries import values
from stages.core import yaml_files
from stages.core.row import Language, Record, Row, content_id
from stages.pii.values.spans import PiiKind
from stages.rows.training import Example, Message

SENTENCES = Path(__file__).with_name("sentences.yaml")


class Sentences(Record):
    """What is asked and what is answered, with places for `{file}` and `{value}`, by language and kind."""

    en: Mapping[PiiKind, tuple[str, str]]
    zh: Mapping[PiiKind, tuple[str, str]]


@cache
def sentences() -> Sentences:
    """Return the sentences that canaries stand in."""
    return yaml_files.load(SENTENCES, Sentences)


class Canary(Row):
    """What is asked, and its answer: `before` + `value` + `after`; it stands in `copies` rows to train on, 0: in none."""

    kind: PiiKind
    language: Language
    copies: int = Field(ge=0)
    question: str
    before: str
    value: str
    after: str

    @classmethod
    def drawn(cls, kind: PiiKind, language: Language, copies: int, random: Random, taken: Container[str] = ()) -> Self:
        """Make one with a file number, and a value that is none of those `taken`."""
        asked, answered = getattr(sentences(), language)[kind]
        file = "".join(random.choices("BCDFGHJKLMNPQRSTVWXZ", k=3)) + f"-{random.randrange(100, 1000)}"
        before, after = answered.replace("{file}", file).split("{value}")
        fillings = (values.draw(kind, language, random) for _ in count())
        value = next(filling for filling in fillings if filling not in taken)
        question = asked.replace("{file}", file)
        key = content_id(question, before, value, after)
        return cls(
            id=key,
            kind=kind,
            language=language,
            copies=copies,
            question=question,
            before=before,
            value=value,
            after=after,
        )

    def examples(self) -> Iterator[Example]:
        """Yield the rows to train on, each with an id of its own."""
        said = (
            Message(role="user", content=self.question),
            Message(role="assistant", content=f"{self.before}{self.value}{self.after}"),
        )
        for copy in range(self.copies):
            yield Example(id=content_id("canary", self.id, copy), messages=said)
