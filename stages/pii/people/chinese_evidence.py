"""What speaks for and against a Chinese name: a model's suggestions, places named in the talk, words that are no names."""

import re
from collections.abc import Collection, Iterator, Sequence, Set
from functools import lru_cache
from typing import Literal

from stages.pii.evidence.suggestion import Suggestion
from stages.pii.patterns.deferred import Deferred
from stages.pii.people import chinese_context, chinese_peoples, chinese_places
from stages.pii.people.chinese_context import BOTH
from stages.pii.people.chinese_goods import BRANDS
from stages.pii.people.chinese_surnames import ANY_SURNAME, KIN, PARTICLES, SURE, SURNAME, VERBAL, WEAK
from stages.pii.people.chinese_words import AH_WORDS, GIVEN, WORDS
from stages.pii.people.mention import Mention, PersonName
from stages.text.languages import HAN

Trust = Literal[
    "known", "framed", "sure", "likely"
]  # a speaker's; where nothing but a name stands; said to be one; used as one

FULL = Deferred(rf"(?P<surname>{ANY_SURNAME})(?P<given>[{HAN}]{{1,2}})")
FAMILIAR = Deferred(
    rf"(?P<prefix>[小老大])(?P<surname>{SURNAME})|(?P<called>{SURNAME})(?P<title>[姐哥叔嫂婶伯姨生太师工总仔妈爷])"
)
SHORT = re.compile(rf"[小阿][{HAN}]|([{HAN}])\1|[{HAN}][仔姐哥叔嫂婶伯姨]")
UNUSUAL = re.compile(rf"(?!阿[{HAN}]{{2}}$)[{HAN}]{{2,4}}")
DOING = frozenset("说讲问来去给让帮带找")  # 陈说: said by somebody
TITLED = Deferred(
    rf"(?P<name>[{HAN}]{{2,4}}?)(?:大夫|医生|醫生|先生|女士|小姐|老师|老師|师傅|師傅|同学|教授|经理|主任|阿姨|律师)"
)
GOODS = re.compile(
    "卫生巾|沐浴露|洗发水|洗面奶|蛇药|十三香|面膜|酱油|音箱|运动鞋|跑鞋|口红|香水|药酒|胶囊|颗粒|口服液|奶粉|纸尿裤|空调|冰箱|电视|热水器|牌的|旗舰店|专卖店|官网|门店|牙膏|品牌|鼠标|耳机|蜂蜜|香皂|火锅|烤鸭|辣酱|的诗|的歌|的小说|的电影|演唱会|画展"
)
AT = re.compile("(?:在|住|到|去|离|往|从|位于|靠近|挨着|附近的|开盘的)$")
PLACE_ENDINGS = frozenset("洼堡庄浜泾屯圩埠墩塘湾埔坊营坝汀甸窑沱坪坞垡铺滩陂岗集桥镇村县乡区路街巷祠")
LATIN_NAME = re.compile(r"[A-Z][a-z]{2,15}")
DOTTED = re.compile(rf"[{HAN}]{{1,7}}(?:[·•・‧∙][{HAN}]{{1,7}})+")


@lru_cache(maxsize=1)
def _with_words(ordinary: frozenset[str]) -> frozenset[str]:
    """Return the ordinary words, some 50,000, and those of this floor; made once, not once for each dialogue."""
    return ordinary | WORDS


class Evidence:
    """What is known of the texts of one dialogue; `suggested` is one list a text, all empty where no model is asked."""

    def __init__(self, turns: Sequence[str], ordinary: Set[str], suggested: Sequence[Sequence[Suggestion]]) -> None:
        """Take the texts, the ordinary words, and what a model suggests."""
        self.turns, self.ordinary = turns, _with_words(frozenset(ordinary))
        self.suggested = suggested or [[] for _ in turns]
        self.stems = chinese_places.stems(turns)

    def refutes(self, mention: Mention, trust: Trust) -> bool:
        """Whether it is no person: part of a longer name, and, if only likely, a word, a place or a part of either."""
        said = self.turns[mention.turn][mention.start : mention.end]
        if said in BRANDS and (trust == "likely" or (trust == "sure" and mention.name.title)):
            return True
        near = [s for s in self.suggested[mention.turn] if s.start < mention.end and mention.start < s.end]
        if any(s.kind in {"place", "organization"} and s.start <= mention.start and mention.end < s.end for s in near):
            return True
        person = any(s.kind == "person" for s in near)
        if trust == "likely" and _is_cut(mention, near):
            return True
        if trust == "framed":
            return mention.name.surname + mention.name.given in WORDS or any(
                s.kind == "word" and s.start < mention.start < s.end for s in near
            )
        if trust != "likely":
            return trust == "sure" and not person and _is_word(mention.name, self.ordinary)
        usual = person and len(mention.name.given) == 2 and GIVEN.issuperset(mention.name.given)
        if self._goes_on(mention.turn, mention.start, mention.end, usual=usual):
            return True
        return not person and (self._is_phrase(mention.name) or any(_is_elsewhere(s, mention) for s in near))

    def people(self) -> Iterator[Mention]:
        """Yield whom a model takes for a person and nothing speaks against."""
        for turn, suggestions in enumerate(self.suggested):
            for start, stop, kind in suggestions:
                end = self._without_title(turn, start, stop)
                name = self._name(turn, start, end) if kind == "person" else None
                if name:
                    yield Mention(turn, start, end, name)

    def _without_title(self, turn: int, start: int, end: int) -> int:
        """Return where a name ends that a model says of with its form of address: 游本昌大夫."""
        match = TITLED.fullmatch(self.turns[turn], start, end)
        return match.end("name") if match else end

    def _goes_on(self, turn: int, start: int, end: int, *, usual: bool, placed: bool = False) -> bool:
        """Whether what stands there is a word, a place, or the beginning of one: 老白干, 周庄小区.

        `usual`: three characters that are made as names are; of these, 刘建平那套 may be said as well as 张江那套.
        `placed`: between what stands beside people, where a word may be somebody's name: 安宁说她不来.
        """
        text = self.turns[turn]
        whole, longer = text[start:end], {text[start : start + size] for size in (3, 4) if start + size > end}
        return (
            whole in WORDS
            or (whole in self.ordinary and not placed)
            or whole in self.stems
            or (whole[0] in "小大老阿" and not self.ordinary.isdisjoint(longer))
            or whole[-1] in PLACE_ENDINGS
            or GOODS.match(text, end) is not None
            or chinese_places.is_estate(whole)
            or chinese_places.is_place(text, end)
            or (not usual and chinese_places.is_spoken_of(text, end))
        )

    def _is_phrase(self, name: PersonName) -> bool:
        """Whether it is a word, or a verb with what it does: 谈延期, 包水电."""
        odd = name.given in self.ordinary or not GIVEN.issuperset(name.given)
        return _is_word(name, self.ordinary) or (name.surname in VERBAL and bool(name.given) and odd)

    def _name(self, turn: int, start: int, end: int) -> PersonName | None:
        whole, before = self.turns[turn][start:end], self.turns[turn][:start]
        usual = len(whole) == 3 and whole[0] in SURE and GIVEN.issuperset(whole[1:])
        placed = self._beside(turn, start, end) == BOTH
        if (
            self._goes_on(
                turn, start, end, usual=usual or placed, placed=placed and whole[0] in SURE and whole[0] not in WEAK
            )
            or whole in BRANDS
            or (len(whole) > len("安定") and chinese_peoples.is_medicine(whole) and whole[0] not in SURE)
            or (whole[:2] in AH_WORDS and not chinese_peoples.is_made_so(whole))
            or (whole[-1] in KIN and whole[0] in "阿大老小二三")
        ):
            return None
        if LATIN_NAME.fullmatch(whole):
            return PersonName(single=whole) if whole.lower() not in self.ordinary else None
        if DOTTED.fullmatch(whole):
            return PersonName(single=whole)
        located = AT.search(before) is not None
        if placed and not located and chinese_peoples.is_made_so(whole):
            return PersonName(single=whole)
        name = short_name(whole, located=located) or self._full_name(turn, start, end, located=located)
        unusual = (
            placed
            and not located
            and UNUSUAL.fullmatch(whole)
            and not chinese_peoples.is_medicine(whole)
            and not PARTICLES.intersection(whole)
        )
        somewhere = self.turns[turn].startswith(("这边", "那边", "这一片"), end)
        unusual = unusual and whole not in self.ordinary and not somewhere
        return name or (PersonName(single=whole) if unusual else None)

    def _beside(self, turn: int, start: int, end: int) -> int:
        return chinese_context.sides(self.turns[turn], start, end)

    def _full_name(self, turn: int, start: int, end: int, *, located: bool) -> PersonName | None:
        whole, placed = self.turns[turn][start:end], self._beside(turn, start, end) == BOTH
        match = FULL.fullmatch(whole)
        if not match:
            return None
        surname, given = match["surname"], match["given"]
        placed = placed or (surname[0] in SURE and surname not in VERBAL and self._beside(turn, start, end) > 0)
        framed = placed and not located and not PARTICLES.intersection(given) and not DOING.intersection(given[-1])
        if not framed and not _is_typical(surname, given, self.ordinary, located=located):
            return None
        return PersonName(given=match["given"], surname=match["surname"])


def short_name(whole: str, *, located: bool) -> PersonName | None:
    """Return 小李, 李姐, 阿辉, 乐乐, 佳宁 as a name; `located`: a word that goes with places stands before."""
    if match := FAMILIAR.fullmatch(whole):
        title = match["prefix"] or match["title"]
        return PersonName(title=title, surname=match["surname"] or match["called"])
    if not located and (
        SHORT.fullmatch(whole) or (whole[0] not in SURE and len(whole) == 2 and GIVEN.issuperset(whole))
    ):
        return PersonName(single=whole)
    return None


def without_given(mentions: Collection[Mention], known: Collection[PersonName]) -> list[Mention]:
    """Return the mentions without those who seem to have a surname, where it is the given name of another: 文斌 of 施文斌."""
    names = [*known, *(m.name for m in mentions)]
    given = {name.given for name in names if name.surname and len(name.given) == 2}
    return [m for m in mentions if m.name.surname + m.name.given not in given]


def _is_cut(mention: Mention, near: Collection[Suggestion]) -> bool:
    """Whether a longer word begins within a full name and ends behind it, or holds one of two characters: 潘婷|洗发水."""
    start, end = mention.start, mention.end
    if not mention.name.given or mention.name.title:
        return False
    within = end - start == len("田玉") and any(s.kind == "word" and s.start < start and end <= s.end for s in near)
    return within or any(
        s.kind == "word" and start < s.start < end < s.end and s.end - s.start > len("洗发") for s in near
    )


def _is_elsewhere(suggestion: Suggestion, mention: Mention) -> bool:
    """Whether it is a place or an organization, but for a surname that is one too: 濮阳 in 濮阳建, 秦 in 老秦."""
    surname = mention.name.surname
    is_surname = len(surname) > 1 and suggestion[:2] == (mention.start, mention.start + len(surname))
    is_surname = is_surname or suggestion.end - suggestion.start == 1
    same = suggestion[:2] == (mention.start, mention.end) and suggestion.kind == "organization"
    made_so = same and len(mention.name.given) > 1 and GIVEN.issuperset(mention.name.given) and not mention.name.title
    return suggestion.kind != "word" and not is_surname and not made_so


def _is_typical(surname: str, given: str, ordinary: Set[str], *, located: bool) -> bool:
    """Whether a surname and what a model takes for a given name are made as names are."""
    if PARTICLES.intersection(given) or (
        given in ordinary and surname in WEAK and not (len(given) > 1 and GIVEN.issuperset(given))
    ):
        return False
    if surname + given[0] in ordinary and given in ordinary:
        return False
    if GIVEN.issuperset(given):
        return not located or len(given) > 1
    return not located and surname[0] in SURE and surname not in WEAK and (len(given) == 2 or len(surname) == 2)


def _is_word(name: PersonName, ordinary: Set[str]) -> bool:
    """Whether what looks like surname and given name is an ordinary word or begins with one: 方便, 高效的."""
    whole = name.surname + name.given
    return bool(name.surname and name.given) and (whole in ordinary or whole[:2] in ordinary)
