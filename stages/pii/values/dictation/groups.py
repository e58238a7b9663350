"""Groups of digits as they are dictated: "07700, 900, 692", "double three", "八七四"; which of them may be parts of a number."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from stages.pii.patterns.deferred import Deferred
from stages.pii.values import spoken_numbers
from stages.pii.values.spoken_numbers import DIGITS, HAN_DIGITS, ONES, SAID, SEVERAL
from stages.pii.values.written_numbers import has_unit

FIGURES = re.compile(r"(?<![A-Za-z0-9_£$€¥₹#/:.,+-])\+?\d+[Xx]?(?![A-Za-z0-9_%/:-]|[.,]\d)", re.ASCII)
HAN_SAID = re.compile(
    rf"(?<![十百千万亿第点周期拜初零〇一二三四五六七八九幺两])(?:(?:[两二三四]个{SAID}|{SAID}){{2,}}[Xx]?|[三四]个{SAID})(?![十百千万亿个来多几成点层楼房厅卫居环期折])"
)
HUNDRED = Deferred(
    rf"(?:^|(?<=[.,?!…] ))(?P<digit>{'|'.join(ONES[1:])}) hundred(?=[.,?!…]|$)", re.IGNORECASE
)  # said by itself
HAN_SIGN = re.compile(SAID)
BETWEEN = re.compile(
    r"[ ,，、–…-]{1,4}(?:(?:um|uh|er|erm|then|and|呃|嗯|然后|那个)[ ,，、…]{1,3})?", re.IGNORECASE
)  # groups of one number
COUNTS = re.compile(
    r"(?:\b(?:units?|flats?|apartments?|apt|rooms?|levels?|floors?|pages?|clauses?|sections?|lots?|blocks?|house|suite|type|version|stage|phase"
    r"|plots?|route|bus|line|about|around|over|under|nearly|only|than|paid|pay|costs?|worth)\.? |[第栋幢楼座]|大概|大约|[一]?共|才|花了?)$",
    re.IGNORECASE,
)
MEASURES = re.compile(
    r" ?(?:层|楼|幢|房|座|个|级|期|栋|多|来|左右|以[上下内]|[-–~] ?\d|square|sqm|by \d|per\b|a (?:month|week|year)\b)"
)
YEAR = re.compile(r"(?:19|20)\d\d")
IN_YEAR = re.compile(r"\b(?:in|since|from|until|till|of|by|before|after|back in|year) $|年份?是?$", re.IGNORECASE)


class Group(NamedTuple):
    """Digits said together, from start to end of a turn."""

    start: int
    end: int
    digits: str
    spoken: bool


class Piece(NamedTuple):
    """Groups of one turn with next to nothing between them."""

    turn: int
    groups: tuple[Group, ...]

    @property
    def start(self) -> int:
        """Where the first group begins."""
        return self.groups[0].start

    @property
    def end(self) -> int:
        """Where the last group ends."""
        return self.groups[-1].end

    @property
    def digits(self) -> str:
        """The digits of all groups."""
        return "".join(group.digits for group in self.groups)


def pieces(turn: int, text: str) -> Iterator[Piece]:
    """Yield the groups of a turn, those together that belong together; quantities stand alone or are left out."""
    together: list[Group] = []
    for group in _groups(text):
        if counts(text, group.start, group.end):
            continue
        if together and not BETWEEN.fullmatch(text, together[-1].end, group.start):
            yield Piece(turn, tuple(together))
            together = []
        together.append(group)
    if together:
        yield Piece(turn, tuple(together))


def counts(text: str, start: int, end: int) -> bool:
    """Whether the words beside the digits say that they count, measure or date something."""
    before = text[max(0, start - 16) : start]
    if YEAR.fullmatch(text, start, end) and IN_YEAR.search(before):
        return True
    return bool(has_unit(text, start, end) or COUNTS.search(before) or MEASURES.match(text, end))


def figures(said: str) -> str:
    """Return the digits of a text, Chinese ones included."""
    many = SEVERAL.sub(lambda several: several[2] * int(HAN_DIGITS[several[1]]), said)
    return "".join(HAN_DIGITS.get(sign, sign) for sign in many if sign in HAN_DIGITS or sign in "0123456789")


def _signs(said: str) -> str:
    """Return the digits, and the check sign of a Chinese identity number."""
    return figures(said) + ("x" if said[-1] in "Xx" else "")


@lru_cache(maxsize=1024)
def _groups(text: str) -> tuple[Group, ...]:
    """Return groups in text order: in figures, in Chinese digits, in English words."""
    found = [Group(*m.span(), m.group().lstrip("+").lower(), spoken=False) for m in FIGURES.finditer(text)]
    if HAN_SIGN.search(text):
        found += [Group(*m.span(), _signs(m.group()), spoken=True) for m in HAN_SAID.finditer(text)]
    found += [Group(*m.span(), DIGITS[m["digit"].lower()] + "00", spoken=True) for m in HUNDRED.finditer(text)]
    english = (run for run in spoken_numbers.english(text, least=2) if run.signs.isdigit())
    return tuple(sorted([*found, *(Group(run.start, run.end, run.signs, spoken=True) for run in english)]))
