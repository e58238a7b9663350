"""What is known of a label's quality (§3.3, formula (5))."""

from enum import StrEnum
from typing import Literal

from stages.core.row import Row

Quality = Literal["high", "medium", "low"]


class Flag(StrEnum):
    """What a rule found wrong with an answer."""

    FORMAT = "format"  # not in the asked form, or keys missing
    LANGUAGE = "language"
    EMPTY = "empty"
    REFUSAL = "refusal"
    CUT_OFF = "cut_off"  # ends in the middle
    ECHO = "prompt_echo"
    LOOPS = "loops"
    UNGROUNDED = "ungrounded"  # numbers, dates or names the dialogue does not hold
    LEAK = "personal_data"
    UNCOVERED = "uncovered"  # asked sub-items without an answer


class LabelQuality(Row):
    """Quality of the labelled row `id`; a person's decision overrides the judge, the judge the rules."""

    quality: Quality
    layer: Literal["rules", "judge", "human"]
    flags: tuple[Flag, ...] = ()
    score: float | None = None  # the judge's 1–10
    answer_id: str = ""  # which answer this is about; a person's decision may name it
    reviewer: str = ""
