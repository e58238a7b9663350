"""Chinese full names that nobody introduces: what stands on either side of a surname and one or two characters.

Chinese has no capitals, so a candidate must be no word, cross no word's border, and be used as names are: 让X说, X也在,
or X alone between two marks. `ordinary` are the words of two and three characters.
"""

import re
from collections import defaultdict
from collections.abc import Sequence, Set

from stages.pii.people.chinese_surnames import PARTICLES, SURNAME, WEAK
from stages.pii.people.mention import PersonName
from stages.pii.people.word_groups import any_of
from stages.text.languages import HAN

CANDIDATE = re.compile(rf"(?=(?P<surname>{SURNAME})(?P<given>[{HAN}]{{1,2}}))")
ADDRESSED = "找 叫 让 给 跟 和 问 喊 由 等 替 陪 带 请 我 是 委托 联系 签"
TITLES = "同事 师傅 监理 经理 顾问 设计师 经纪人 工长 店长 同学 妈 爸 姐 哥 妹 弟"
WRITTEN = "抬头写 大写 名字 号"
LEFT = re.compile(any_of(ADDRESSED, TITLES, WRITTEN) + "$")
SPEAKS = "说 讲 承认 晓得 知道 是吧"
ACTS = "替 请了?假 去 来 约 捐 负责 陪同 签字 到场 给 跟 和 帮 找"
ADVERBS = "也 就 不 没 都 还 已经 在 上月 上周 昨天 今天 明天"
BELONGS = "的 你 您 那边 这边 本人 身上 这个"
FORMS_OF_ADDRESS = "姐 哥 先生 女士 姐姐"
RIGHT = re.compile(any_of(SPEAKS, ACTS, ADVERBS, BELONGS, FORMS_OF_ADDRESS))
MARK = re.compile(rf"[^{HAN}\w]")
ENOUGH = 3  # sides that speak for it; a name alone between marks speaks on both


def crosses(text: str, start: int, end: int, ordinary: Set[str]) -> bool:
    """Whether text[start:end] is a word, or a word begins before it or ends behind it."""
    before, inside, behind = text[max(0, start - 1) : start], text[start:end], text[end : end + 1]
    return (
        inside in ordinary
        or (bool(before) and before + inside[0] in ordinary)
        or (
            bool(behind)
            and (inside[-1] + behind in ordinary or inside[-2:] + behind in ordinary or inside + behind in ordinary)
        )
    )


def gathered(turns: Sequence[str], surnames: Set[str], ordinary: Set[str]) -> list[PersonName]:
    """Return names with evidence enough over all turns, less for `surnames` met with a title.

    Of two that overlap the better one is returned.
    """
    scores: dict[tuple[str, str], int] = defaultdict(int)
    for text in turns:
        for match in CANDIDATE.finditer(text):
            for size in range(1, len(match["given"]) + 1):
                surname, given = match["surname"], match["given"][:size]
                start, end = match.start(), match.start() + len(surname) + size
                if _may_be_name(surname, given, surnames, ordinary) and not crosses(text, start, end, ordinary):
                    scores[surname, given] += _sides(text, start, end)
    good = {key: score for key, score in scores.items() if score >= ENOUGH - (key[0] in surnames and score > 0)}
    return [
        PersonName(surname=key[0], given=key[1]) for key, score in good.items() if not _is_outdone(key, score, good)
    ]


def _may_be_name(surname: str, given: str, surnames: Set[str], ordinary: Set[str]) -> bool:
    name = surname + given
    words = any(name[n : n + size] in ordinary for size in (2, 3) for n in range(len(name) - size + 1))
    return not words and not PARTICLES.intersection(given) and (surname not in WEAK or surname in surnames)


def _sides(text: str, start: int, end: int) -> int:
    """Return 0, 2 or 3: what stands before and behind.

    One more for three characters alone or a word that goes with people.
    """
    before, behind = text[max(0, start - 4) : start], text[end : end + 4]
    left_mark = not before or MARK.match(before[-1]) is not None
    right_mark = not behind or MARK.match(behind) is not None
    left, right = LEFT.search(before) is not None, RIGHT.match(behind) is not None
    if not (left or left_mark) or not (right or right_mark):
        return 0
    return 3 if left or (left_mark and right_mark and end - start > 2) else 2


def _is_outdone(key: tuple[str, str], score: int, good: dict[tuple[str, str], int]) -> bool:
    """Whether a longer or shorter reading of the same characters has more evidence (equal: the longer wins)."""
    name = "".join(key)
    return any(
        ("".join(other).startswith(name) and rival >= score) or (name.startswith("".join(other)) and rival > score)
        for other, rival in good.items()
        if other != key
    )
