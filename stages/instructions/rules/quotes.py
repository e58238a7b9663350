"""Quotation marks and Markdown around a text that a model wrote, taken off without breaking a phrase that is quoted at one end."""

from itertools import accumulate

MARKUP = "*`_#> \n"
DOUBLE = {'"': '"', "“": "”", "「": "」", "『": "』"}  # an opening mark, and the one that closes it
SINGLE = {"'": "'", "‘": "’"}  # which are apostrophes too, so that one alone says nothing


def unquoted(text: str) -> str:
    """Return the text without Markdown at its ends, without marks around all of it and without one at an end that has no other.

    `write "not stated"` ends in the mark of its phrase, which stays.
    """
    while True:
        bare = text.strip(MARKUP)
        if _is_around(bare):
            text = bare[1:-1]
        elif _is_lone(bare, bare[:1]):
            text = bare[1:]
        elif _is_lone(bare, bare[-1:]):
            text = bare[:-1]
        else:
            return bare


def _is_around(text: str) -> bool:
    """Whether the first mark is closed by the last one: not so in `"A" or "B"`."""
    opening, inner = text[:1], text[1:-1]
    closing = (DOUBLE | SINGLE).get(opening)
    if len(text) < 2 or closing is None or text[-1] != closing:
        return False
    if opening not in inner or opening == "'":
        return opening in SINGLE or opening == closing or closing not in inner
    if opening != closing:
        depths = accumulate((mark == opening) - (mark == closing) for mark in inner)
        return min(depths, default=0) >= 0
    first = inner.index(opening)  # the next one opens a phrase within, or closes the first one
    return inner.count(opening) % 2 == 0 and (first == 0 or inner[first - 1].isspace())


def _is_lone(text: str, mark: str) -> bool:
    """Whether the mark, a double one, has no other that goes with it."""
    for opening, closing in DOUBLE.items():
        if mark and mark in (opening, closing):
            other = text.count(closing if mark == opening else opening)
            return text.count(mark) % 2 == 1 if opening == closing else text.count(mark) > other
    return False
