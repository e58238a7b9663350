"""Numbers in a text, written in digits or spelled out, in English and Chinese, with every value they may stand for."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from stages.rows.dialogue import PARTY_NAMES
from stages.text.growing import PARTS_AT_HAND, Growing, union
from stages.text.languages import LOWER_WORD

Readings = frozenset[float]

SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
HAN_SCALES = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS: dict[str, int] = {
    **{word: value for value, word in enumerate(SMALL.split())},
    **{word: value for value, word in enumerate(ORDINALS.split())},
    **{word: 10 * value for value, word in enumerate(TENS.split(), 2)},
    **{f"{word[:-1]}ieth": 10 * value for value, word in enumerate(TENS.split(), 2)},
}
BEGIN = WORDS.keys() | SCALES.keys()
GO_ON = {"and", "point", "a", "half", "oh"}
LOOSE = {"half": (0.5, 30), "quarter": (0.25, 15, 45), "dozen": (12,), "couple": (2,), "both": (2,), "twice": (2,)}

DIGIT = re.compile(r"\d")
DIGITS = re.compile(
    r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(:\d\d)?\s?((?:k|m|bn|hundred|thousand|million|billion)\b|[百千万亿])?",
    re.IGNORECASE,
)
HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?")
HALF = re.compile(r"\bhalf an? (hundred|thousand|million|billion)")
TURN = re.compile(rf"\n(?=(?:{'|'.join(name for names in PARTY_NAMES.values() for name in names.values())})\b)")
CLAUSES = re.compile(r"[^\w\s'’-]+|\s[-–—]\s")  # what stands between two numbers that are not one
VAGUE = {
    "one",
    "first",
    "second",
    "and",
    *SCALES,
}  # alone: a pronoun, an order of talk, a moment, what follows a figure
HAN_VAGUE = {"一", "一一", "万一", "千万", "十分", "百", "千", "万"}  # parts of words, such as 一下 and 千万别


def written(text: str) -> Iterator[Readings]:
    """Yield each number written in digits: its value, scaled ("450k", "320万"), as said in thousands or 万, and 12-hour ("14:30")."""
    for match in DIGITS.finditer(text) if DIGIT.search(text) else ():
        value = float(match[1].replace(",", ""))
        scale = (match[3] or "").casefold()
        full = value * (SCALES.get(scale) or HAN_SCALES.get(scale) or 1)
        readings = {value, full} | {full / unit for unit in (1e3, 1e4) if full >= 10 * unit and full % unit == 0}
        if match[2]:
            readings |= {value - 12} if value > 12 else set()
            minutes = float(match[2][1:])
            yield from [frozenset({minutes})] if minutes else []
        yield frozenset(round(reading, 4) for reading in readings)


def stated(text: str) -> frozenset[float]:
    """Return every value that a number of the text, in digits or words, may stand for; none goes on from one turn to the next."""
    return _stated(text)


def read(text: str) -> frozenset[float]:
    """Return what is `stated`, and the value of each number in words (`spelled`)."""
    return _read(text)


def _stated_in_turn(text: str) -> frozenset[float]:
    values = {value for readings in written(text) for value in readings}
    return frozenset(values | {round(value, 4) for value in (*english(text), *chinese(text))})


def _read_in_turn(text: str) -> frozenset[float]:
    return _stated(text).union(*_spelled(text))


_stated, _read = Growing(_stated_in_turn, union, TURN), Growing(_read_in_turn, union, TURN)


def spelled(text: str) -> Iterator[Readings]:
    """Yield each number in words by its value: "four hundred and fifty" 450, 三百二十万 3,200,000, "three seventy-two five" 3725.

    One with a half has all its readings.
    """
    return chain.from_iterable(map(_spelled, TURN.split(text)))


@lru_cache(maxsize=PARTS_AT_HAND)
def _spelled(text: str) -> tuple[Readings, ...]:
    return tuple(_spelled_in_turn(text))


def _spelled_in_turn(text: str) -> Iterator[Readings]:
    speaks = not BEGIN.isdisjoint(LOWER_WORD.findall(text.casefold()))
    for clause in CLAUSES.split(text) if speaks else ():
        for run in _runs(LOWER_WORD.findall(clause.casefold())):
            if not VAGUE.issuperset(run):
                values = _run(run) if "half" in run else [_value(run)]
                yield frozenset(round(value, 4) for value in values)
    for match in () if text.isascii() else HAN_NUMBER.finditer(text):
        if match[0] not in HAN_VAGUE or text[: match.start()].endswith("第"):
            *_, value = _han_readings(match[0])
            yield frozenset([round(value, 4)])


def english(text: str) -> Iterator[float]:
    """Yield the readings of spelled numbers: "four hundred and fifty" and "four fifty" are 450, "nineteen eighty" 1980."""
    lowered = text.casefold()
    pieces = LOWER_WORD.findall(lowered)
    yield from (SCALES[scale] / 2 for scale in (HALF.findall(lowered) if "half" in pieces else ()))
    for piece in filter(LOOSE.__contains__, pieces):
        yield from LOOSE[piece]
    for run in _runs(pieces):
        yield from _run(run)


def _runs(pieces: Sequence[str]) -> Iterator[list[str]]:
    """Yield the words of each spelled English number."""
    if BEGIN.isdisjoint(pieces):
        return
    run: list[str] = []
    for piece in (*pieces, "."):
        if piece in BEGIN or (run and piece in GO_ON):
            run.append(piece)
        elif run:
            yield run
            run = []


def _value(pieces: list[str]) -> float:
    """Return what a run of words stands for as one number; digits said one by one are set side by side."""
    part = list[float]()
    for piece in pieces:
        if piece in WORDS:
            _add(part, WORDS[piece])
        elif piece in SCALES or piece == "point":
            part = []
    if "point" not in pieces and len(part) > 1 and _joined(part) == part[-1]:
        return float("".join(f"{value:.0f}" for value in part))
    *_, value = _run(pieces)
    return value


def _run(pieces: list[str]) -> Iterator[float]:
    total, part = 0.0, list[float]()
    fraction = "" if "point" not in pieces else "".join(_digits(pieces[pieces.index("point") + 1 :]))
    extra = float(f"0.{fraction or 0}") + (0.5 if "half" in pieces else 0)
    ends = pieces.index("point") if "point" in pieces else len(pieces)
    scale_at_end = max((SCALES.get(piece, 1) for piece in pieces[ends:]), default=1)
    for piece in pieces[:ends]:
        if piece in WORDS:
            _add(part, WORDS[piece])
        elif piece == "hundred":
            part[-1:] = [(part[-1] if part else 1) * 100.0]  # said hundreds of times by a model in a loop: inf
        elif piece in SCALES:
            total += (_joined(part) or 1) * SCALES[piece]
            yield from (value * SCALES[piece] for value in (*part, _joined(part) + extra))
            part = []
    value = total + _joined(part)
    yield from (*part, value, value + extra, (value + extra) * scale_at_end)


def _digits(pieces: list[str]) -> list[str]:
    return [str(WORDS[piece]) for piece in pieces if WORDS.get(piece, 10) < 10]


def _add(part: list[float], value: float) -> None:
    """Join a word to the number before it where both make one ("twenty" "five", "four hundred" "fifty")."""
    before = part[-1] if part else None
    fits_tens = before is not None and before % 10 == 0 and before % 100 >= 20 and value < 10
    fits_hundreds = before is not None and before >= 100 and before % 100 == 0 and value < 100
    if before is not None and (fits_tens or fits_hundreds):
        part[-1] = before + value
    else:
        part.append(value)


def _joined(part: list[float]) -> float:
    """Read two numbers said in a row as one: 4, 50 as 450 and 19, 84 as 1984; else the last one."""
    if len(part) == 2 and part[0] < 100 and 10 <= part[1] < 100:
        return part[0] * 100 + part[1]
    return part[-1] if part else 0


def chinese(text: str) -> Iterator[float]:
    """Yield the readings of Chinese numerals: 三百二十万, 三万五 (35,000), 二〇二五, 三点五."""
    for numeral in () if text.isascii() else HAN_NUMBER.findall(text):
        yield from _han_readings(numeral)
    if "半" in text:
        yield from (0.5, 30)


def _han_readings(numeral: str) -> Iterator[float]:
    """Yield the readings of one numeral, the likeliest last."""
    whole, _, fraction = numeral.partition("点")
    value = _han_value(whole)
    yield value
    plain = "".join(str(HAN_DIGITS[digit]) for digit in whole if digit in HAN_DIGITS)
    if len(plain) == len(whole):
        yield float(plain)
    if fraction:
        yield float(f"{value:.0f}." + "".join(str(HAN_DIGITS[digit]) for digit in fraction))


def _han_value(text: str) -> float:
    """Add up digits × scales; a bare digit after a scale is of the next lower one."""
    total, section, digit, last = 0.0, 0.0, 0.0, 1.0
    for place, character in enumerate(text):
        if character in HAN_DIGITS:
            digit = HAN_DIGITS[character]
            last = 1.0 if character in "零〇" else last
        elif (scale := HAN_SCALES[character]) >= 1e4:
            above = total if total > scale else 0.0  # 亿 before 万
            total = above + (total - above + section + digit or 1.0) * scale
            section, digit, last = 0.0, 0.0, scale
        else:
            section += (digit or (1.0 if scale == 10 or place == 0 else 0.0)) * scale
            digit, last = 0.0, scale
    return total + section + digit * (last / 10 if last >= 100 else 1.0)
