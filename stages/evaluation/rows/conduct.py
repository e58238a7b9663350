"""What a model did when it was asked for conduct, item by item (docs/conduct.md)."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from stages.core.row import Language, Row

Subject = Literal["harmful", "benign", "format", "language", "memory"]
SUITES: Mapping[
    Subject, str
] = {  # what one constant answer cannot win in all parts of: who always refuses is wrong on the benign
    "harmful": "refusal",
    "benign": "refusal",
    "format": "format",
    "language": "language",
    "memory": "memory",
}


class ConductOutcome(Row):
    """Whether the answer to an item is right; None: no answer came, for which the model is not to blame. The id is the item's.

    `again` is the same of the answer given when it was asked a second time, in other company; None too where it was asked once.
    `ignorant` says of each answer that knows nothing of the request whether it would have been right; `family` names items of
    one kind, which are counted together.
    """

    subject: Subject
    language: Language
    family: str
    right: int | None = Field(ge=0, le=1)
    again: int | None = Field(default=None, ge=0, le=1)
    finish: str
    answer: str
    ignorant: dict[str, int]
