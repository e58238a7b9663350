"""Phone numbers, accounts, cards, identity numbers, plates and codes, in digits or spoken, told from prices and dates.

A number is personal when it is long enough to belong to somebody, or when the words around it say so.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric
from stdnum.us import ssn

from stages.pii.values import cues, spoken_numbers
from stages.pii.values.spans import PiiKind, Span, bare

LONG = 7  # digits from which a number that is no quantity is taken for a phone number, account …
LONGEST_PHONE = 15  # digits, country code included (ITU-T E.164)
TIGHT = 28  # characters between a cue and a short code
DIGIT_RUN = re.compile(
    r"""
    (?<! [\w.,/£$€¥+-] )
    (?: \+ | \(\+? )? \d
    (?: [ .()/-]? \d | [ ]? [-–] [ ]? \d | \) [ -]{0,2} \d | [ ] \( \d ){1,24}
    (?: [Xx] \b )?
    (?! [\w%] ) (?! ,\d{3} ) (?! \.\d )  # not the beginning of a longer figure
    """,
    re.VERBOSE,
)
HAN_DIGITS = re.compile(r"(?<![\d.])\d(?:[ -]?\d){3,}[Xx]?(?![\d.])")
MIXED = re.compile(
    r"""
    (?<! [\w@.-] ) (?! QQ )
    (?= [A-Z0-9 -]{0,30} [A-Z] ) (?= [A-Z0-9 -]{0,30} \d )  # at least a letter and a digit
    [A-Z0-9]{1,20} (?: [ -] [A-Z0-9]{1,20} ){0,3} [\#!]?
    (?! [\w@-] )
    """,
    re.VERBOSE,
)
STRONG = re.compile(r"(?<!zip )(?<!post )(?<!area )\b(?:codes?|pin|combination)\b[^\d]*$", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
CLOCK = re.compile(r"\b(?:at|by|until|from|before|after) $")
HOUR = re.compile(r"(?:[01]\d|2[0-3])(?:00|15|30|45)")
SINGLE = re.compile(r"\d(?:[ -]\d){3,}")  # digit by digit: read out, if in writing
SHORT = re.compile(
    r"(?<![A-Za-z0-9_.,£$€¥/-])#?(?:[A-Z]{0,2}\d{3,6}[A-Z]?[#*井]?|[A-Z]-\d{3,6}|\d\d[A-Z]?#)(?![A-Za-z0-9_%-]|[.,]\d)"
)
MONEY = re.compile(r"[£$€¥]\s?$|(?:\b(?:usd|sgd|aud|rs|rm|hk|price|asking|offer))\s?$", re.IGNORECASE)
UNIT = re.compile(
    r"""
    \s?
    (?: % | percent | per[ ]cent | sq | square | m2 | m² | ft | feet | metres? | meters? | km | kw | k\b | m\b | am\b | pm\b
      | dollars? | euros? | pounds? | quid | bucks | grand
      | years? | months? | weeks? | days? | hours? | steps | units? | people | miles?
      | 元|万|平|块|年|月|号楼|室|栋|单元|号|分|米|岁|天 )
    """,
    re.IGNORECASE | re.VERBOSE,
)
YEAR_DIGITS = r"(?:19|20) \d\d"
MONTH, DAY = r"(?: 0?[1-9] | 1[0-2] )", r"(?: 0?[1-9] | [12]\d | 3[01] )"
DATE = re.compile(
    rf"""
    {YEAR_DIGITS} [-/.\ ] {MONTH} [-/.\ ] {DAY}
    | {DAY} [-/.] {DAY} [-/.] (?: \d\d | {YEAR_DIGITS} )  # the month first or the day first
    | (?: {YEAR_DIGITS} [ /-]* )+
    """,
    re.VERBOSE,
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+")
STAMP = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:$| )|\d{1,3}(?:\.\d{1,3}){3}$")  # a time stamp, an IP address
TWO = re.compile(r"[1-9]\d{3,4} \d{3}")  # numbers side by side: no phone number is grouped so
SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
CHINESE_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][ ·•]?[A-Z0-9]{5,6}(?![A-Z0-9])"
)
LAST_FOUR = re.compile(
    r"(?:end(?:s|ing)? (?:in|with)|last (?:four|4)(?: digits)?(?: (?:are|is))?)[ :,]*$", re.IGNORECASE
)
PHONE = re.compile(
    r"\+.*|\(.*|0\d{2,4}[ -].*|0[1-9]\d{8,9}|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}|(?:86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}"
)
NOT_DIGIT = re.compile(r"\D")
BEFORE = 40  # characters before a number in which money or "ending in" counts
LONG_KINDS: dict[PiiKind | None, PiiKind | None] = {
    None: None,
    "phone": "phone",
    "account": "account",
    "bank_card": "bank_card",
    "id_number": "id_number",
}
SPELLED_KINDS: dict[PiiKind | None, PiiKind] = {
    "account": "account",
    "id_number": "id_number",
    "plate": "plate",
    "door_code": "door_code",
    "password": "password",
}
CODES = {"account", "bank_card", "door_code", "password"}
LAST: dict[PiiKind | None, PiiKind] = {"bank_card": "bank_card", "phone": "phone"}


FOR_DOOR = re.compile(
    r" (?:for|on|opens|at) the (?:\w+ )?(?:door|gate|lobby|entrance|garage|side|front|back|shed|lock)"
)
ALONE_BEFORE = re.compile(r"(?:^|[.?!:,] |\n)$")
ALONE_AFTER = re.compile(r"[.!,]?(?:\s|$)")


class Number(NamedTuple):
    """A number as it stands in a turn."""

    turn: int
    start: int
    end: int
    digits: str  # and letters, where they were read out
    spoken: bool
    coded: bool


def find(turns: list[str]) -> list[list[Span]]:
    """Return the personal numbers of each turn; a part repeated elsewhere in the dialogue counts as the whole."""
    spans: list[list[Span]] = [[] for _ in turns]
    candidates = [number for turn, text in enumerate(turns) for number in _numbers(turn, text)]
    for number in candidates:
        if kind := _kind(turns, number):
            spans[number.turn].append(Span(number.start, number.end, kind, _value(kind, number.digits)))
    for turn in range(len(turns)):
        spans[turn] += _codes(turns, turn)
    known = {(span.kind, span.value, NOT_DIGIT.sub("", span.value)) for turn_spans in spans for span in turn_spans}
    wholes = sorted(entry for entry in known if len(entry[2]) >= 4)
    for number in candidates:
        spans[number.turn] += _repeats(turns, number, wholes)
    return spans


def _numbers(turn: int, text: str) -> list[Number]:
    written = [m for pattern in (DIGIT_RUN, HAN_DIGITS) for m in pattern.finditer(text)]
    made = [
        Number(
            turn,
            m.start(),
            m.end(),
            NOT_DIGIT.sub("", m.group()),
            bool(SINGLE.fullmatch(m.group())),
            bool(SINGLE.fullmatch(m.group())),
        )
        for m in written
    ]
    return made + [Number(turn, run.start, run.end, run.signs, True, run.coded) for run in spoken_numbers.runs(text)]


def _kind(turns: list[str], number: Number) -> PiiKind | None:
    """Return what kind of personal number it is, or None for a quantity."""
    text = turns[number.turn]
    shown = text[number.start : number.end]
    if ric.is_valid(shown) or (SSN.fullmatch(shown) and ssn.is_valid(shown)):
        return "id_number"
    if not number.spoken and _is_quantity(text, number.start, number.end):
        return None
    if not number.digits.isdigit():
        return _spelled_kind(turns, number)
    if len(number.digits) < LONG:
        return _short_kind(turns, number)
    around = cues.around(turns, number.turn, number.start, number.end)
    return _long_kind(text, number, around)


def _long_kind(text: str, number: Number, around: list[PiiKind | None]) -> PiiKind | None:
    """Return the kind of a number of seven digits or more: its form, unless a cue stands right before it."""
    shown = text[number.start : number.end]
    if 16 <= len(number.digits) <= 19 and number.digits.startswith("62"):  # UnionPay
        return "bank_card"
    allowed = LONG_KINDS.keys() - ({"phone"} if len(number.digits) > LONGEST_PHONE else set())
    near = [LONG_KINDS[kind] for kind, gap in cues.before(text, number.start) if gap <= TIGHT and kind in allowed]
    if near and near[0] != "phone":
        return near[0]
    if 13 <= len(number.digits) <= 19 and luhn.is_valid(number.digits):
        return "bank_card"
    if shown[-1] in "Xx" and not number.spoken:
        return "id_number"
    if near or PHONE.fullmatch(shown) or (number.spoken and 9 <= len(number.digits) <= 12):
        return "phone"
    if TWO.fullmatch(shown):
        return None
    kinds = [LONG_KINDS[kind] for kind in around if kind in allowed]
    return kinds[0] if kinds else "account" if len(number.digits) > 11 else "phone"


def _spelled_kind(turns: list[str], number: Number) -> PiiKind:
    """Return the kind of a code read out with letters in it: nobody spells a quantity."""
    around = cues.around(turns, number.turn, number.start, number.end)
    kinds = [SPELLED_KINDS[kind] for kind in around if kind in SPELLED_KINDS]
    return "door_code" if number.digits[-1] in "*#" else kinds[0] if kinds else "plate"


def _short_kind(turns: list[str], number: Number) -> PiiKind | None:
    """Return the kind of a number of three to six digits: only the words around can tell."""
    text, size = turns[number.turn], len(number.digits)
    near = [kind for kind, distance in cues.before(text, number.start) if distance <= TIGHT]
    if size >= 4 and LAST_FOUR.search(text[max(0, number.start - BEFORE) : number.start]):
        return next((LAST[kind] for kind in near if kind in LAST), "account")
    if size >= 4 and number.spoken:
        around = [kind for kind in cues.around(turns, number.turn, number.start, number.end) if kind]
        asked = [kind for kind in around if kind in CODES]
        if asked[:1] == ["password"] and "door_code" in around[:3]:
            return "door_code"
        return asked[0] if asked and (number.coded or asked[0] in around[:2]) else "door_code" if number.coded else None
    return next((kind for kind in near if kind in {"account", "bank_card", "id_number"} and size >= 5), None)


def _is_quantity(text: str, start: int, end: int) -> bool:
    shown = text[start:end]
    if DATE.fullmatch(shown.strip()) or STAMP.match(shown) or _has_unit(text, start, end):
        return True
    return bool(THOUSANDS.fullmatch(shown)) and not cues.before(text, start, 40)


def _has_unit(text: str, start: int, end: int) -> bool:
    return bool(MONEY.search(text[max(0, start - BEFORE) : start]) or UNIT.match(text, end))


def _codes(turns: list[str], turn: int) -> list[Span]:
    """Return plates, identity numbers and door codes that mix letters and digits, and short codes behind their cue."""
    text = turns[turn]
    spans = [Span(m.start(), m.end(), "plate", bare(m.group())) for m in CHINESE_PLATE.finditer(text)]
    for match in MIXED.finditer(text):
        letters_digits = bare(match.group())
        if len(letters_digits) >= 6 and sum(map(str.isdigit, letters_digits)) >= 3:
            kinds = cues.around(turns, turn, match.start(), match.end())
            kind = next((k for k in kinds if k in {"plate", "id_number", "account", "password"} or k is None), None)
            spans += [Span(match.start(), match.end(), kind, letters_digits)] if kind else []
    return spans + _door_codes(turns, turn)


def _door_codes(turns: list[str], turn: int) -> list[Span]:
    """Return short codes that a door, gate or lock opens with."""
    text, spans = turns[turn], list[Span]()
    for match in SHORT.finditer(text):
        if not _has_unit(text, match.start(), match.end()) and (
            _opens(turns, turn, match) or (spans and match.start() - spans[-1].end <= TIGHT // 2)
        ):
            spans.append(Span(match.start(), match.end(), "door_code", bare(match.group())))
    return spans


def _opens(turns: list[str], turn: int, match: re.Match[str]) -> bool:
    """Whether the cue before the code speaks of a door, or it answers to a turn that does, or "for the side door" follows."""
    text = turns[turn]
    if match.group().endswith("#") or FOR_DOOR.match(text, match.end()):
        return True
    if CLOCK.search(text[max(0, match.start() - 8) : match.start()]) and HOUR.fullmatch(match.group()):
        return False
    strong = STRONG.search(text[max(0, match.start() - cues.NEAR) : match.start()])
    if strong and len(bare(match.group())) >= 4 and not YEAR.fullmatch(match.group()):
        return True
    near = [
        (kind, text[match.start() - gap : match.start()])
        for kind, gap in cues.before(text, match.start())
        if gap <= TIGHT
    ]
    if near:
        return near[0][0] == "door_code" and ". " not in near[0][1]
    alone = ALONE_BEFORE.search(text[max(0, match.start() - 4) : match.start()]) and ALONE_AFTER.match(
        text, match.end()
    )
    asked = [kind for n in range(max(0, turn - 2), turn) for kind, _ in cues.before(turns[n], len(turns[n]), cues.TURN)]
    return bool(alone) and "door_code" in asked


def _repeats(turns: list[str], number: Number, wholes: Sequence[tuple[PiiKind, str, str]]) -> list[Span]:
    """Return the number as a repeated end or group of a personal number (kind, value, digits) of the dialogue."""
    text = turns[number.turn]
    if not number.spoken and (len(number.digits) < 4 or _is_quantity(text, number.start, number.end)):
        return []
    anywhere = number.spoken and len(number.digits) > 3
    for kind, value, whole in wholes:
        if len(number.digits) < len(whole) and (number.digits in whole if anywhere else whole.endswith(number.digits)):
            return [Span(number.start, number.end, kind, value)]
    return []


def _value(kind: PiiKind, digits: str) -> str:
    """Return what spellings of one number share: phones with and without country code end alike."""
    return digits[-9:] if kind == "phone" and len(digits) > 9 else digits
