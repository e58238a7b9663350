"""What is known of a label's quality (§3.3, formula (5))."""

from enum import StrEnum
from typing import Literal, get_args

from stages.core.row import Row

Rating = Literal["high", "medium", "low"]  # what a person says, or a judge model that passed its calibration
Finding = Literal["no_fault", "doubtful", "faulty"]  # what rules say: what they did not find may still be there
Quality = Rating | Finding
JUDGED: tuple[Rating, ...] = get_args(Rating)
BY_RULES: tuple[Finding, ...] = get_args(Finding)
# Which labels are taken first, and what a floor keeps: a doubtful one counts as medium there, a faulty one as low.
Floor = Literal["high", "no_fault", "medium", "low"]
LEVEL: dict[Quality, Floor] = {
    "high": "high",
    "no_fault": "no_fault",
    "medium": "medium",
    "doubtful": "medium",
    "low": "low",
    "faulty": "low",
}


class Flag(StrEnum):
    """What a rule found wrong with an answer."""

    FORMAT = "format"  # not in the asked form, or keys missing
    TALK = "talk"  # words to whoever asked, around the answer
    TEMPLATE = "template_tokens"  # marks of a chat template or of thoughts: <|im_end|>, </s>, </think>
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

    quality: Quality  # high, medium and low only where a judge model or a person said so
    layer: Literal["rules", "judge", "human"]
    flags: tuple[Flag, ...] = ()
    score: float | None = None  # the judge's 1–10
    answer_id: str = ""  # which answer this is about; a person's decision may name it
    reviewer: str = ""
