"""How near a prediction is to its reference, part by part (§3.4)."""

from pydantic import Field

from stages.core.row import Language, Record, Row
from stages.rows.instruction import FormatKind
from stages.rows.sample import Likelihood

PartScore = float | None  # 0 to 1; None: this part says nothing about this row


class Parts(Record):
    """What the blend is made of; `label` is for rows that ask for a label, all below it are for the other rows.

    facts, words and cosine say how much of the reference is there, and how little else; from `agreement` on 1 means no fault.
    """

    format: PartScore  # 1: the answer has the asked form
    label: PartScore = None  # 1: the answer is the right label
    facts: PartScore = None  # F1 of numbers, dates, names, placeholders and negations
    words: PartScore = None  # F1 of word stems, in Chinese of pairs of characters
    cosine: PartScore = None  # of sentence vectors; negative ones count as 0
    agreement: PartScore = None  # 1/(1 + n): n facts stand against the reference's
    order: PartScore = None  # shared words stand side by side as in the reference
    own: PartScore = None  # 1 less the share that is copied from the prompt and its conversation
    language: PartScore = None  # the reference's
    length: PartScore = None  # how much of it fits the room that the reference gives
    loop: PartScore = None  # 1 less the share of its runs of words that it has said before
    reply: PartScore = None  # 0: it declines


class Atomic(Record):
    """What an answer states of its row's atomic facts, in numbers; docs/fact-f1.md."""

    facts: int = Field(gt=0)  # that a full answer states
    stated: int  # of these
    wrong: int  # near misses, named with the reference, that the answer states
    made_up: int  # figures, names and placeholders from nowhere

    @property
    def recall(self) -> float:
        """The share of the facts that is stated."""
        return self.stated / self.facts

    @property
    def precision(self) -> float:
        """The share of what is stated that is true; 0 where nothing is stated."""
        return self.stated / max(1, self.stated + self.wrong + self.made_up)

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision."""
        return 2 * self.stated / (self.facts + self.stated + self.wrong + self.made_up)


class Score(Row):
    """A scored prediction; `id` is the test row's, `dialogue` tells which rows belong together.

    Where no answer came (`finish` says why), nothing but the reference's likelihood is known, and all scores are None.
    """

    dialogue: str
    task: str
    scene: str
    format: FormatKind
    language: Language
    finish: str
    parts: Parts
    reference_similarity: float | None = Field(ge=0, le=10)
    grade: float | None = Field(default=None, ge=1, le=10)  # by a judge that passed; None: no such judge, or no verdict
    likelihood: Likelihood | None = None  # of the reference; shown beside the parts, never blended with them
    atomic: Atomic | None = None  # None: the row has no facts; a measure of its own, never blended either
    unseen: bool = False  # no training instruction has the requirement of the row's
