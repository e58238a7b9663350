"""What can be said of a text by looking at it: its script, its length, whether it goes round in circles."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

from stages.core.row import Language
from stages.text.growing import Growing, in_a_row, union

HAN = "\u3400-\u4dbf\u4e00-\u9fff"  # the Chinese characters, for the brackets of a pattern
HAN_CHARACTER = re.compile(f"[{HAN}]")
HAN_RUN = re.compile(f"[{HAN}]+")
LETTER = rf"[^\W_{HAN}]"  # or a digit, not a Chinese character
WORD = re.compile(r"[^\W_]+")  # letters and digits of any script
SPACED_WORD = re.compile(f"{LETTER}+")  # of a script that sets blanks between words
LOWER_WORD = re.compile(r"[a-z]+")  # English, of a text in lower case
LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
OWN_SPAN: dict[Language, int] = {"en": 8, "zh": 14}  # words in a row of a meta-prompt that only itself would say
SIGMA = "\u03a3"  # Σ, the one letter whose small form depends on what stands around it
FEW_RUNS = 256  # looked for in a text one by one; more are compared with all of its runs
UNIT = re.compile(rf"[{HAN}]|{LETTER}+(?:['’.,:]{LETTER}+)*")
ASCII_UNIT = re.compile(r"[a-z0-9]+(?:['.,:][a-z0-9]+)*")  # the same, in small letters


def small(text: str) -> str:
    """Return the text in small letters, as long as before, each that a pattern without case takes for a small English one as that one.

    Patterns in small letters find in it what they would find in the text without case, several times sooner.
    """
    return text.lower() if text.isascii() else text.replace("İ", "i").replace("ı", "i").replace("ſ", "s").lower()


def language_of(text: str) -> Language | None:
    """Return the language by script: zh when there is about a Chinese character for every two Latin words; None without letters."""
    han, latin = len(HAN_CHARACTER.findall(text)), len(LATIN_WORD.findall(text))
    if not han and not latin:
        return None
    return "zh" if 2 * han > latin else "en"


def units(text: str) -> list[str]:
    """Return the text's words, lowercased; each Chinese character is one."""
    return list(_units(text))


def _units_of_line(line: str) -> tuple[str, ...]:
    lowered = line.lower()
    if line.isascii():
        return tuple(ASCII_UNIT.findall(lowered))
    if len(lowered) == len(line) and SIGMA not in line:  # then each letter by itself has become its small one
        return tuple(UNIT.findall(lowered))
    return tuple(unit.lower() for unit in UNIT.findall(line))


_units = Growing(_units_of_line, in_a_row)


def _vocabulary_of_line(line: str) -> frozenset[str]:
    return frozenset(_units(line))


_vocabulary = Growing(_vocabulary_of_line, union)


def han_count(counted: Iterable[str]) -> int:
    """Return how many of a text's units are Chinese characters."""
    return sum(1 for unit in counted if HAN_CHARACTER.fullmatch(unit))


def words(text: str) -> float:
    """Return the length in words; two Chinese characters count as one word."""
    return len(_units(text)) - len(HAN_CHARACTER.findall(text)) / 2


def loops(text: str, span: int = 4, share: float = 0.35) -> bool:
    """Whether at least `share` of the runs of `span` words stand earlier in the text too (of fewer than 2 spans: never)."""
    runs = runs_of(text, span)
    return len(runs) >= 2 * span and 1 - len(set(runs)) / len(runs) >= share


def counts_up(text: str, least: int = 6) -> bool:
    """Whether `least` numbers in a row, each one more than the one before, have at most two words between them."""
    numbers = [(place, int(unit)) for place, unit in enumerate(units(text)) if unit.isdecimal() and len(unit) < 6]
    run = 1
    for (before, low), (place, high) in pairwise(numbers):
        run = run + 1 if high == low + 1 and place - before <= 3 else 1
        if run >= least:
            return True
    return False


def marks(text: str) -> frozenset[str]:
    """Return what a text's content is told by: words of 4 letters and more by their first 5, numbers, pairs of Chinese characters."""
    return _marks(text)


def _marks_of_line(line: str) -> frozenset[str]:
    spaced = {unit[:5] for unit in _units(line) if len(unit) > 3 or unit.isdecimal()}
    if line.isascii():
        return frozenset(spaced)
    return frozenset(spaced | {first + second for run in HAN_RUN.findall(line) for first, second in pairwise(run)})


_marks = Growing(_marks_of_line, union)


def echoes(text: str, source: str, span: int = 12, known: str = "") -> bool:
    """Whether the text repeats a run of `span` words of `source` that does not stand in `known`."""
    there = _common_runs(text, source, span)
    return not there <= set(runs_of(known, span)) if there else False


def holds(text: str, part: str) -> bool:
    """Whether all words of `part` stand in the text, in a row."""
    return not part or tuple(units(part)) in runs_of(text, len(units(part)))


def repeated(text: str, source: str, span: int) -> float:
    """Return the share of the text's words that stand in a run of at least `span` words of `source`; 0.0 without words."""
    there = _common_runs(text, source, span)
    runs = runs_of(text, span) if there else []
    inside = {start + n for start, run in enumerate(runs) if run in there for n in range(span)}
    return len(inside) / max(len(_units(text)), 1)


def _common_runs(text: str, source: str, span: int) -> set[tuple[str, ...]]:
    """Return the runs of `span` units that both texts have; only stretches of words that both have are looked at."""
    left = _units(text)
    both = _vocabulary(source).intersection(left) if len(left) >= span else frozenset[str]()
    runs = set(_runs(left, span, both)) if both else set[tuple[str, ...]]()
    if not runs:
        return runs
    right = _units(source)
    if len(runs) > FEW_RUNS:
        return runs.intersection(_runs(right, span, both))
    words = _in_a_row(right)
    return {run for run in runs if _in_a_row(run) in words}


def _in_a_row(counted: Sequence[str]) -> str:
    """Return the units with a blank on each side, so that a run of them is found as a text: no unit has one."""
    return f" {' '.join(counted)} "


def _runs(counted: Sequence[str], span: int, among: Set[str]) -> Iterator[tuple[str, ...]]:
    """Yield every `span` units in a row that are all `among` these."""
    others = [place for place, unit in enumerate(counted) if unit not in among]
    for before, after in pairwise([-1, *others, len(counted)]):
        for start in range(before + 1, after - span + 1):
            yield tuple(counted[start : start + span])


def runs_of(text: str, span: int) -> list[tuple[str, ...]]:
    """Return every `span` units in a row, in order."""
    counted = units(text)
    return [tuple(counted[start : start + span]) for start in range(len(counted) - span + 1)]
