"""ROUGE-L of two texts, by which Self-Instruct tells a new instruction from an old one (Lin 2004; Wang et al. 2022)."""

from collections import Counter
from collections.abc import Sequence

from stages.text import languages


def rouge_l(one: Sequence[str], two: Sequence[str], least: float = 0.0) -> float:
    """Return the F-measure of the longest common subsequence of two lists of words, 0 to 1; 0.0 where it is below `least`."""
    total = len(one) + len(two)
    if not total or 2 * (Counter(one) & Counter(two)).total() < least * total:  # no order can make up for missing words
        return 0.0
    score = 2 * _common(one, two) / total
    return score if score >= least else 0.0


def words(text: str) -> list[str]:
    """Return what is compared: words in lower case, each Chinese character as one."""
    return languages.units(text)


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, a column of its table in the bits of one number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    full = (1 << len(one)) - 1
    column = full
    for word in two:
        matches = column & places.get(word, 0)
        column = (column + matches | column - matches) & full
    return len(one) - column.bit_count()
