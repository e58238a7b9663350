"""Identity numbers and codes that mix letters and digits, and short codes that a door, gate or lock opens with."""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.values import cues, plates
from stages.pii.values.spans import PiiKind, Span, bare
from stages.pii.values.written_numbers import TIGHT, has_unit
from stages.text.languages import HAN

MIXED = re.compile(
    r"""
    (?<! [A-Za-z0-9_@.-] ) (?! QQ | (?: ID | NO | TEL | REF | PIN ) \b [ ]? )
    (?= [A-Z0-9 /-]{0,30} [A-Z] ) (?= [A-Z0-9 /-]{0,30} \d )  # at least a letter and a digit
    [A-Z0-9]{1,20} (?: [ /-] [A-Z0-9]{1,20} ){0,3} [\#!]?
    (?! [A-Za-z0-9_@-] )
    """,
    re.VERBOSE,
)
DOCKET = Deferred(rf"[（(](?:19|20)\d\d[）)][{HAN}]{{1,3}}\d{{0,4}}[{HAN}]{{1,4}}\d{{1,6}}号")  # of a Chinese court
STRONG = re.compile(r"(?<!zip )(?<!post )(?<!area )\b(?:codes?|pin|combination)\b[^\d]*$", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
IN_YEAR = re.compile(r"\b(?:in|since|from|until|of|by|before|after|around|circa) $", re.IGNORECASE)
PAID = re.compile(r"\b(?:costs?|paid|pay|price[ds]?|charged?|quoted|spent) (?:\w+ )?$", re.IGNORECASE)
CLOCK = re.compile(r"\b(?:at|by|until|from|before|after) $")
HOUR = re.compile(r"(?:[01]\d|2[0-3])(?:00|15|30|45)")
SHORT = re.compile(
    r"(?<![A-Za-z0-9_.,£$€¥/-])#?(?:[A-Z]{0,2}\d{3,6}[A-Z]?(?:[#*井]| (?:star|hash|pound)\b)?|[A-Z]-\d{3,6}|\d\d[A-Z]?#)(?![A-Za-z0-9_%-]|[.,]\d)"
)
FOR_DOOR = re.compile(
    r" (?:for|on|opens|at) the (?:\w+ )?(?:door|gate|lobby|entrance|garage|side|front|back|shed|lock|key ?pad|lock ?box|key ?safe|intercom|buzzer)"
)
KEYED_IN = re.compile(
    r"(?:\b(?:press|punch(?: in)?|key in|type(?: in)?|enter|dial) |(?:输入?|按下?|摁)[ ]?)$", re.IGNORECASE
)
OPENS = re.compile(r"[ ,](?:gets|lets|opens|unlocks|and (?:it|the door) opens|开门|能开|就能进|就能开)")
A_DOOR = re.compile(r"门|锁|闸|\b(?:gates?|doors?|key ?pad|lock\w*|entrance|intercom|buzzer|lobby)\b", re.IGNORECASE)
ALONE_BEFORE = re.compile(
    r"(?:^|[.?!:,，。：] ?|\n|\b(?:it['’]?s|it is|that['’]s|use|try|enter|type(?: in)?|press|punch in|key in|dial) |[是用按输]入?)$",
    re.IGNORECASE,
)
ALONE_AFTER = re.compile(r"[.!,，。]?(?:\s|$)|[，。]")
STOPS = re.compile(r"[.!,，。]|\s*$")
OTHER = re.compile(r"\d{5,}")
USED_UP = 40  # characters from a further number on after which a cue before it is that number's
NEARBY = 100  # characters before a word of letters and digits in which a cue counts
KEYS = ("#", "*", "井", " star", " hash", " pound")  # that end a code on a keypad


def find(turns: list[str], turn: int) -> list[Span]:
    """Return plates, identity numbers and door codes that mix letters and digits, and short codes behind their cue."""
    text = turns[turn]
    spans = list(plates.find(turns, turn))
    spans += [Span(*m.span(), "account", bare(m.group())) for m in DOCKET.finditer(text)]
    for match in MIXED.finditer(text):
        letters_digits = bare(match.group())
        if len(letters_digits) >= 6 and sum(map(str.isdigit, letters_digits)) >= 3:
            kinds = _kinds(turns, turn, match)
            kind = next((k for k in kinds if k in {"plate", "id_number", "account", "password"} or k is None), None)
            spans += [Span(match.start(), match.end(), kind, letters_digits)] if kind else []
    return spans + _door_codes(turns, turn)


def _kinds(turns: list[str], turn: int, match: re.Match[str]) -> list[PiiKind | None]:
    """Return the cues around; one before a further number, and not near, speaks of that one."""
    text, used = turns[turn], 0
    for number in OTHER.finditer(text, max(0, match.start() - NEARBY), match.start()):
        if match.start() - number.start() > USED_UP:
            used = number.start()
    window = min(NEARBY, match.start() - used)
    return cues.around(turns, turn, match.start(), match.end(), window)


def _door_codes(turns: list[str], turn: int) -> list[Span]:
    """Return short codes that a door, gate or lock opens with."""
    text, spans = turns[turn], list[Span]()
    for match in SHORT.finditer(text):
        if not has_unit(text, match.start(), match.end()) and (
            _opens(turns, turn, match) or (spans and match.start() - spans[-1].end <= TIGHT // 2)
        ):
            spans.append(Span(match.start(), match.end(), "door_code", bare(match.group())))
    return spans


def _opens(turns: list[str], turn: int, match: re.Match[str]) -> bool:
    """Whether the cue before the code speaks of a door, or it answers to a turn that does, or "for the side door" follows."""
    text = turns[turn]
    said = text[max(0, match.start() - 20) : match.start()]
    if PAID.search(said) or (YEAR.fullmatch(match.group()) and IN_YEAR.search(said)):
        return False
    if match.group().endswith(KEYS) or FOR_DOOR.match(text, match.end()):
        return True
    if CLOCK.search(text[max(0, match.start() - 8) : match.start()]) and HOUR.fullmatch(match.group()):
        return False
    if (KEYED_IN.search(said) or OPENS.match(text, match.end())) and any(
        A_DOOR.search(nearby) for nearby in turns[max(0, turn - 2) : turn + 1]
    ):
        return True
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
    alone = ALONE_BEFORE.search(text[max(0, match.start() - 10) : match.start()]) and ALONE_AFTER.match(
        text, match.end()
    )
    if YEAR.fullmatch(match.group()) and not STOPS.match(text, match.end()):
        return False
    asked = [kind for n in range(max(0, turn - 2), turn) for kind, _ in cues.before(turns[n], len(turns[n]), cues.TURN)]
    return bool(alone) and "door_code" in asked
