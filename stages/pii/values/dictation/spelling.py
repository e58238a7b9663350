"""What is spelled out: "T, O, double L, I", "b、s、k、z，下划线，1024", "S as in Sam", "preston dot leasing"."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

SIGN = re.compile(
    r"""
    (?P<many> \b (?: double | triple ) ) [ ] (?P<times> [A-Za-z] ) (?! [A-Za-z0-9_'’@] )
    | (?<! [A-Za-z0-9_'’@] ) (?P<letter> [A-Za-z] ) (?! [A-Za-z0-9_'’@&] ) (?: [ ] (?: for | as[ ]in ) [ ] [A-Za-z]+ )?
    | (?P<join> 下划线 | 底线 | 横杠 | 减号 | \b (?: underscore | hyphen | dash | dot ) \b )
    | (?<! [A-Za-z0-9_'’@.] ) (?P<word> [A-Za-z][A-Za-z0-9]+ | \d{1,6} ) (?! [A-Za-z0-9_'’@] | \.\w )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
MAY_SPELL = re.compile(  # two letters by themselves, or the name of a sign
    r"(?<![A-Za-z0-9])[A-Za-z][\s、，,.…-]{1,3}(?:double )?[A-Za-z](?![A-Za-z0-9])|下划线|底线|横杠|减号|underscore|hyphen|\bdash\b|\bdot\b|\b[A-Z] (?:for|as in) ",
    re.ASCII | re.IGNORECASE,
)
BESIDE_LETTER = re.compile(r"\s?[、，,…-]+\s?|\.{3} ?")
CAPITALS = re.compile(r"(?<=[A-Z])(?: |\. ?|-)(?=[A-Z](?![A-Za-z'’]))|(?<=[a-z])-(?=[a-z])")
BESIDE_SIGN = re.compile(r"\s?[、，,]?\s?")
LETTERS = 3
TIMES = {"double": 2, "triple": 3}


class Spelled(NamedTuple):
    """A stretch of a text that spells something; `joined` when it names a sign that no word of a sentence has."""

    start: int
    end: int
    signs: str  # letters and digits, in small letters
    letters: int  # said one by one
    joined: bool


@lru_cache(maxsize=1024)
def stretches(text: str) -> tuple[Spelled, ...]:
    """Return what is spelled in a text: three letters or more one by one, or words with the name of a sign between them."""
    return _stretches(text) if MAY_SPELL.search(text) else ()


def _stretches(text: str) -> tuple[Spelled, ...]:
    found, run = list[Spelled](), list[re.Match[str]]()
    for sign in SIGN.finditer(text):
        if run and not _go_on(text, run[-1], sign):
            found += _spelled(run)
            run = []
        run.append(sign)
    return (*found, *_spelled(run))


def _go_on(text: str, last: re.Match[str], sign: re.Match[str]) -> bool:
    """Whether the sign belongs to the one before it: a word does so beside the name of a sign, or figures beside a letter."""
    between = text[last.end() : sign.start()]
    if last["join"] or sign["join"]:
        return bool(BESIDE_SIGN.fullmatch(between))
    if sign["word"] or last["word"]:
        figures = (sign["word"] or "0").isdigit() and (last["word"] or "0").isdigit()
        return figures and bool(BESIDE_LETTER.fullmatch(between))
    return bool(BESIDE_LETTER.fullmatch(between) or CAPITALS.fullmatch(text, last.end(), sign.start()))


def _spelled(run: list[re.Match[str]]) -> Iterator[Spelled]:
    """Yield the run, if it spells something, without the names of signs and figures that begin it."""
    while run and not (run[0]["letter"] or run[0]["times"] or (run[0]["word"] and len(run) > 1 and run[1]["join"])):
        run = run[1:]
    if not run:
        return
    letters = sum(bool(sign["letter"]) + TIMES.get((sign["many"] or "").lower(), 0) for sign in run)
    joined = any(sign["join"] for sign in run)
    signs = "".join(map(_sign, run)).lower()
    if letters >= LETTERS or (joined and len(signs) > LETTERS and len(run) > 1):
        yield Spelled(run[0].start(), run[-1].end(), signs, letters, joined)


def _sign(sign: re.Match[str]) -> str:
    if sign["times"]:
        return sign["times"] * TIMES[sign["many"].lower()]
    return sign["letter"] or sign["word"] or ""
