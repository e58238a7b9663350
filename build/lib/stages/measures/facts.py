"""Do two texts state the same facts? Numbers, dates, prices, names, placeholders and negations, English and Chinese."""

import re

from stages.measures import numbers
from stages.measures.formats import NOT_STATED
from stages.measures.grounding import CALENDAR, HAN_NAME, NAME, NUMBERING, OWN, PLACEHOLDER, SHORT, WORD

DATE = re.compile(rf"\b(?:{'|'.join(name.capitalize() for name in CALENDAR.split())})\b")
HAN_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
NEGATION = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)
POSITIVE = re.compile(r"\bno(?:t)? (?:more|less|fewer|later|earlier|longer|matter|only)\b", re.IGNORECASE)  # limits
HAN_NEGATION = re.compile(r"[不没无未别]")
HAN_POSITIVE = re.compile(
    r"不过|不仅|不但|不断|不错|不动产|不少|差不多|无论|别人|别墅|特别|分别|区别|级别|类别|性别|识别|未来|没问题|不客气"
)  # words that hold one of these characters and negate nothing


def fact_f1(reference: str, answer: str) -> float | None:
    """Return the harmonic mean of the shares of each text's facts that the other one states; None if neither states any.

    A figure in digits counts as stated when the other text has its value, in digits or in words. Negations are compared by
    how many there are: which word each belongs to takes a parser.
    """
    forward, backward = _held(reference, answer), _held(answer, reference)
    if not forward and not backward:
        return None
    found, wanted = sum(backward), sum(forward)
    precision = found / len(backward) if backward else 0.0
    recall = wanted / len(forward) if forward else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _held(one: str, other: str) -> list[bool]:
    """Return for each fact of `one` whether `other` states it."""
    marks = set(PLACEHOLDER.findall(other))
    held = [mark in marks for mark in sorted(set(PLACEHOLDER.findall(one)))]
    one, other = _plain(one), _plain(other)
    values = numbers.stated(other)
    held += [bool(readings & values) for readings in sorted(set(numbers.written(one)), key=sorted)]
    said = names(other) | {SHORT.get(word, word) for word in WORD.findall(other.casefold())}
    held += [name in said for name in sorted(names(one))]
    common = negations(other)
    return held + [position < common for position in range(negations(one))]


def _plain(text: str) -> str:
    """Take out placeholders, the numbers of list items, and the phrase for what was not said."""
    text = NUMBERING.sub(" ", PLACEHOLDER.sub(" ", text))
    for phrase in NOT_STATED:
        text = re.sub(re.escape(phrase), " ", text, flags=re.IGNORECASE)
    return text


def names(text: str) -> set[str]:
    """Return months and days of the week (three letters, or 周 and a character) and the names of people and places."""
    found = {SHORT[word.casefold()] for word in DATE.findall(text)}
    found |= {f"周{day.replace('天', '日')}" for day in HAN_WEEKDAY.findall(text)}
    inside = {SHORT.get(word, word) for name in NAME.findall(text) for word in WORD.findall(name.casefold())}
    return found | (inside - OWN) | set(HAN_NAME.findall(text))


def negations(text: str) -> int:
    """Return how many negations the text has."""
    return len(NEGATION.findall(POSITIVE.sub(" ", text))) + len(HAN_NEGATION.findall(HAN_POSITIVE.sub(" ", text)))
