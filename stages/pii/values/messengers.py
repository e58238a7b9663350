"""WeChat and QQ ids: beside the messenger's name, some words before it or after it, and in answer to a question for one."""

import re
from collections.abc import Iterator
from functools import lru_cache

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.spans import Span, bare
from stages.text.languages import HAN_CHARACTER, small

WECHAT = re.compile(
    r"[微薇威]信|wechat|weixin|\bvx\b|v信|\bwx\b|加v(?![a-z])|(?<![a-z])v ?[:：]|加我?[薇微威维](?!博)|薇[:：]|wxid_",
    re.IGNORECASE,
)
QQ = re.compile(r"(?<![A-Za-z])QQ(?![A-Za-z])|扣扣号?|企鹅号", re.IGNORECASE)
MAY_NAME = Deferred(
    "[微薇威]信|wechat|weixin|v[x信]|wx|加v|v ?[:：]|加我?[薇微威维]|薇[:：]|qq|扣扣|企鹅"
)  # in small letters
LINK = r"(?: [?？] [ ]* it['’]s | [ :：，,是为加发叫搜] | 的话 | 搜索 | 名字? | 同名 | 还是 | 就是 | 原来那个 | \b is \b | (?<= [A-Za-z] ) ['’]s \b | [\"“] )*"
LABEL = r"(?: [ ]? (?: ids? | account | handle | (?: user )? name | numbers? | no\b\.? | 号码? | 账号 | id号 ) )?"
NAMED = Deferred(
    rf"""
    (?: [微薇威]信 | wechat | weixin | (?<! [A-Za-z] ) (?: v[信x] | wx (?! id_ ) | v (?= [ ]? [:：] ) ) | 薇 (?= [:：] ) ) (?P<link> {LABEL} (?: 同号 )? {LINK} )
        (?P<wechat> [A-Za-z] [\w-]{{4,18}} \w ) (?! [\w@] | -\w | \.\w )
    | (?: (?<! [A-Za-z] ) QQ | 扣扣 | 企鹅 ) {LABEL} (?: 同号 )? {LINK} (?P<qq> \d{{5,11}} ) (?! [\d@] )
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
SAYS_ID = re.compile(
    r"\bis\b|['’]s|[:：是为叫搜号\"“]|^ ?id\b", re.IGNORECASE
)  # an id may be a plain word behind these
NO_ID = Deferred(
    r"below|above|public|private|please|broken|linked|blocked|closed|hidden|wrong|correct|different|attached|already|always|better|easier|faster|really"
    r"|offline|online|unknown|invalid|listed|number|message\w*|contact\w*|account\w*|mobile|exactly|actually|probably|usually|currently|iphone|android|wechat|weixin|alipay|taobao|office|windows|google|facebook|whatsapp|excel|please|thanks|the|not|what|where|which|under"
    r"|\w+ing|\w+ed|[A-Za-z]+-(?:up|in|out|off|on|to|known)",
    re.IGNORECASE,
)
HANDLE = re.compile(r"(?<![A-Za-z0-9_@./-])[A-Za-z][A-Za-z0-9_-]{4,18}[A-Za-z0-9_](?![A-Za-z0-9_@-]|\.\w)")
OFFERED = re.compile(
    r"(?:\b(?:add|find|search(?: for)?|look(?:ing)? for|look up|under|as|try|is|handle|name|id|user)|[:：加搜是叫索]) ?[\"“]?$",
    re.IGNORECASE,
)
IS_MINE = re.compile(r" ?[，,]? ?(?:这|就|这个)?(?:就)?是(?:我|他|她)?的?[微薇威]信")
ASKS = re.compile(r"[?？吗吧]|多少|什么|啥|加|ask|what|give|have|send", re.IGNORECASE)
ANSWER = re.compile(
    r"(?:(?:sure|yes|ok|好的?|嗯)[,，。 ]*)?(?:it['’]?s |it is |that['’]s |就?[是叫])? ?(?P<word>[A-Za-z][\w-]{5,19})(?:[.。,，].{0,24})?",
    re.IGNORECASE,
)
QQ_NUMBER = re.compile(r"(?<![\w.,£$€¥+/-])\d{5,11}(?![\w%]|[.,]\d|-\d)", re.ASCII)
FAR = 30  # characters between the messenger's name and a number that is its id
CLAUSE = re.compile(r"[.?!;。？！；\n]|\d{5}")
MOBILE = re.compile(r"1[3-9]\d{9}")
DIGIT = re.compile(r"\d")


def find(turns: list[str], turn: int, text: str) -> Iterator[Span]:
    """Yield the messenger ids of one turn, whose text is `text`."""
    for match in NAMED.finditer(text) if _may_name_one(text) else ():
        if match["qq"]:
            yield Span(*match.span("qq"), "qq", bare(match["qq"]))
        elif _is_odd(match["wechat"]) or (SAYS_ID.search(match["link"]) and not NO_ID.fullmatch(match["wechat"])):
            yield Span(*match.span("wechat"), "wechat", bare(match["wechat"]))
    earlier = turns[turn - 1] if turn else ""
    here, before = _is_about_wechat(text), _is_about_wechat(earlier)
    if here or before:
        yield from _handles(text, here, before and bool(ASKS.search(earlier)))
    if (_may_name_one(text) or _may_name_one(earlier)) and DIGIT.search(text):
        yield from _numbers(text, earlier)


@lru_cache(maxsize=4)
def _may_name_one(text: str) -> bool:
    """Whether a text may name a messenger: without one of these no pattern fits; a turn is asked with the next one, too."""
    return MAY_NAME.search(small(text)) is not None


@lru_cache(maxsize=4)
def _is_about_wechat(text: str) -> bool:
    return _may_name_one(text) and WECHAT.search(text) is not None


def _handles(text: str, here: bool, asked: bool) -> Iterator[Span]:
    """Yield words with a digit or a low line in a text about WeChat; plain ones and hyphened ones where one is offered."""
    for match in HANDLE.finditer(text):
        word = match.group()
        before = text[max(0, match.start() - 14) : match.start()]
        usual = word == word.lower() or (here and word != word.upper())
        if (usual and _is_odd(word)) or (
            word != word.upper() and not NO_ID.fullmatch(word) and _is_offered(text, match.span(), before, here, asked)
        ):
            yield Span(*match.span(), "wechat", bare(word))


def _is_offered(text: str, place: tuple[int, int], before: str, here: bool, asked: bool) -> bool:
    """Whether the word there, spelled as any other, is said to be an id."""
    word = text[slice(*place)]
    if IS_MINE.match(text, place[1]) or (asked and (answer := ANSWER.fullmatch(text)) and answer["word"] == word):
        return True
    chinese = bool(HAN_CHARACTER.search(text))
    return ("-" in word and chinese) or ((chinese or "-" in word) and here and bool(OFFERED.search(before)))


def _numbers(text: str, earlier: str) -> Iterator[Span]:
    """Yield numbers in one clause with QQ, or alone in answer to a turn that asks for it."""
    for match in QQ_NUMBER.finditer(text):
        if MOBILE.fullmatch(match.group()):
            continue
        before = CLAUSE.split(text[max(0, match.start() - FAR) : match.start()])[-1]
        after = CLAUSE.split(text[match.end() : match.end() + FAR // 2])[0]
        alone = len(text) <= len(match.group()) + FAR
        if QQ.search(before) or QQ.search(after) or (alone and QQ.search(earlier)):
            yield Span(*match.span(), "qq", bare(match.group()))


def _is_odd(word: str) -> bool:
    """Whether a word is spelled as no word of a sentence is."""
    return any(char.isdigit() or char == "_" for char in word)
