"""What a reader found wrong with labels: what measures of invention are tried on."""

from typing import Literal

from pydantic import ConfigDict

from stages.core.row import Record, Row
from stages.rows.label_quality import Rating

FaultKind = Literal[
    "invention",  # says what the conversation does not say, without contradicting it
    "wrong_speaker",  # another person said or did it
    "wrong_fact",  # contradicts the conversation: a number, a cause, a state, a plan told as done
    "order",
    "omission",  # was asked for, is in the conversation, and is missing
    "form",
    "copy",  # of the conversation or the request, instead of an answer
    "loop",
    "empty_praise",  # fits any conversation
    "other",
]


class LabelFault(Record):
    """One thing that is wrong with a label."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: FaultKind
    what: str = ""  # in the reader's words


class ReadLabel(Row):
    """What a reader says of the answer to the row `id`; without a fault it can be used as it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answer: str = ""  # its hash, where the row has several answers
    quality: Rating
    faults: tuple[LabelFault, ...] = ()

    @property
    def kinds(self) -> set[str]:
        """The kinds of its faults, each once."""
        return {fault.kind for fault in self.faults}
