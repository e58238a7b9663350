"""Numbers in figures, and which of them are quantities: prices, ranges, dates, versions, scores, sizes."""

import re
from collections.abc import Iterator
from itertools import pairwise

from stages.pii.values import cues
from stages.text.languages import HAN

DIGIT_RUN = re.compile(
    rf"""
    (?: (?<! [\w/£$€¥+-] ) | (?<= [{HAN}] ) (?= [+(] ) ) (?<! \d [,.] ) (?<! [\s(] \. )
    (?: \+ | \(\+? )? \d
    (?: [ .()/-]? \d | [ ]? [-–] [ ]? \d | \) [ -]{{0,2}} \d | [ ] \( \d ){{1,24}}
    (?: [Xx] \b )?
    (?! (?! (?: x | ext ) [ .]? \d ) [\w%] ) (?! ,\d{{3}} ) (?! \.\d )  # not the beginning of a longer figure
    """,
    re.VERBOSE,
)
HAN_DIGITS = re.compile(r"(?:(?<![\d.A-Za-z])|(?<=[Tt][Ee][Ll]))(?<!\d,)\d(?:[ -]?\d){3,}[Xx]?(?![\d.])")
OPENED = re.compile(  # with an area code in brackets or a country code; Chinese goes on without a blank
    rf"(?:(?<![\w(+])|(?<=[{HAN}]))(?:\(\+?\d{{2,5}}\)|\+\d{{1,3}})[ -]?\d(?:[ -]?\d){{4,12}}(?=[{HAN}])"
)
SEVERAL = re.compile(r" ?/ ?|(?<=\d{7}) (?=\d{7})")  # may stand between two whole numbers
WHOLE = 7  # digits of one that is a number by itself
WIDE = str.maketrans(
    {
        **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
        "＋": "+",
        "－": "-",
        "＠": "@",
        "．": ".",
        "‑": "-",
        "‐": "-",
        "−": "-",
        "\u00a0": " ",
        "\u202f": " ",
    }
)
WIDE_SIGN = re.compile("[０-９Ａ-Ｚａ-ｚ＋－＠．‑‐−\u00a0\u202f]")
WIDE_BRACKETS = re.compile(r"（(\+?\d{2,5})）(?=[ -]?\d)")
BEFORE = 40  # characters before a number in which money or "ending in" counts
MONEY = re.compile(
    r"[£$€¥₹₩₽฿]\s?$|(?:\b(?:usd|eur|gbp|cny|rmb|jpy|inr|aed|chf|sgd|aud|nzd|cad|hkd|rs\.?|rm|hk|price|asking|offer))\s?$",
    re.IGNORECASE,
)
UNIT = re.compile(
    r"""
    \s?
    (?: % | percent | per[ ]cent | sq | square | m2 | m² | ft | feet | metres? | meters? | km | kw | k\b | m\b | am\b | pm\b
      | dollars? | euros? | pounds? | quid | bucks | grand
      | years? | months? | weeks? | days? | hours? | steps | units? | people | miles?
      | (?: eur | usd | gbp | cny | rmb | jpy | inr | aed | chf | sgd | aud | nzd | cad | hkd | huf | pln | czk | kr | forints? | yen | yuan | rupees | baht
          | pcm | p/?[mw] | kg | kb | mb | gb | tb | mhz | ghz | kwh | acres? | hectares? | ha | millions? | billions? | thousand | views | followers | copies
          | votes | shares | downloads | inhabitants | residents | seconds | minutes | pixels | px | bytes | points | rows | items | pieces | pcs | users | words | characters | tokens | visits | clicks ) \b
      | [€£$¥₹] | [=×÷^]
      | 元|万|平|块|年|月|号楼|室|栋|单元|号|分|米|岁|天|亿|人|户|公里|公斤|吨|美元|港币|方|㎡|次|票|辆|套 )
    """,
    re.IGNORECASE | re.VERBOSE,
)
YEAR_DIGITS = r"(?:19|20) \d\d"
MONTH, DAY = r"(?: 0?[1-9] | 1[0-2] )", r"(?: 0?[1-9] | [12]\d | 3[01] )"
ONE_DATE = rf"""(?:
    {YEAR_DIGITS} [-/.\ ] {MONTH} [-/.\ ] {DAY}
    | {DAY} [-/.] {DAY} [-/.] (?: {YEAR_DIGITS} | \d\d )  # the month first or the day first
    | {DAY} [ ] {MONTH} [ ] {YEAR_DIGITS}
)"""
DATE = re.compile(rf"{ONE_DATE} (?: [ ]? [-–/] [ ]? {ONE_DATE} )* | (?: {YEAR_DIGITS} [ /-]* )+", re.VERBOSE)
PLAIN_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])?(?:[0-5]\d){0,2}")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+")
STAMP = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:$| )|\d{1,3}(?:\.\d{1,3}){3}$")  # a time stamp, an IP address
VERSION = re.compile(r"\d+(?:\.\d+){2,}")
YEAR_FIRST = re.compile(r"(?:19|20)\d\d\.")
DECIMAL = re.compile(r"\d+\.\d+")
ROUND = re.compile(r"[1-9]\d{0,5}0{3,}")  # a million, 1250000
RANGE = re.compile(r"(?P<low>[1-9]\d{2,6}) ?[-–/] ?(?P<high>[1-9]\d{2,6})")
YEARS = re.compile(r"\(?(?P<low>1\d{3}|20\d\d) ?[-–/] ?(?P<high>1\d{3}|20\d\d)")
LIFETIME = 150  # years that a span of years may have
DECIMALS = re.compile(r"(?=.*\d\.\d)\d+(?:\.\d+)?(?: (?:- )?\d+(?:\.\d+)?)+")
FRACTIONS = re.compile(r"\d+/\d+(?: \d+/\d+)+")
LISTED = re.compile(r"\d+(?: \d+){3,}")
SCORES = re.compile(r"\d{1,3}-\d{1,3}(?: \d{1,3}-\d{1,3})+")
LONG_POSTCODE = re.compile(r"\d{5}-\d{4}|\d{5}-\d{3}|\d{4}-\d{3}|[01]\d{2}-\d{4}")  # the last one Japan's
BESIDE = r"(?:[ ,;/、，]|and|or|和|与|及|to){1,6}"
TIGHT = 28  # characters between a cue and the number it speaks of


def narrow(text: str) -> str:
    """Return the text with full-width figures, letters and signs in their usual width, each at its place."""
    if text.isascii():
        return text
    if WIDE_SIGN.search(text):
        text = text.translate(WIDE)
    return WIDE_BRACKETS.sub(r"(\1)", text) if "（" in text else text


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield where numbers in figures stand; two whole ones side by side apart."""
    for pattern in (DIGIT_RUN, HAN_DIGITS, OPENED):
        for match in pattern.finditer(text):
            parts = SEVERAL.split(match.group())
            if len(parts) > 1 and all(sum(map(str.isdigit, part)) >= WHOLE for part in parts):
                start = match.start()
                for part in parts:
                    start = text.index(part, start)
                    yield start, start + len(part)
            else:
                yield match.span()


def is_quantity(text: str, start: int, end: int) -> bool:
    """Whether the number there counts, measures or dates something."""
    shown = text[start:end]
    if DATE.fullmatch(shown.strip()) or STAMP.match(shown) or has_unit(text, start, end):
        return True
    if THOUSANDS.fullmatch(shown) and not cues.before(text, start, 40):
        return True
    return _looks_counted(shown, text[:start]) and not _belongs(text, start)


def has_unit(text: str, start: int, end: int) -> bool:
    """Whether a currency stands before the number or a unit after it."""
    return bool(MONEY.search(text[max(0, start - BEFORE) : start]) or UNIT.match(text, end))


def is_listed(text: str, start: int, end: int) -> bool:
    """Whether another number of as many figures stands beside it: references come in rows."""
    shown = text[start:end]
    if not shown.isdigit():
        return False
    like = rf"(?<![\w.+-])\d{{{len(shown)}}}(?![\w-])"
    before = re.search(rf"{like}{BESIDE}$", text[max(0, start - len(shown) - 7) : start])
    return bool(before or re.match(rf"{BESIDE}{like}", text[end:]))


def _looks_counted(shown: str, before: str) -> bool:
    if VERSION.fullmatch(shown):
        return (
            before[-1:] in {"v", "V"}
            or bool(YEAR_FIRST.match(shown))
            or any(len(group) == 1 for group in shown.split("."))
        )
    counted = (DECIMAL, DECIMALS, FRACTIONS, ROUND, SCORES, PLAIN_DATE, LONG_POSTCODE)
    return any(pattern.fullmatch(shown) for pattern in counted) or _is_range(shown) or _counts_up(shown)


def _is_range(shown: str) -> bool:
    """Whether these are two years, or two round numbers, the second one more than the first but of its size: 1200-1500."""
    years = YEARS.fullmatch(shown)
    if years and int(years["low"]) <= int(years["high"]) <= int(years["low"]) + LIFETIME:
        return True
    match = RANGE.fullmatch(shown)
    low, high = (int(match["low"]), int(match["high"])) if match else (0, 0)
    return low < high <= 4 * low and low % 5 == high % 5 == 0


def _counts_up(shown: str) -> bool:
    """Whether four numbers or more are multiples in a row, up or down: 10 20 30 40."""
    numbers = list(map(int, shown.split(" "))) if LISTED.fullmatch(shown) else []
    steps = {second - first for first, second in pairwise(numbers)}
    return len(steps) == 1 and steps.isdisjoint({0}) and numbers[0] % steps.pop() == 0


def _belongs(text: str, start: int) -> bool:
    """Whether the words right before the number say whose it is."""
    near = [kind for kind, gap in cues.before(text, start) if gap <= TIGHT]
    return bool(near) and near[0] is not None
