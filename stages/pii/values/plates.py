"""License plates: Chinese ones by their form, those of other countries by form or behind the word for them."""

import re
from collections.abc import Iterator

from stages.pii.patterns.deferred import Deferred
from stages.pii.values import cues
from stages.pii.values.spans import Span, bare

CHINESE = Deferred(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-Z][ ·•.-]?(?:[A-Z0-9]{5,6}(?![A-Z0-9])|[A-Z0-9]{4}[挂学警港澳领使])",
    re.IGNORECASE | re.ASCII,
)
BRITISH = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{2}\d{2} ?[A-Z]{3}(?![A-Za-z0-9-])")
NAMED = Deferred(
    r"""
    (?i: \b (?: (?: licen[cs]e | number | registration | vehicle | car ) [ ] plates? | plates? | rego | registration [ ] (?: number | no\.? | mark )
            | reg [ ] (?: number | no\.? ) | tag [ ] number | kennzeichen | plaque | immatriculation | matr[íi]cula | targa | kenteken ) (?: [ ] numbers? )? \b
        | 车牌号?码? | 車牌號?碼? | 牌照号?码? | 车号 )
    (?i: (?: ['’]s | [ ] (?: is | are | was | reads? | on [ ] \w+ [ ] \w+ [ ] is ) | [ ]? [:：,，=] | [是为為] )? ) (?: (?<= [\w,:=] ) [ ] )? [\"“]?
    (?P<plate> (?= [A-ZÄÖÜ ·•-]* \d ) (?= [\d ·•-]* [A-ZÄÖÜ] )
        [A-ZÄÖÜ\d]{1,8} (?: [ ·•-] [A-ZÄÖÜ\d]{1,5} ){0,3} ) (?! \w )
    """,
    re.VERBOSE,
)
BEHIND = re.compile(
    r"(?<![\w-])(?P<plate>(?=[A-Z ·-]*\d)(?=[\d ·-]*[A-Z])[A-Z\d]{1,7}(?:[ ·-][A-Z\d]{1,5}){0,3})"
    r"(?: (?:is|was) (?:the|my|our|his|her|their) (?:\w+ )?(?:plate|registration|rego|reg)\b|是[我他她]?的?(?:车牌|牌照))",
    re.ASCII,
)
LOWER = re.compile(r"(?<![\w-])(?:[a-z]{2}\d{2} ?[a-z]{3}|[a-z]{3}\d{3,4}|\d[a-z]{3}\d{3})(?![\w-])", re.ASCII)
LEAST = 4  # letters and digits of a plate


def find(turns: list[str], turn: int) -> Iterator[Span]:
    """Yield the license plates of one turn."""
    text = turns[turn]
    for match in CHINESE.finditer(text):
        yield Span(*match.span(), "plate", bare(match.group()))
    for match in (*BRITISH.finditer(text), *LOWER.finditer(text)):
        if "plate" in cues.around(turns, turn, match.start(), match.end())[:2]:
            yield Span(*match.span(), "plate", bare(match.group()))
    for match in (*NAMED.finditer(text), *BEHIND.finditer(text)):
        signs = bare(match["plate"])
        if len(signs) >= LEAST and any(map(str.isdigit, signs)):
            yield Span(*match.span("plate"), "plate", signs)
