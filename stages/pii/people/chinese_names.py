"""People named in Chinese talk: 王女士, 小李, 李哥, 我是张伟, 张伟医生; and names that only their surroundings give away."""

import re
from collections.abc import Collection, Iterator, Sequence, Set

from stages.pii.people import chinese_context
from stages.pii.people.chinese_surnames import KIN, SURNAME, TITLES, WEAK, WORDS
from stages.pii.people.mention import Manner, Mention, PersonName
from stages.pii.values.spans import Mask
from stages.text.languages import HAN

GIVEN = rf"[{HAN}]"
UNITS = re.compile(r"[上下本每这那一两三几单双\d]$")  # 上周总…, 一方…
TITLED = re.compile(rf"(?=(?P<whole>(?P<surname>{SURNAME})(?P<given>{GIVEN}{{0,2}}?)(?P<title>{TITLES})))")
FAMILIAR = re.compile(rf"(?P<prefix>[小老大])(?P<surname>{SURNAME})")
AH = re.compile(rf"阿[{HAN}]")
TWICE = re.compile(rf"(?:儿子|女儿|孩子|闺女|孙子|孙女|宝宝|我家|小名|叫|陪|带|别吓|哄)(?P<name>([{HAN}])\2)")
SAY_WHO = "我是|我叫|叫做|名叫|叫|名字是|名字叫"
FORM_FIELD = "姓名[:：是]? | 联系人[:：是]? | 户名[:：是]? | 收款人[:：是]? | 收款名[:：是]? | 签约人[:：是]?"
POINT_OUT = "本人|自报|这位是|这是|联系一下|我同事|同事"
RELATIVE = "老公|老婆|爱人|老伴儿?|媳妇|我先生|我太太|女儿|儿子|闺女|小舅子|表哥|表姐|我妈|我爸|姐姐|妹妹|哥哥|弟弟"
PROFESSION = "业主|房东|租客|经纪人|管家|设计师|工长|师傅|医生|主治医师|医师|大夫"
GOES_ON = "的|是|啊|呀|吧|负责|给|为|说|跟|和|在|也|还|都|就|会|想|要|去|来|不|没|请|卖|女|男|本人"
INTRODUCED = re.compile(
    rf"""
    (?P<cue> {SAY_WHO} | {FORM_FIELD} | {POINT_OUT} | {RELATIVE} | {PROFESSION} )
    (?: 的|，|, | [ ] | 是|为|叫 )?
    (?P<surname> {SURNAME} ) (?P<given> {GIVEN}{{1,2}}? )
    (?= (?! [{HAN}] ) | {GOES_ON} | {TITLES} | 主任|指导|诊 )
    """,
    re.VERBOSE,
)
SURNAME_IS = re.compile(
    rf"""
    (?: 我姓|免贵姓|姓 ) (?P<surname> {SURNAME} ) (?! 名 )
    (?: [，,。\ ] \s? (?= (?P=surname) ) (?P<full> {SURNAME} {GIVEN}{{1,2}} ) (?! [{HAN}] ) )?
    """,
    re.VERBOSE,
)
DESCRIBED = re.compile(
    rf"""
    (?: (?<! [{HAN}] ) | (?<= [经由] ) )
    (?P<surname> {SURNAME} ) (?P<given> {GIVEN}{{1,2}}? )
    (?= ，\s? (?: \d{{1,3}}岁 | 男 | 女 ) | 是一[位名] | （\d | \(\d | ，?性别 | ，?身份证 | ，?电话 | ，?手机 | 为您服务
      | (?: 负责|诊断|指导|开具|确诊|为其 )
      | 的 (?: 身份证|电话|手机|邮箱|信用|年收入|月收入|主治 )
      | [现持因] 有? [^，。]{{0,4}} (?: 居住|住|出现|身份证|被诊断 ) )
    """,
    re.VERBOSE,
)
DOTTED = re.compile(
    rf"""
    [{HAN}]{{2,4}} · [{HAN}]{{2,4}} (?= 医生|先生|女士|小姐|太太|医师|主任|说|负责|的指导 )
    | (?<= [叫是由经] ) [{HAN}]{{2,4}} · [{HAN}]{{2,4}}
    """,
    re.VERBOSE,
)
LATIN = re.compile(r"(?P<name>[A-Z][a-z]{1,15})(?:姐|哥|总|老师|先生|女士|小姐)")
OWN = {"我是", "我叫", "本人", "自报"}


def parse(text: str) -> PersonName | None:
    """Return the name a piece of a Chinese speaker field holds, or None."""
    if match := re.fullmatch(rf"(?P<surname>{SURNAME})(?P<given>{GIVEN}{{0,2}}?)(?P<title>{TITLES})", text):
        return PersonName(title=match["title"], given=match["given"], surname=match["surname"])
    if match := re.fullmatch(rf"[小老](?P<surname>{SURNAME})", text):
        return PersonName(title=text[0], surname=match["surname"])
    if AH.fullmatch(text):
        return PersonName(single=text)
    if match := re.fullmatch(rf"(?P<surname>{SURNAME})(?P<given>{GIVEN}{{1,2}})", text):
        return PersonName(given=match["given"], surname=match["surname"])
    return None


def find(
    turns: Sequence[str], known: Collection[PersonName], ordinary: Set[str], taken: Sequence[Mask]
) -> list[Mention]:
    """Return the people mentioned in `turns`; a full name found once is looked for everywhere."""
    ordinary = ordinary | WORDS
    sure = [
        m for turn, text in enumerate(turns) for m in _patterns(turn, text, ordinary) if not _is_word(m.name, ordinary)
    ]
    surnames = {name.surname for name in [*known, *(m.name for m in sure)] if name.surname}
    first = sure + [m for turn, text in enumerate(turns) for m in _familiar(turn, text, surnames, ordinary)]
    surnames |= {m.name.surname for m in first}
    full = {n.surname + n.given: n for n in [*known, *(m.name for m in first)] if n.surname and n.given}
    full |= {n.surname + n.given: n for n in chinese_context.gathered(turns, surnames, ordinary)}
    calls = {n.given: n for n in full.values() if len(n.given) == 2 and n.given not in ordinary}
    calls |= {n.single: n for n in [*known, *(m.name for m in first)] if len(n.single) > 1}
    again = [
        Mention(turn, match.start(), match.end(), name._replace(title=""))
        for turn, text in enumerate(turns)
        for spelled, name in {**calls, **full}.items()
        for match in re.finditer(re.escape(spelled), text)
    ]
    return _longest(first + again, taken)


def _longest(mentions: Sequence[Mention], taken: Sequence[Mask]) -> list[Mention]:
    """Return mentions that do not overlap each other or what is taken, in text order; the longest win."""
    kept: list[Mention] = []
    used = [Mask() for _ in taken]
    for mention in sorted(mentions, key=lambda m: (m.turn, m.start - m.end, m.start)):
        place = mention.start, mention.end
        if taken[mention.turn].is_free(*place) and used[mention.turn].is_free(*place):
            used[mention.turn].take(*place)
            kept.append(mention)
    return sorted(kept, key=lambda m: (m.turn, m.start))


def _familiar(turn: int, text: str, surnames: Set[str], ordinary: Set[str]) -> Iterator[Mention]:
    """Yield 小李, 老王, 阿辉, and 壮壮 behind 儿子; a surname met before needs no boundaries."""
    for match in FAMILIAR.finditer(text):
        start, end, surname = match.start(), match.end(), match["surname"]
        met = surname in surnames and match.group() not in ordinary
        if met or (surname not in WEAK and not chinese_context.crosses(text, start, end, ordinary)):
            yield Mention(
                turn, start, end, PersonName(title=match["prefix"], surname=surname), _manner(text, start, end)
            )
    for match in AH.finditer(text):
        if match.group()[1] not in KIN and not chinese_context.crosses(text, *match.span(), ordinary):
            yield Mention(turn, *match.span(), PersonName(single=match.group()), _manner(text, *match.span()))
    for match in TWICE.finditer(text):
        if match["name"] not in ordinary:
            yield Mention(turn, *match.span("name"), PersonName(single=match["name"]))


def _is_word(name: PersonName, ordinary: Set[str]) -> bool:
    """Whether what looks like surname and given name is an ordinary word or begins with one: 方便, 高效的."""
    whole = name.surname + name.given
    return bool(name.surname and name.given) and (whole in ordinary or whole[:2] in ordinary)


def _patterns(turn: int, text: str, ordinary: Set[str]) -> Iterator[Mention]:
    for match in TITLED.finditer(text):
        start, end = match.span("whole")
        if _is_no_address(text[max(0, start - 1) : start], match, ordinary):
            continue
        name = PersonName(title=match["title"], given=match["given"], surname=match["surname"])
        yield Mention(turn, start, end, name, _manner(text, start, end))
    for match in (*INTRODUCED.finditer(text), *DESCRIBED.finditer(text)):
        manner: Manner = "own" if match.groupdict().get("cue") in OWN else ""
        name = PersonName(given=match["given"], surname=match["surname"])
        yield Mention(turn, match.start("surname"), match.end("given"), name, manner)
    for match in SURNAME_IS.finditer(text):
        yield from _surname(turn, match)
    for match in LATIN.finditer(text):
        yield Mention(turn, match.start(), match.end(), PersonName(single=match["name"]))
    for match in DOTTED.finditer(text):
        yield Mention(turn, match.start(), match.end(), PersonName(single=match.group()))


def _is_no_address(before: str, match: re.Match[str], ordinary: Set[str]) -> bool:
    """Whether surname and title are parts of other words (工程师, 不过哥) or of a quantity (上周总价)."""
    if before + match["surname"] in ordinary:
        return True
    alone, short = not match["given"], len(match["title"]) == 1
    return alone and short and (match["whole"] in ordinary or UNITS.search(before) is not None)


def _surname(turn: int, match: re.Match[str]) -> Iterator[Mention]:
    """Yield the surname of 免贵姓邓, and the full name of 姓邓，邓晓禾."""
    manner: Manner = "own" if match.group()[0] in "我免" else ""
    surname, full = match["surname"], match["full"]
    yield Mention(turn, match.start("surname"), match.end("surname"), PersonName(surname=surname), manner)
    if full:
        name = PersonName(given=full[len(surname) :], surname=surname)
        yield Mention(turn, match.start("full"), match.end("full"), name, manner)


def _manner(text: str, start: int, end: int) -> Manner:
    before = text[max(0, start - 16) : start]
    if re.search(r"(?:我是|我叫|叫我|备注)[^，。]{0,10}$", before):
        return "own"
    greeted = re.search(r"(?:^|[，。！？,.!?]|您?你?好[，,！]?|哎|喂|谢谢)\s?$", before)
    return "called" if greeted and re.match(r"[，。！？,.!?]|您?你?好|您|$", text[end : end + 4]) else ""
