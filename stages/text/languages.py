"""What can be said of a text by looking at it: its script, its length, whether it goes round in circles."""

import re
from collections.abc import Iterable

from stages.core.row import Language

HAN = "\u3400-\u4dbf\u4e00-\u9fff"  # the Chinese characters, for the brackets of a pattern
HAN_CHARACTER = re.compile(f"[{HAN}]")
LETTER = rf"[^\W_{HAN}]"  # or a digit, not a Chinese character
WORD = re.compile(r"[^\W_]+")  # letters and digits of any script
SPACED_WORD = re.compile(f"{LETTER}+")  # of a script that sets blanks between words
LOWER_WORD = re.compile(r"[a-z]+")  # English, of a text in lower case
LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
UNIT = re.compile(rf"[{HAN}]|{LETTER}+(?:['’.,:]{LETTER}+)*")


def language_of(text: str) -> Language | None:
    """Return the language by script: zh when there is about a Chinese character for every two Latin words; None without letters."""
    han, latin = len(HAN_CHARACTER.findall(text)), len(LATIN_WORD.findall(text))
    if not han and not latin:
        return None
    return "zh" if 2 * han > latin else "en"


def units(text: str) -> list[str]:
    """Return the text's words, lowercased; each Chinese character is one."""
    return [unit.lower() for unit in UNIT.findall(text)]


def han_count(counted: Iterable[str]) -> int:
    """Return how many of a text's units are Chinese characters."""
    return sum(1 for unit in counted if HAN_CHARACTER.fullmatch(unit))


def words(text: str) -> float:
    """Return the length in words; two Chinese characters count as one word."""
    counted = units(text)
    return len(counted) - han_count(counted) / 2


def loops(text: str, span: int = 4, share: float = 0.35) -> bool:
    """Whether at least `share` of the runs of `span` words stand earlier in the text too (texts under 5 spans: never)."""
    runs = _runs(text, span)
    return len(runs) >= 5 * span and 1 - len(set(runs)) / len(runs) >= share


def echoes(text: str, source: str, span: int = 12) -> bool:
    """Whether the text repeats a run of `span` words of `source`."""
    return not set(_runs(source, span)).isdisjoint(_runs(text, span))


def _runs(text: str, span: int) -> list[tuple[str, ...]]:
    """Return every `span` units in a row, in order."""
    counted = units(text)
    return [tuple(counted[start : start + span]) for start in range(len(counted) - span + 1)]
