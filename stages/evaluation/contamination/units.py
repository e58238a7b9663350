"""A text as the units that are compared: words, each Chinese character one, without case, width and punctuation."""

import re
import unicodedata
from collections.abc import Sequence

from stages.core.row import Language
from stages.text.languages import HAN, LETTER

UNIT = re.compile(rf"[{HAN}]|{LETTER}+")
ASCII_UNIT = re.compile(r"[a-z0-9]+")  # the same, of a text in small letters without others


def units(text: str) -> list[str]:
    """Return the units in order: NFKC makes full-width letters and digits half-width, `don't` is `don` and `t`, `3.5` is `3` and `5`."""
    if text.isascii():
        return ASCII_UNIT.findall(text.lower())
    return UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def text_of(some: Sequence[str], language: Language) -> str:
    """Return units as a text that the similarity of instructions reads."""
    return ("" if language == "zh" else " ").join(some)


def holds(row: Sequence[str], part: Sequence[str]) -> bool:
    """Whether all of `part` stands in the row, in a row; nothing stands in every row."""
    return f" {' '.join(part)} " in f" {' '.join(row)} " if part else True
