"""What a model thinks before it answers, told apart from the answer: the ways in which reasoning models and their servers mark it."""

import re
from typing import NamedTuple

NAMES = r"(?:think|thinking|thoughts?|reasoning|seed:think)"  # most models; ByteDance Seed
OPEN = rf"<{NAMES}>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|channel\|>(?:analysis|commentary)[^<]*<\|message\|>"
CLOSE = rf"</{NAMES}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|channel\|>final[^<]*<\|message\|>"
BEGINS = re.compile(rf"\s*(?:<\|start\|>assistant)?(?:{OPEN})", re.IGNORECASE)
OPENS, CLOSES = re.compile(OPEN, re.IGNORECASE), re.compile(CLOSE, re.IGNORECASE)
SIGNS = ("<", "[THINK]", "◁")  # without any of these there is no mark
DATA = ("{", "[{", "`")  # an answer that begins so is data, and a mark in it is quoted


class Said(NamedTuple):
    """A text without the thoughts before it."""

    text: str  # empty while the model still thinks
    thought: bool  # whether thoughts were taken off
    closed: bool  # whether they came to an end


def apart(text: str) -> Said:
    """Take off the thoughts at the beginning: marked at both ends, or at their end alone, as some templates open them themselves."""
    thought = False
    while any(sign in text for sign in SIGNS):
        begins = BEGINS.match(text)
        ends = CLOSES.search(text, begins.end() if begins else 0)
        if begins and not ends:
            return Said("", thought=True, closed=False)
        quoted = not begins and text.lstrip().startswith(DATA)
        if not ends or quoted or (not begins and OPENS.search(text, 0, ends.start())):
            break
        text, thought = text[ends.end() :], True
    return Said(text, thought, closed=True)
