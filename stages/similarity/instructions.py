"""How alike two instructions are, by their words: no model is loaded, and the figure is the same on every machine."""

import re
from collections import Counter
from functools import lru_cache
from math import sqrt

from stages.core.row import Language
from stages.text import languages

STEM = 5  # letters by which forms of an English word are told
# English words that two instructions share whatever they are about.
ORDINARY_WORDS = """
    a an the this that these those of to and or but in on for with by from as at into than then so if is are was were be been
    being it its they them their he she his her you your we our who whom whose what which when where how why whether do does
    did has have had can could will would should may must not no nor any all both each every other some such one two three
    more most only also there here about
"""
ORDINARY = frozenset(ORDINARY_WORDS.split())


def instruction_similarity(first: str, second: str, language: Language) -> float:
    """Return the cosine of what the texts are made of, 0 to 1: pairs of Chinese characters, or stems of English words.

    Unrelated instructions of one task have .05 to .10 at the median (the real-estate pack), a child that adds a sentence .8 to
    .9, one in wholly other words .1 and more.
    """
    left, right = terms(first, language), terms(second, language)
    shared = sum(count * right[term] for term, count in left.items())
    return shared / sqrt(_square(left) * _square(right)) if shared else 0.0


@lru_cache(maxsize=1 << 14)
def terms(text: str, language: Language) -> Counter[str]:
    """Return what a text is told by, with counts; the result is shared, do not change it."""
    if language == "zh":
        characters = re.sub(r"[\W_]+", "", text.lower())
        return Counter(characters[place : place + 2] for place in range(len(characters) - 1))
    return Counter(unit[:STEM] for unit in languages.units(text) if unit not in ORDINARY)


def _square(counts: Counter[str]) -> int:
    return sum(count * count for count in counts.values())
