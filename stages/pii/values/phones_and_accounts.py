"""Phone numbers, accounts, cards and identity numbers, in figures or spoken, told from prices and dates.

A number is personal when it is long enough to belong to somebody, or when the words around it say so.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stdnum import luhn
from stdnum.us import ssn

from stages.pii.patterns.deferred import Deferred
from stages.pii.values import codes, cues, identity_numbers, spoken_numbers, written_numbers
from stages.pii.values.identity_numbers import is_chinese
from stages.pii.values.spans import PiiKind, Span
from stages.pii.values.written_numbers import BEFORE, SCORES, TIGHT, is_listed, is_quantity

LONG = 7  # digits from which a number that is no quantity is taken for a phone number, account …
LONGEST_PHONE = 15  # digits, country code included (ITU-T E.164)
SINGLE = re.compile(r"\d(?:[ -]\d){3,}")  # digit by digit: read out, if in writing
LABELLED = 5  # digits of a number that "Tel:" makes a phone number
CLOSE = 12  # characters in which a cue ends right before its number
TWO = re.compile(r"[1-9]\d{3,4} \d{3}")  # numbers side by side: no phone number is grouped so
SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
LAST_FOUR = re.compile(
    r"(?:end(?:s|ing)? (?:in|with)|(?:cards?|accounts?|visa|mastercard|amex|phone|mobile|number|one) (?:end|finish)(?:s|ing|es)?|finish(?:es|ing) (?:in|with)|(?:last|final) (?:three|four|five|six|seven|eight|[3-8])(?: digits| numbers| figures| characters)?(?: (?:of|on) (?:my|the|your|his|her|our) \w+(?: \w+)?)?(?: (?:are|is))?|(?P<han>结尾|末尾|[后後]面[三四五六3-6]位|結尾|尾号|尾號|尾数|(?:最[后後]|[末后後尾])[三四五六七八3-8][位个](?:数字?|号码)?))(?:[ :,：，]|号|是|为|為|分别)*$",
    re.IGNORECASE,
)
ENDS_SO = re.compile(
    r" ?(?:(?:is|are|were) (?:the |my |its )?(?:last|final) |at the end\b|结尾|結尾|收尾|是(?:它|卡|卡的)?(?:尾号|[末后後][四4]位))",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"\+.*|\(.*|0\d{2,4}[ -].*|0[1-9]\d{8,9}|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}|(?:86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}"
)
EXTENSION = re.compile(
    r"[ ,，]*(?:x|ext(?:ension|n)?\b\.?|转|轉|分机|分機|内线)[ :：]{0,2}号?[ ]?\d{1,6}(?!\d)", re.IGNORECASE
)
SAID_OF = re.compile(
    r"[\s:#.,]*(?:(?:numbers?|no|id|is|was|code|ref)[\s:#.,]+)*"
)  # between a paper's name and its number
OTHER = re.compile(r"\d{4}")  # of another number, which a cue before it speaks of
KEY = re.compile(r"\b(?:pound|hash|star) $", re.IGNORECASE)
CHECK_SIGN = re.compile(rf"{spoken_numbers.SAID}[Xx]")
LABEL = re.compile(
    r"(?:\b(?:tel(?:ephone)?|phone|mobile|mob|cell|fax|desk|whatsapp)\b\.?(?: (?:no\.?|number))?|电话|手机|座机|传真)\s?[:：]\s?$",
    re.IGNORECASE,
)
MASKED = Deferred(
    r"(?<!\w)(?:\d{0,4}[*•·]{2,}+(?:[ -][*•·]{2,}+)*+[ -]?|(?:[xX]{4}[ -]){1,3})(?P<end>\d{3,6})(?![\w.,]\d|\d)"
)
HALF_SAID = re.compile(rf"(?<![\d.])1[3-9](?:[ ，,-]?(?:\d|{spoken_numbers.SAID})){{9}}(?!\d|{spoken_numbers.SAID})")
NOT_DIGIT = re.compile(r"\D")
DIGIT = re.compile(r"\d")
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
LAST_HAN: tuple[PiiKind, ...] = ("bank_card", "phone", "id_number", "account")
LAST: dict[PiiKind | None, PiiKind] = {"bank_card": "bank_card", "phone": "phone", "id_number": "id_number"}


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
    turns = [written_numbers.narrow(text) for text in turns]
    candidates = [number for turn, text in enumerate(turns) for number in _numbers(turn, text)]
    spans = [list(identity_numbers.find(text)) for text in turns]
    for number in candidates:
        if kind := _kind(turns, number):
            end = _end(turns[number.turn], number.end) if kind == "phone" else number.end
            start = _start(turns[number.turn], number) if kind == "door_code" else number.start
            spans[number.turn].append(Span(start, end, kind, _value(kind, number.digits)))
    for turn, text in enumerate(turns):
        if DIGIT.search(text):
            spans[turn] += [
                Span(*m.span(), "phone", _value("phone", _figures(m.group()))) for m in HALF_SAID.finditer(text)
            ]
            spans[turn] += [Span(*m.span(), "bank_card", m["end"]) for m in MASKED.finditer(text)]
            spans[turn] += codes.find(turns, turn)
    known = {(span.kind, span.value, NOT_DIGIT.sub("", span.value)) for turn_spans in spans for span in turn_spans}
    wholes = sorted(entry for entry in known if len(entry[2]) >= 4)
    for number in candidates:
        spans[number.turn] += _repeats(turns, number, wholes)
    return spans


def _start(text: str, number: Number) -> int:
    """Return where a code begins: with the key that is said before it, if one is."""
    key = KEY.search(text[max(0, number.start - 6) : number.start]) if number.spoken else None
    return number.start - len(key.group()) if key else number.start


def _end(text: str, end: int) -> int:
    """Return where a phone number ends that goes on to `end` at least: behind its extension, if it has one."""
    extension = EXTENSION.match(text, end)
    return extension.end() if extension else end


def _numbers(turn: int, text: str) -> list[Number]:
    made = []
    for start, end in written_numbers.stretches(text) if DIGIT.search(text) else ():
        single = bool(SINGLE.fullmatch(text, start, end)) and not SCORES.fullmatch(text, start, end)
        made.append(Number(turn, start, end, NOT_DIGIT.sub("", text[start:end]), single, single))
    return made + [Number(turn, run.start, run.end, run.signs, True, run.coded) for run in spoken_numbers.runs(text)]


def _kind(turns: list[str], number: Number) -> PiiKind | None:
    """Return what kind of personal number it is, or None for a quantity."""
    text = turns[number.turn]
    shown = text[number.start : number.end]
    if is_chinese(shown) or (SSN.fullmatch(shown) and ssn.is_valid(shown)):
        return "id_number"
    if not number.spoken and is_quantity(text, number.start, number.end):
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
    if cues.before(text, number.start, CLOSE)[:1] == [("password", 0)]:
        return "password"
    is_phone = bool(PHONE.fullmatch(shown))
    near = [
        LONG_KINDS[kind]
        for kind, gap in cues.before(text, number.start)
        if gap <= TIGHT and kind in allowed and not (is_phone and OTHER.search(text, number.start - gap, number.start))
    ]
    if near and near[0] is None and is_phone and not _is_said_of_paper(text, number.start):
        near = ["phone"]
    if near and near[0] != "phone":
        return near[0]
    if 13 <= len(number.digits) <= 19 and shown[0] not in "+(0" and luhn.is_valid(number.digits):
        return "bank_card"
    if shown[-1] in "Xx" and not number.spoken:
        return "id_number"
    if near or is_phone or (number.spoken and 9 <= len(number.digits) <= 12):
        return "phone"
    if TWO.fullmatch(shown):
        return None
    kinds = [LONG_KINDS[kind] for kind in around if kind in allowed]
    if kinds[:1] != ["phone"] and is_listed(text, number.start, number.end):
        return None
    return kinds[0] if kinds else "account" if len(number.digits) > 11 else "phone"


def _is_said_of_paper(text: str, start: int) -> bool:
    """Whether the cue right before a number names it ("order no."), with no other word between."""
    gap = cues.before(text, start)[0][1]
    return bool(SAID_OF.fullmatch(text[start - gap : start]))


def _spelled_kind(turns: list[str], number: Number) -> PiiKind:
    """Return the kind of a code read out with letters in it: nobody spells a quantity."""
    around = cues.around(turns, number.turn, number.start, number.end)
    kinds = [SPELLED_KINDS[kind] for kind in around if kind in SPELLED_KINDS]
    return "door_code" if number.digits[-1] in "*#" else kinds[0] if kinds else "plate"


def _short_kind(turns: list[str], number: Number) -> PiiKind | None:
    """Return the kind of a number of three to six digits: only the words around can tell."""
    text = turns[number.turn]
    size = len(number.digits) + bool(
        CHECK_SIGN.match(text, number.end - 2)
    )  # the check sign of a Chinese identity number
    near = [kind for kind, distance in cues.before(text, number.start) if distance <= TIGHT]
    begin = max(0, number.start - BEFORE)
    if size >= 4 and ENDS_SO.match(text, number.end):
        return _kind_of_end(turns, number, number.start)
    if size >= 3 and (ending := LAST_FOUR.search(text[begin : number.start])):
        if ending["han"]:
            return _kind_of_end(turns, number, begin + ending.start())
        return next((LAST[kind] for kind in near if kind in LAST), "account" if size >= 4 else None)
    if size >= 4 and number.spoken:
        around = [kind for kind in cues.around(turns, number.turn, number.start, number.end) if kind]
        asked = [kind for kind in around if kind in CODES]
        if asked[:1] == ["password"] and "door_code" in around[:3]:
            return "door_code"
        return asked[0] if asked and (number.coded or asked[0] in around[:2]) else "door_code" if number.coded else None
    if size >= LABELLED and LABEL.search(text[begin : number.start]):
        return "phone"
    return next((kind for kind in near if kind in {"account", "bank_card", "id_number"} and size >= 5), None)


def _kind_of_end(turns: list[str], number: Number, start: int) -> PiiKind:
    """Return of what a Chinese "last digits", which begins at `start`, are: said before, in the turn before, or after."""
    text, earlier = turns[number.turn], turns[number.turn - 1] if number.turn else ""
    said = [*cues.before(text, start), *cues.before(earlier, len(earlier)), *cues.after(text, number.end)]
    return next((kind for kind, _ in said if kind in LAST_HAN), "bank_card")


def _repeats(turns: list[str], number: Number, wholes: Sequence[tuple[PiiKind, str, str]]) -> list[Span]:
    """Return the number as a repeated end or group of a personal number (kind, value, digits) of the dialogue."""
    text = turns[number.turn]
    if not number.spoken and (len(number.digits) < 4 or is_quantity(text, number.start, number.end)):
        return []
    anywhere = number.spoken and len(number.digits) > 3
    for kind, value, whole in wholes:
        if len(number.digits) < len(whole) and (number.digits in whole if anywhere else whole.endswith(number.digits)):
            return [Span(number.start, number.end, kind, value)]
    return []


def _figures(said: str) -> str:
    """Return the figures of a number that is partly in words."""
    return "".join(
        spoken_numbers.HAN_DIGITS.get(char, char)
        for char in said
        if char.isdigit() or char in spoken_numbers.HAN_DIGITS
    )


def _value(kind: PiiKind, digits: str) -> str:
    """Return what spellings of one number share: phones with and without country code end alike."""
    return digits[-9:] if kind == "phone" and len(digits) > 9 else digits
