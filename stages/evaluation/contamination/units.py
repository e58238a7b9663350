"""A text as the units that are compared: words, each Chinese character one, without case, width and punctuation."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property

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


class Said:
    """A row's units, asked for parts of it once for each item that it may hold: they are put together once, not for every item."""

    def __init__(self, text: str) -> None:
        """Take the text of a row."""
        self.units = units(text)

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(self.units)} "

    @cached_property
    def _distinct(self) -> frozenset[str]:
        return frozenset(self.units)

    def holds(self, part: Sequence[str]) -> bool:
        """Whether all of `part` stands in the row, in a row; nothing stands in every row."""
        return not part or (self._distinct.issuperset(part) and f" {' '.join(part)} " in self._joined)
