"""Passwords that are plain words: told right behind the cue, in quotes, or before "is the password"."""

import re
from collections.abc import Iterator

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.spans import PiiKind, Span, bare
from stages.text.languages import HAN

CUE = r"(?: pass[ ]?(?:word|code|phrase) | \b pwd? | 密码 | 密碼 | 口令 | 暗号 )"
TOLD = r"""(?: [ ]? (?: [:：=] | [就还]?是 | 为 | 為 | 叫 | 改成了? | 改为了? | 设为了? | 设成了? | 设的是 | 用的是 | 换成了? ) [ ,，]? (?: (?: 纯字母 | 全小写 | 全拼 | 拼音 ) [ ,，:：]{0,2} )? | (?<= [码碼令] ) [ ]? | (?: ['’]s | [ ] (?: is | was | set[ ]to | will[ ]be | now | changed[ ]to | reads ) (?: [ ] (?: now | just | simply | all[ ]lower[ ]?case | lower[ ]?case | one[ ]word ) )? ) [ :,]{1,2} )"""
QUOTED = Deferred(
    rf"(?: {CUE} {TOLD} | (?: 密码 | 口令 | 暗号 ) ) [\"“'‘「] (?P<secret> [^\"”'’」\n]{{3,40}} ) [\"”'’」]",
    re.IGNORECASE | re.VERBOSE,
)
WORD = Deferred(
    rf"""
    {CUE} {TOLD} (?P<secret> [A-Za-z] [A-Za-z]{{3,39}} (?: - [A-Za-z]+ ){{0,3}} )
    (?= [ ]* (?: [.;,!)，。；！）、\n] | $ | [{HAN}] | [ ] (?: and | but | all | with | in | for | no | -- ) \b | [-–—] ) ) (?! [ ]? [吗么嘛] | @ )
    """,
    re.IGNORECASE | re.VERBOSE,
)
BEHIND = Deferred(
    r"(?<![\w'’])(?P<secret>[A-Za-z]{4,40}) (?:is|was) (?:the|my|our|your|his|her|their) (?:[\w-]+ ){0,2}pass(?:word|code|phrase)\b"
    r"|\b(?:use|try|enter|put|put in|type|type in) (?P<tried>[A-Za-z]{4,40}) (?:as|for) (?:the|your|my|our|a) (?:[\w-]+ ){0,2}pass(?:word|code|phrase)\b"
    r"|[,;(] ?(?:and )?(?:the )?(?:pass(?:word|code|phrase)|pw|pwd) (?P<bare>[A-Za-z]{4,40})(?=[.,;)]|$)"
    r"|pass ?phrase (?:is|was|:) ?(?P<phrase>(?:[a-z]+[ -]){1,6}[a-z]+)(?=[.,;!)]|$)"
    rf"|(?<![A-Za-z])(?P<han>[A-Za-z]{{4,40}})[就]?是[{HAN}]{{0,4}}(?:密码|口令)",
    re.IGNORECASE,
)
SPOKEN = re.compile(rf"(?:口令|暗号)(?:是|为|：|:)(?P<secret>[{HAN}]{{2,8}})(?=[，。！；\s]|$)")
QUESTION = Deferred(
    rf"{CUE}.{{0,30}}(?:[?？吗呢]|多少|什么|啥)|(?:what|tell|give|have|send).{{0,30}}{CUE}", re.IGNORECASE | re.VERBOSE
)
ANSWER = Deferred(
    r"""
    ^ (?: (?: ok | okay | sure | yes | yeah | right | 好的? | 嗯 ) [,，。.! ]+ )? (?: (?: it['’]?s | it[ ]is | that['’]s | try | use ) [ ] (?: just [ ] )? | [就]? [是用] )?
    [ ]? (?P<secret> [A-Za-z]{4,40} ) (?= [.!。]? $ | [,，] [ ]? (?: all | one | no | with | lower | capital | 全 | 都 | 小写 | 大写 | 首 ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
ASKED = re.compile(r"[什么多少错对谁哪吗呢没不正确空的]")
NO_SECRET = Deferred(
    r"""
    (?: the | your | this | that | what | which | whatever | there | here | same | case | none | null | empty | blank | never | always | also | already | still
      | reset | set | just | only | very | quite | really | rather | probably | maybe | again | back | gone | fine | okay | good | great | safe | secure | weak | strong
      | long | short | hard | easy | simple | complex | common | private | secret | public | different | wrong | incorrect | correct | right | valid | invalid
      | unknown | visible | hidden | unique | temporary | permanent | necessary | mandatory | optional | sensitive | numeric | random | broken | below | above
      | lost | stolen | forgotten | given | known | shown | written | sent | kept | held | told | made | taken | chosen | frozen | due | obsolete | outdated
      | with | under | from | over | inside | yours | mine | theirs | ours | hers | something | anything | nothing | everything | somewhere | enough
      | almost | either | neither | both | case-sensitive | up-to-date | too | not | they | when | where | because | about | between | whether | it | he | she
      | pinyin | wifi | text | plain | password | username | login | email | account | token | code | number | letters? | digits? | words? )
    | please | sorry | nope | yeah | sure | okay | thanks | thank | hello | hang | hold | wait | well | pardon | moment | unsure | dunno | protected | manager | field | page
    | unfortunately | whatever | understood | agreed | alright | later | tomorrow | today | done
    | [a-z]+ (?: ed | ing | ly | able | ible | ful | less )
    """,
    re.IGNORECASE | re.VERBOSE,
)
NAMES = ("pass", "pw", "密码", "密碼", "口令", "暗号")
DOOR = re.compile(r"(?:门|锁|door|gate|lock|alarm)\S{0,2} ?$", re.IGNORECASE)


def find(text: str, earlier: str = "") -> Iterator[Span]:
    """Yield the passwords of a text that hold neither digit nor sign; `earlier` is the turn before, which may ask for one."""
    if (
        names_one(earlier)
        and QUESTION.search(earlier)
        and (answer := ANSWER.search(text))
        and _may_be_one(answer["secret"])
    ):
        yield Span(*answer.span("secret"), kind_behind(earlier, len(earlier)), bare(answer["secret"]))
    for pattern in (QUOTED, WORD, BEHIND, SPOKEN) if names_one(text) else ():
        for match in pattern.finditer(text):
            group = next(name for name, secret in match.groupdict().items() if secret)
            if _may_be_one(match[group]):
                yield Span(*match.span(group), kind_behind(text, match.start()), bare(match[group]))


def names_one(text: str) -> bool:
    """Whether a text may speak of a password: without one of these no pattern fits."""
    small = text.casefold()
    return any(word in small for word in NAMES)


def kind_behind(text: str, start: int) -> PiiKind:
    """Return what the cue that begins at `start` speaks of: what a door opens with is its code."""
    return "door_code" if DOOR.search(text[max(0, start - 12) : start]) else "password"


def _may_be_one(secret: str) -> bool:
    first = secret.split()[0] if secret.split() else ""
    return bool(first) and not NO_SECRET.fullmatch(first) and not ASKED.search(secret)
