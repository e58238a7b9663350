"""Do two texts state the same facts? Numbers, dates, prices, names, placeholders and negations, English and Chinese."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from stages.answers import numerals
from stages.answers.formats import UNSAID
from stages.answers.grounding import CALENDAR, HAN_NAME, NAME, NUMBERING, OWN, PLACEHOLDER, SHORT
from stages.answers.negation import denials, matched, shared
from stages.text.growing import Growing, lines, union
from stages.text.languages import HAN, SPACED_WORD, UNIT, marks

FULL = "|".join(name.capitalize() for name in CALENDAR.split() if name not in ("may", "march"))
BRIEF = "Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thu(?:rs)?|Fri"
ALSO_WORDS = "May | March | Mar | Sat | Sun"  # months and days that are other words as well
LEADS = "in | on | of | since | until | till | by | from | next | last | this | every | early | late"
DATE = re.compile(
    rf"""
    \b (?: {FULL} | {BRIEF} ) \b
    | (?: \b (?: {LEADS} ) [ ] | \d (?: st | nd | rd | th )? [ ] ) (?: {ALSO_WORDS} ) \b  # behind what leads a date in
    | \b (?: {ALSO_WORDS} ) \b (?= ,? [ ] \d )                                      # or before a number
    """,
    re.VERBOSE,
)
MAY_DATE = re.compile("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun")  # in every DATE
HAN_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
HAN_PLACE = re.compile(
    r"[^\W\da-zA-Z_的在去到和与家所个这那有]{2}(?:路|街|花园|大厦|广场|地铁站|公园|医院|小学|中学|大学)"
)
IN_HAN = re.compile(rf"(?<=[{HAN}])[A-Z][A-Za-z]+")  # a Latin name inside Chinese
LOUD = {
    "is",
    "are",
    "not",
    "no",
    "and",
    "or",
    "but",
    "all",
    "only",
    "must",
    "very",
    "full",
    "ok",
    "yes",
    "now",
}  # written in capitals
TOKEN = re.compile(f"{PLACEHOLDER.pattern}|{UNIT.pattern}")
# Between two turns, but where the first may end with the number of a list item, which takes up the end of its line.
BETWEEN = re.compile(rf"(?<!\d[.)、．])(?<![\s\]]){numerals.TURN.pattern}")
NEAR = 3  # words, Chinese characters on each side of a placeholder that tell who it is
IN_DOUBT = 1e-6  # how much more likely a placeholder stands in its own place


class Facts(NamedTuple):
    """How many facts two texts share, how many only one of them states, and how many of the answer's stand against the reference's."""

    shared: int
    missing: int  # only in the reference
    added: int  # only in the answer
    conflicts: int  # figures, names and placeholders where others stood

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the shares of each text's facts that the other one states; None if neither states any."""
        total = 2 * self.shared + self.missing + self.added
        return 2 * self.shared / total if total else None


def compare(reference: str, answer: str) -> Facts:
    """Count the facts of two texts.

    What is a fact in either text counts in both when the other one states it in another form: a figure in words, a name at the
    start of a sentence. Negations are the same when what follows them shares a word, each with one of the other text. A figure,
    name or placeholder that is missing conflicts with an added one of its kind; a figure also where it stands less often; a
    placeholder of both texts where it changed places with another one.
    """
    left, right = plain(reference), plain(answer)
    denied, denied_too = denials(left), denials(right)
    same = shared(denied, denied_too)
    found = [(same, len(denied) - same, len(denied_too) - same)]
    for of_reference, of_answer in zip(held(reference, answer), held(answer, reference), strict=True):
        both = max(sum(of_reference), sum(of_answer))
        found.append((both, of_reference.count(False), of_answer.count(False)))
    _, (_, *placeholders), _, (_, *called) = found
    in_place = [placeholders, called, _unmatched(_figures(left), _figures(right))]
    both, missing, added = map(sum, zip(*found, strict=True))
    return Facts(both, missing, added, conflicts=sum(map(min, in_place)) + exchanged(reference, answer))


def exchanged(first: str, second: str) -> int:
    """Return how many placeholders of both texts stand where the other text has another of them.

    The words around tell which is which: of all ways to pair the placeholders the one that has most of these words in common.
    """
    left, right = _around(first), _around(second)
    both = sorted(left.keys() & right.keys())
    alike = np.array([[_dice(left[one], right[other]) for other in both] for one in both]).reshape(len(both), len(both))
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - a quarter of a second to import

    places, taken = linear_sum_assignment(alike + IN_DOUBT * np.eye(len(both)), maximize=True)
    return int((places != taken).sum())


def _around(text: str) -> dict[str, set[str]]:
    """Return for each placeholder the stems, in Chinese the pairs of characters, that stand near it anywhere in the text."""
    tokens, found = list(TOKEN.finditer(text)), dict[str, set[str]]()
    for place, token in enumerate(tokens):
        if PLACEHOLDER.fullmatch(token[0]):
            first, last = tokens[max(0, place - NEAR)], tokens[min(len(tokens) - 1, place + NEAR)]
            sides = text[first.start() : token.start()], text[token.end() : last.end()]
            found.setdefault(token[0], set()).update(*(marks(PLACEHOLDER.sub(" ", side)) for side in sides))
    return found


def _dice(first: set[str], second: set[str]) -> float:
    return 2 * len(first & second) / max(1, len(first) + len(second))


def _figures(text: str) -> list[numerals.Readings]:
    return [*numerals.written(text), *numerals.spelled(text)]


def _unmatched(first: Sequence[numerals.Readings], second: Sequence[numerals.Readings]) -> tuple[int, int]:
    """Return how many figures of each text have no partner in the other one; a figure that stands twice needs two."""
    pairs = matched([[bool(left & right) for right in second] for left in first])
    return len(first) - pairs, len(second) - pairs


def held(text: str, other: str) -> Iterator[list[bool]]:
    """Yield for placeholders, figures and names whether the other text states each one of this text."""
    yield [mark in other for mark in set(PLACEHOLDER.findall(text))]
    text = plain(text)
    figures, called = set(_figures(text)), names(text)
    other = plain(other) if figures or called else ""
    values = numerals.read(other) if figures else frozenset[float]()
    yield [bool(readings & values) for readings in figures]
    known = _said(other) if called else frozenset[str]()
    yield [name in known or (not name.isascii() and name in other) for name in called]


def _said_in_line(line: str) -> frozenset[str]:
    """Return the names of a line, and its words, which may be names at the start of a sentence."""
    return frozenset(names(line) | {SHORT.get(word, word) for word in SPACED_WORD.findall(line.casefold())})


_said = Growing(_said_in_line, union)


def plain(text: str) -> str:
    """Take out placeholders, the numbers of list items, and the phrase for what was not said."""
    return _plain(text)


def _plain_part(text: str) -> str:
    text = NUMBERING.sub(" ", PLACEHOLDER.sub(" ", text))
    return UNSAID.sub(" ", text)


_plain = Growing(_plain_part, lines, BETWEEN)


def names(text: str) -> set[str]:
    """Return months and days of the week (three letters, or 周 and a character) and the names of people and places."""
    dated = DATE.findall(text) if MAY_DATE.search(text) else ()
    dates = {SPACED_WORD.findall(date.casefold())[-1][:3] for date in dated}
    inside = {SHORT.get(word, word) for name in NAME.findall(text) for word in SPACED_WORD.findall(name.casefold())}
    if text.isascii():
        return dates | (inside - OWN - LOUD)
    dates |= {f"周{day.replace('天', '日')}" for day in HAN_WEEKDAY.findall(text)}
    inside |= {name.casefold() for name in IN_HAN.findall(text)}
    return dates | (inside - OWN - LOUD) | set(HAN_NAME.findall(text)) | set(HAN_PLACE.findall(text))
