"""A benchmark item that stands in what a model was trained on."""

from typing import Literal

from pydantic import Field

from stages.core.row import Language, Record

Rule = Literal["ngram", "question", "near"]  # docs/overlap.md says what each asks


class Hit(Record):
    """One item, and the row that shows most of it; never a word of either.

    `suite`, `subject` and `item` name the item as `BenchmarkOutcome` does. `length` of its `units` (words, Chinese characters) stand
    in the row one after another; `similarity` is the cosine that rule `near` found, None under another rule. `rows` counts the
    rows, of all files, in which a rule finds the item.
    """

    suite: str
    subject: str
    item: str
    language: Language
    row: str
    file: str
    rule: Rule
    length: int = Field(ge=1)
    units: int = Field(ge=1)
    similarity: float | None = Field(ge=0, le=1.01, allow_inf_nan=False)
    rows: int = Field(ge=1)
