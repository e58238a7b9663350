"""What is known of a label's quality (§3.3, formula (5))."""

from enum import StrEnum
from typing import Literal

from stages.core.row import Row

Rating = Literal["high", "medium", "low"]  # what a judge model or a person says
# The better first; no_fault: rules alone looked, and found nothing.
Quality = Literal["high", "no_fault", "medium", "low"]


class Flag(StrEnum):
    """What a rule found wrong with an answer."""

    FORMAT = "format"  # not in the asked form, or keys missing
    TALK = "talk"  # words to whoever asked, around the answer
    UNFILLED = "unfilled"  # blanks of a form left standing: "string", [Your Name]
    LANGUAGE = "language"
    EMPTY = "empty"
    REFUSAL = "refusal"
    CUT_OFF = "cut_off"  # ends in the middle
    ECHO = "prompt_echo"
    LOOPS = "loops"
    GENERIC = "generic"  # fits any conversation: hardly a word of it is this one's
    UNGROUNDED = "ungrounded"  # numbers, dates or names the dialogue does not hold
    LEAK = "personal_data"
    UNCOVERED = "uncovered"  # asked sub-items without an answer


class LabelQuality(Row):
    """Quality of the labelled row `id`; a person's decision overrides the judge, the judge the rules."""

    quality: Quality  # high only where a judge model or a person said so
    layer: Literal["rules", "judge", "human"]
    flags: tuple[Flag, ...] = ()
    score: float | None = None  # the judge's 1–10
    answer_id: str = ""  # which answer this is about; a person's decision may name it
    reviewer: str = ""
