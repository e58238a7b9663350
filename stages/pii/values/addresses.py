"""Addresses down to the house: a street without a number is a place, not a person's home."""

import re
from collections.abc import Iterator

from stages.pii.values.spans import Span, bare
from stages.pii.values.streets import chinese, english, foreign, military, tails
from stages.text.languages import HAN_CHARACTER

DIGIT = re.compile(r"\d")
CAPITAL = re.compile(r"[A-Z][a-z]+")
YEAR = re.compile(r"(?:1[89]|20)\d\d (?=[A-Z])")
INSTITUTION = re.compile(
    r"\d{4} (?:[A-Z]\w+ )?(?:Supreme|High|District|County|Crown|Appeals?|Federal|Circuit|Family|Superior|Municipal|Magistrates|Appellate|Constitutional|Olympic|World|National|European) "
)
IN_YEAR = re.compile(r"\b(?:in|since|the|during|until|circa|this|that) $", re.IGNORECASE)


def find(text: str) -> list[Span]:
    """Return the addresses in `text`, with all that belongs to them: unit, place, postcode, country."""
    spans = _joined([*_boxes(text), *_streets(text)])
    return [*spans, *chinese.find(text)] if HAN_CHARACTER.search(text) else spans


def _boxes(text: str) -> Iterator[Span]:
    """Yield the boxes of post offices and of armed forces, where a digit says that there may be one."""
    for pattern in military.PATTERNS if DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            start, end = tails.whole(text, *match.span("street"))
            yield Span(start, max(end, match.end()), "address", bare(match.group("street")))


def _streets(text: str) -> Iterator[Span]:
    """Yield the streets with a number; only English ones may have theirs in words."""
    patterns = [english.HOUSE]
    if DIGIT.search(text):
        patterns = [*english.PATTERNS, *foreign.PATTERNS]
    if english.STREET_WORDS.isdisjoint(CAPITAL.findall(text)):
        patterns.remove(english.HOUSE)
    for pattern in patterns:
        if pattern is foreign.CHAIN and not foreign.CHAIN_END.search(text):
            continue
        for match in pattern.finditer(text):
            if YEAR.match(text, match.start()) and (
                INSTITUTION.match(text, match.start()) or IN_YEAR.search(text[: match.start()][-12:])
            ):
                continue
            begin = match.start("street") if pattern in TOLD else match.start()
            start, end = tails.whole(text, begin, match.start() + len(match.group().rstrip(" ,.")))
            yield Span(start, end, "address", bare(match.groupdict().get("second") or match["street"]))


TOLD = (
    english.LIVES_AT,
    english.LOWER_TOLD,
    foreign.TOLD,
)  # patterns that begin with the words which say that an address comes


def _joined(spans: list[Span]) -> list[Span]:
    """Return one address for those that overlap, known by the street that was found first."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = last._replace(end=max(last.end, span.end), value=last.value)
        else:
            joined.append(span)
    return joined
