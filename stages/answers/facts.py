"""Do two texts state the same facts? Numbers, dates, prices, names, placeholders and negations, English and Chinese."""

import re
from collections.abc import Iterator

from stages.answers import numerals
from stages.answers.formats import NOT_STATED
from stages.answers.grounding import CALENDAR, HAN_NAME, NAME, NUMBERING, OWN, PLACEHOLDER, SHORT
from stages.answers.negation import denials, shared
from stages.text.languages import HAN, SPACED_WORD

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


def fact_f1(reference: str, answer: str) -> float | None:
    """Return the harmonic mean of the shares of each text's facts that the other one states; None if neither states any.

    What is a fact in either text counts in both when the other one states it in another form: a figure in words, a name at the
    start of a sentence. Negations are the same when what follows them shares a word, each with one of the other text.
    """
    both = only_reference = only_answer = 0
    for of_reference, of_answer in zip(_held(reference, answer), _held(answer, reference), strict=True):
        both += max(sum(of_reference), sum(of_answer))
        only_reference += len(of_reference) - sum(of_reference)
        only_answer += len(of_answer) - sum(of_answer)
    left, right = denials(_plain(reference)), denials(_plain(answer))
    same = shared(left, right)
    both, only_reference, only_answer = both + same, only_reference + len(left) - same, only_answer + len(right) - same
    total = 2 * both + only_reference + only_answer
    return 2 * both / total if total else None


def _held(text: str, other: str) -> Iterator[list[bool]]:
    """Yield for placeholders, figures and names whether the other text states each one of this text."""
    marks = set(PLACEHOLDER.findall(other))
    yield [mark in marks for mark in set(PLACEHOLDER.findall(text))]
    text, other = _plain(text), _plain(other)
    values = numerals.stated(other)
    yield [bool(readings & values) for readings in set(numerals.written(text))]
    other_names = names(other) | {SHORT.get(word, word) for word in SPACED_WORD.findall(other.casefold())}
    yield [name in other_names or (not name.isascii() and name in other) for name in names(text)]


def _plain(text: str) -> str:
    """Take out placeholders, the numbers of list items, and the phrase for what was not said."""
    text = NUMBERING.sub(" ", PLACEHOLDER.sub(" ", text))
    for phrase in NOT_STATED:
        text = re.sub(re.escape(phrase), " ", text, flags=re.IGNORECASE)
    return text


def names(text: str) -> set[str]:
    """Return months and days of the week (three letters, or 周 and a character) and the names of people and places."""
    dates = {SPACED_WORD.findall(date.casefold())[-1][:3] for date in DATE.findall(text)}
    dates |= {f"周{day.replace('天', '日')}" for day in HAN_WEEKDAY.findall(text)}
    inside = {SHORT.get(word, word) for name in NAME.findall(text) for word in SPACED_WORD.findall(name.casefold())}
    inside |= {name.casefold() for name in IN_HAN.findall(text)}
    return dates | (inside - OWN - LOUD) | set(HAN_NAME.findall(text)) | set(HAN_PLACE.findall(text))
