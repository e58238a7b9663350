"""People named in Chinese talk: by what stands around them, by a model's word, and again where they are named anew."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from stages.pii.evidence.suggestion import Suggestion
from stages.pii.patterns.deferred import Deferred
from stages.pii.people import chinese_context, chinese_patterns
from stages.pii.people.chinese_evidence import Evidence, Trust, without_given
from stages.pii.people.chinese_patterns import CHARACTER, Candidate, manner
from stages.pii.people.chinese_surnames import BEHIND, KIN, SURNAME, TITLES, WEAK
from stages.pii.people.chinese_words import AH_WORDS, GIVEN, WORDS
from stages.pii.people.mention import Mention, PersonName
from stages.pii.values.spans import Mask
from stages.text.languages import HAN

FAMILIAR = Deferred(rf"(?P<prefix>[小老大])(?P<surname>{SURNAME})")
AH = Deferred(rf"阿{CHARACTER}")
AFTER_AH = Deferred(rf"{BEHIND}|[会可以请约负打送租住签卖交搬同愿]|{TITLES}")
CHILDREN = "儿子|女儿|孩子|闺女|孙子|孙女|宝宝"
OWN_CHILD = Deferred(
    rf"(?:{CHILDREN}|我们?家|小名(?:叫|是)?)(?P<name>({CHARACTER})\2|小{CHARACTER}[儿子兒])(?![{HAN}]?[的车子])"
)
CHILD = Deferred(rf"(?:{CHILDREN}|我家|小名|叫|陪|带|别吓|哄)(?P<name>({CHARACTER})\2)")
SMALL = Deferred(rf"(?:{CHILDREN}|小名)，?(?P<name>小{CHARACTER})(?=[，。,.])")
VOCATIVE = Deferred(rf"(?:(?<=[，。！？,.!?])|^)\s?(?P<name>({CHARACTER})\2)(?=[，,！!])")
ADDRESSED = Deferred(rf"(?:^|[^{HAN}])[小老]{SURNAME}(?:[，,您你说帮]|[让发跟给][我你])")


def parse(text: str) -> PersonName | None:
    """Return the name a piece of a Chinese speaker field holds, or None."""
    if match := re.fullmatch(rf"(?P<surname>{SURNAME})(?P<given>{CHARACTER}{{0,2}}?)(?P<title>{TITLES})", text):
        return PersonName(title=match["title"], given=match["given"], surname=match["surname"])
    if match := re.fullmatch(rf"[小老](?P<surname>{SURNAME})", text):
        return PersonName(title=text[0], surname=match["surname"])
    if AH.fullmatch(text):
        return PersonName(single=text)
    if match := re.fullmatch(rf"(?P<surname>{SURNAME})(?P<given>{CHARACTER}{{1,2}})", text):
        return PersonName(given=match["given"], surname=match["surname"])
    return None


def find(
    turns: Sequence[str],
    known: Collection[PersonName],
    ordinary: Set[str],
    taken: Sequence[Mask],
    suggested: Sequence[Sequence[Suggestion]] = (),
) -> list[Mention]:
    """Return the people mentioned in `turns`; a full name found once is looked for everywhere.

    `suggested`: what a model takes for what, one list a turn; none: the rules alone.
    """
    evidence = Evidence(turns, ordinary, suggested)
    ordinary = evidence.ordinary
    said = [c for n, text in enumerate(turns) for c in chinese_patterns.candidates(n, text, ordinary)]
    suggested_people = list(evidence.people())
    sure = without_given([*_kept(evidence, said), *suggested_people], known)
    stated = {c.mention.name for c in said if c.trust != "likely"} | {m.name for m in suggested_people}
    surnames = {name.surname for name in [*known, *(m.name for m in sure)] if name.surname}
    first = sure + _kept(evidence, _short_names(turns, surnames, ordinary, {name.surname for name in known}))
    surnames |= {m.name.surname for m in first}
    names = dict.fromkeys([*known, *(m.name for m in first), *_gathered(evidence, surnames)])
    again = (
        Candidate(Mention(*place, name._replace(title="")), trust)
        for spelled, (name, trust) in _spellings(names, known, stated, ordinary).items()
        for place in _places(turns, spelled)
    )
    return _longest(first + _kept(evidence, again), taken)


def _places(turns: Sequence[str], words: str) -> Iterator[tuple[int, int, int]]:
    """Yield where the words stand: turn, start, end."""
    for turn, text in enumerate(turns):
        start = text.find(words)
        while start >= 0:
            yield turn, start, (end := start + len(words))
            start = text.find(words, end)


def _kept(evidence: Evidence, found: Iterable[Candidate]) -> list[Mention]:
    return [mention for mention, trust in found if not evidence.refutes(mention, trust)]


def _gathered(evidence: Evidence, surnames: Set[str]) -> Iterator[PersonName]:
    """Yield names that only their neighbors give away, where something is left of them that nothing speaks against."""
    for name in chinese_context.gathered(evidence.turns, surnames, evidence.ordinary):
        places = (Mention(*place, name) for place in _places(evidence.turns, name.surname + name.given))
        if not all(evidence.refutes(place, "likely") for place in places):
            yield name


def _spellings(
    names: Iterable[PersonName], known: Collection[PersonName], stated: Set[PersonName], ordinary: Set[str]
) -> dict[str, tuple[PersonName, Trust]]:
    """Return by what a person is looked for in the whole talk: full name, given name, nickname, 蔓姐 of 许蔓."""
    found: dict[str, tuple[PersonName, Trust]] = {}
    names = list(names)
    given = {name.given for name in names if name.surname and len(name.given) == 2}
    for name in names:
        trust: Trust = "known" if name in known else "likely"
        if name.surname + name.given in WORDS | given:
            continue
        if name.surname and name.given:
            whole = name.surname + name.given
            found[whole] = name, "sure" if trust == "likely" and name in stated and whole not in ordinary else trust
            short = {name.given} if len(name.given) == 2 else set()
            short |= {name.given[-1] + title for title in "姐哥"}
            found |= {call: (name, trust) for call in short - ordinary if call not in found}
        elif len(name.single) > 1 and name.single not in WORDS:
            found[name.single] = name, trust
    return found


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


def _short_names(
    turns: Sequence[str], surnames: Set[str], ordinary: Set[str], speakers: Set[str]
) -> Iterator[Candidate]:
    """Yield 小李, 老王, 阿辉, and 壮壮 behind 儿子; a surname met before needs no boundaries."""
    for turn, text in enumerate(turns):
        for match in FAMILIAR.finditer(text):
            start, end, surname = match.start(), match.end(), match["surname"]
            met = surname in surnames and (match.group() not in ordinary or surname in speakers)
            alone = surname not in WEAK or ADDRESSED.match(text[max(0, start - 1) : end + 2]) is not None
            if met or (alone and not chinese_context.crosses(text, start, end, ordinary)):
                name = PersonName(title=match["prefix"], surname=surname)
                trust: Trust = "known" if surname in speakers and match["prefix"] != "大" else "likely"
                yield Candidate(Mention(turn, start, end, name, manner(text, start, end)), trust)
        for match in AH.finditer(text):
            start, end = match.span()
            if _is_called_ah(text, start, end) and not chinese_context.crosses(text, start, end, ordinary):
                name = PersonName(single=match.group())
                yield Candidate(Mention(turn, start, end, name, manner(text, start, end)), "likely")
        for match in OWN_CHILD.finditer(text):
            if match["name"] not in ordinary:
                yield Candidate(Mention(turn, *match.span("name"), PersonName(single=match["name"])), "framed")
        for match in (*CHILD.finditer(text), *SMALL.finditer(text), *VOCATIVE.finditer(text)):
            if match["name"] not in ordinary and (match.re is not VOCATIVE.compiled or match["name"][0] in GIVEN):
                yield Candidate(Mention(turn, *match.span("name"), PersonName(single=match["name"])), "likely")


def _is_called_ah(text: str, start: int, end: int) -> bool:
    """Whether 阿辉 is somebody: no relative, no medicine or country, and no longer word."""
    whole = text[start:end]
    return whole[1] not in KIN and whole not in AH_WORDS and AFTER_AH.match(text, end) is not None
