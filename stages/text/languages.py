"""What can be said of a text by looking at it: its script, its length, whether it goes round in circles."""

import re

from stages.core.row import Language

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
LETTER = r"[^\W_\u3400-\u4dbf\u4e00-\u9fff]"  # or a digit, not a Chinese character
UNIT = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]|{LETTER}+(?:['’.,:]{LETTER}+)*")


def language_of(text: str) -> Language | None:
    """Return the language by script: zh when there is about a Chinese character for every two Latin words; None without letters."""
    han, latin = len(HAN.findall(text)), len(LATIN_WORD.findall(text))
    if not han and not latin:
        return None
    return "zh" if 2 * han > latin else "en"


def units(text: str) -> list[str]:
    """Return the text's words, lowercased; each Chinese character is one."""
    return [unit.lower() for unit in UNIT.findall(text)]


def words(text: str) -> float:
    """Return the length in words; two Chinese characters count as one word."""
    found = units(text)
    han = sum(1 for unit in found if HAN.fullmatch(unit))
    return len(found) - han / 2


def loops(text: str, span: int = 4, share: float = 0.35) -> bool:
    """Whether at least `share` of the runs of `span` words stand earlier in the text too (texts under 5 spans: never)."""
    found = units(text)
    runs = [tuple(found[n : n + span]) for n in range(len(found) - span + 1)]
    return len(runs) >= 5 * span and 1 - len(set(runs)) / len(runs) >= share


def echoes(text: str, source: str, span: int = 12) -> bool:
    """Whether the text repeats a run of `span` words of `source`."""
    found, said = units(text), units(source)
    runs = {tuple(said[n : n + span]) for n in range(len(said) - span + 1)}
    return any(tuple(found[n : n + span]) in runs for n in range(len(found) - span + 1))
