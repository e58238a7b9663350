"""How near a prediction is to its reference, part by part (§3.4)."""

from pydantic import Field

from stages.core.row import Language, Record, Row
from stages.rows.instruction import FormatKind
from stages.rows.sample import Likelihood

PartScore = float | None  # 0 to 1; None: this part says nothing about this row


class Parts(Record):
    """What the blend is made of; `label` is for rows that ask for a label, chrf, cosine and facts are for all others."""

    format: PartScore  # 1: the answer has the asked form
    label: PartScore = None  # 1: the right label, whatever stands around it
    chrf: PartScore = None  # character n-grams shared with the reference
    cosine: PartScore = None  # of sentence vectors; negative ones count as 0
    facts: PartScore = None  # F1 of numbers, dates, names, placeholders and negations


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
