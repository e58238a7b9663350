"""What says that a word without a capital, or one that has a meaning of its own, is somebody's name."""

import re

from stages.pii.patterns.ladder import Ladder
from stages.pii.people.english_context import (
    ACTS,
    COMPANIONS,
    FAMILY,
    FIELD,
    KIN,
    NOBODYS,
    SPEAKS,
    THINGS,
    THINKS,
    TITLED,
)
from stages.pii.people.word_groups import any_of

SMALL_CUES = Ladder[str](
    (
        ("", rf"\b{any_of(THINGS)}(?:['’]s| is| was)? {any_of(TITLED)} |\b{NOBODYS} name(?: is|:| -)? "),
        (
            "name",
            rf"\b{any_of('my your his her their first last full maiden family sur')} ?(?:sur)?name(?:['’]?s| is| was|:)? ",
        ),
        ("name", rf"\b(?:i am|i['’]?m|he is|he['’]?s|she is|she['’]?s|someone|somebody|{KIN}) (?:called|named) "),
        ("name", FIELD),
        (
            "surname",
            r"\b(?:hear(?:d)? from|(?:e?mail|message|msg|call|text|note|letter|word|reply|payment|transfer|referral) from|(?:booked|booking|reservation|is|it['’]?s) under|spoke(?:n)? (?:to|with)|talk(?:ed|ing)? (?:to|with)) ",
        ),
        (
            "given",
            r"(?:\b(?:this is|it['’]?s|i['’]?m|i am|call me|ask for|speak(?:ing)? (?:to|with)|from|with|tell|told|ask|asked|call|called|text|ring|message|msg|(?:thanks|thx|ty|ta|hi|hiya|hey|heya|yo|hello|morning|dear),?|regards,?|cheers,?|cc:?|bye|let|by|for|fwd to) |@)",
        ),
        ("given", rf"\b{KIN}:? "),
    ),
    re.IGNORECASE,
    last=True,
)
CALLING = re.compile(
    r"(?:^|[.!?,\n] ?)(?:hi|hiya|hey|hello|dear|yo|thanks|thx|thank you|cheers|bye|(?:good )?(?:morning|afternoon|evening)),? $",
    re.IGNORECASE,
)
CALLED_END = re.compile(r"\s*(?:[,!.?\n]|$)")
MYSELF = re.compile(
    r"(?:^|[.!?,\n] ?|\b(?:hi|hey|hello) )(?:this is|it['’]s|its|i['’]?m|i am|my name['’]?s?(?: is)?) $", re.IGNORECASE
)
MYSELF_END = re.compile(r",? (?:(?:from|speaking|calling|again)\b|here\b(?! (?:for|in|on|at|to)\b))")
TELLING = re.compile(r"\b(?:tell|ask|told|asked|text|ring|call|email|thank) $", re.IGNORECASE)
TELLING_END = re.compile(
    r" (?:i|he|she|we|they|if|about|that|to|the|what|when|where|why|how|who)\b|\s*(?:[,.!?\n]|$)", re.IGNORECASE
)
KINSMAN = re.compile(rf"\b(?:my|our|his|her) (?:{any_of(FAMILY, COMPANIONS)}) $", re.IGNORECASE)
KINSMAN_END = re.compile(rf" (?:is|was|has|had|and|pays|paid|{any_of(SPEAKS, THINKS, ACTS)})\b", re.IGNORECASE)
INTRODUCED = ((CALLING, CALLED_END), (MYSELF, MYSELF_END), (TELLING, TELLING_END), (KINSMAN, KINSMAN_END))


def is_introduced(text: str, start: int, end: int) -> bool:
    """Whether a word that has a meaning of its own is a name all the same, without a capital: "hi rose,", "this is mark from"."""
    before = text[max(0, start - 30) : start]
    return any(ending.match(text, end) and opening.search(before) for opening, ending in INTRODUCED)


def cue(text: str, start: int) -> str:
    """Return what the words before text[start] say of a word in small letters.

    "name": that a name comes; "given", "surname": that one may come.
    """
    return next(SMALL_CUES.fitting(text[max(0, start - 50) : start]), "")
