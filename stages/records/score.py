"""How near a prediction is to its reference, part by part (§3.4)."""

from pydantic import Field

from stages.records.instruction import FormatKind
from stages.records.row import Language, Record, Row
from stages.records.sample import Likelihood

Share = float | None  # 0 to 1; None: this part says nothing about this row


class Parts(Record):
    """What the blend is made of; `label` is for rows that ask for a label, chrf, cosine and facts are for all others."""

    format: Share  # 1: the answer has the asked form
    label: Share = None  # 1: the right label, whatever stands around it
    chrf: Share = None  # character n-grams shared with the reference
    cosine: Share = None  # of sentence vectors; negative ones count as 0
    facts: Share = None  # F1 of numbers, dates, names, placeholders and negations


class Score(Row):
    """A scored prediction; `id` is the test row's, `dialogue` tells which rows belong together."""

    dialogue: str
    task: str
    scene: str
    format: FormatKind
    language: Language
    finish: str
    parts: Parts
    reference_similarity: float = Field(ge=0, le=10)
    likelihood: Likelihood | None = None  # of the reference; shown beside the parts, never blended with them
