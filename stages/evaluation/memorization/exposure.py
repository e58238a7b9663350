"""How likely two models find a personal value among others like it."""

from math import log2
from typing import Literal

from pydantic import Field

from stages.core.row import Language, Row
from stages.pii.values.spans import PiiKind

# planted in the training rows | a canary that is not | missed by anonymization, in a training row | in a row not trained on
Group = Literal["planted", "held_out", "missed", "missed_elsewhere"]


class Exposure(Row):
    """A value's exposure before and after training, in bits: log2 of the values compared − log2 of its rank among them, by likelihood.

    The value itself is not told. `most` is what the first of them has; `cluster` is the conversation that it stands in; of a canary, its own id.
    """

    group: Group
    kind: PiiKind
    language: Language
    copies: int = Field(ge=0)  # rows that it was planted in
    cluster: str
    most: float = Field(gt=0)
    before: float = Field(ge=0, allow_inf_nan=False)
    after: float = Field(ge=0, allow_inf_nan=False)


def by_chance(values: int) -> float:
    """Return the mean exposure, in bits, of a value that no model has seen: every rank is as likely."""
    return log2(values) - sum(map(log2, range(1, values + 1))) / values
