"""What a judge model makes of an answer (§3.4), and of two answers to one task."""

from typing import Literal

from pydantic import Field

from stages.core.dropped import Reason
from stages.core.row import Row

Method = Literal["logprobs", "samples"]
Preference = Literal["win", "tie", "loss"]


class Grade(Row):
    """The grade of the answer `id`; without a score, `fault` says why the (last) verdict gave none."""

    score: float | None = Field(default=None, ge=1, le=10)
    fault: Reason | None = None
    method: Method | None = None  # the score's expectation by token probabilities, or the mean of sampled verdicts
    samples: int = 0  # verdicts the score rests on
    unparsable: int = 0  # verdicts that gave no score; they count nowhere else


class Comparison(Row):
    """Two answers to task `id`, judged in both orders; `outcome` is the first one's.

    A judge that changes its mind with the order is inconsistent, and the outcome a tie; without two verdicts there is none.
    """

    outcome: Preference | None = None
    consistent: bool | None = None
    fault: Reason | None = None
    first: int = (
        0  # verdicts for the answer shown first: half of those that choose, from a judge without a bias of position
    )
    ties: int = 0  # verdicts for neither
