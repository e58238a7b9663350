"""Chinese full names that nobody introduces: what stands on either side of a surname and one or two characters.

Chinese has no capitals, so a candidate must be no word, cross no word's border, and be used as names are: 让X说, X也在,
or X alone between two marks. `ordinary` are the words of two and three characters.
"""

import re
from collections import defaultdict
from collections.abc import Sequence, Set

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.chinese_surnames import ANY_SURNAME, PARTICLES, VERBAL, WEAK, WORDY
from stages.pii.people.chinese_words import GIVEN
from stages.pii.people.mention import PersonName
from stages.pii.people.word_groups import any_of
from stages.text.languages import HAN

CANDIDATE = Deferred(rf"(?=(?P<surname>{ANY_SURNAME})(?P<given>[{HAN}]{{1,2}}))")
ADDRESSED = """
找 叫 让 给 跟 和 问 喊 由 等 替 陪 带 请 我 是 委托 联系 签 麻烦 通知 拜托 帮 找一下 叫一下 问下 问问 问一下 联系下 联系一下 转告 抄送 讓 給 請 問 聯繫 麻煩 通知 同
"""
TITLES = """
同事 师傅 监理 经理 顾问 设计师 经纪人 工长 店长 同学 妈 爸 姐 哥 妹 弟 护工 客服 快递员 快递小哥 骑手 班主任 乘客 患者 学生 客户 家属 老板娘 护士 护士长 代理人 家长 老师 会员 旅客 病人 员工 儿子 女儿
老公 老婆 母亲 父亲 朋友 室友 邻居 保姆 月嫂 教练 导游 隔壁 闺蜜 对象 领导 老板 我舅 我姑 我姨 我叔 表妹 表弟 表姐 表哥 堂哥 堂姐 堂弟 堂妹 外甥 侄子 前台 学员 主播 医生 大夫 律师 司机 主管 组长 队长 班长 会计
"""
TIMES = "昨天 今天 明天 前天 上次 刚才 下午 上午 上周 之前 后来 就是 其中 主要是"
WRITTEN = "写 改成 填 备注 写的是 名字是 请转 转 改为 换成 抬头写 大写 名字 号"
LEFT = re.compile(any_of(ADDRESSED, TITLES, WRITTEN) + "$")
WIDER_LEFT = re.compile(any_of(ADDRESSED, TITLES, WRITTEN, TIMES) + "$")
SPEAKS = "说 讲 承认 晓得 知道 是吧 說 講 话我 反映 表示 回复 答应 同意"
ACTS = "发 打 转 回 签 交 办 拉 推 替 请了?假 去 来 约 捐 负责 陪同 签字 到场 给 跟 和 帮 找"
ADVERBS = "也 就 不 没 都 还 已经 在 上月 上周 昨天 今天 明天"
BELONGS = "的 你 您 那边 这边 本人 身上 这个"
FORMS_OF_ADDRESS = "大爷 大叔 阿姨 叔叔 妈妈 爸爸 奶奶 爷爷 家长 教练 主任 大夫 医生 醫生 老师 老師 同学 师傅 師傅 經理 小姐 姐 哥 先生 女士 姐姐"
RIGHT = re.compile(any_of(SPEAKS, ACTS, ADVERBS, BELONGS, FORMS_OF_ADDRESS))
DOES = """
问 要 想 把 订 改签 改 退 收 取 放 买 付 刚 下午 上午 中午 晚上 早上 周[一二三四五六日] 报名 接 代 上门 申请 投诉 确认 反馈 寄 拿 领 看 有 是 从 用 住 送 做 聊 谈 见 碰 话 會 還 沒 剛 給 幫 到 得 会 能 可以 一起 那 先 又 再 同 等 老师
同学 今 昨 明 手 家 女 男 两 三 到底 很 挺 真 态度 服务 人 借 收 行 他[爸妈] 她[爸妈] 嗎 啦 咗 係 嘅 话 個 一齊 订 應該 应该 可能 经常 总 突然
"""
WIDER_RIGHT = Deferred(f"{RIGHT.pattern}|{any_of(DOES)}")
WORDY_OR_VERBAL = WORDY | VERBAL
MARK = re.compile(rf"[^{HAN}\w]")
BOTH = 2  # sides of a name
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


def sides(text: str, start: int, end: int) -> int:
    """Return on how many sides of text[start:end] stands what stands beside people, or a mark: 0, 1 or 2."""
    before, behind = text[max(0, start - 4) : start], text[end : end + 4]
    left = not before or MARK.match(before[-1]) is not None or WIDER_LEFT.search(before) is not None
    right = not behind or MARK.match(behind) is not None or WIDER_RIGHT.match(behind) is not None
    return left + right


def is_addressed(text: str, start: int) -> bool:
    """Whether what begins there stands behind a mark, or a word that people stand behind."""
    before = text[max(0, start - 4) : start]
    return not before or MARK.match(before[-1]) is not None or LEFT.search(before) is not None


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
                    scores[surname, given] += _sides(text, start, end) or _typical_sides(text, start, end)
    good = {key: score for key, score in scores.items() if score >= ENOUGH - (key[0] in surnames and score > 0)}
    return [
        PersonName(surname=key[0], given=key[1]) for key, score in good.items() if not _is_outdone(key, score, good)
    ]


def _may_be_name(surname: str, given: str, surnames: Set[str], ordinary: Set[str]) -> bool:
    if not PARTICLES.isdisjoint(given):
        return False
    made_so, wordy = GIVEN.issuperset(given), surname in WEAK or surname in WORDY
    if wordy and surname not in surnames and not (made_so and len(given) == 2):
        return False
    name = surname + given
    if made_so and len(name) == 3 and surname not in WORDY_OR_VERBAL:
        return name not in ordinary and name[:2] not in ordinary
    return ordinary.isdisjoint([name[n : n + size] for size in (2, 3) for n in range(len(name) - size + 1)])


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
    alone = left_mark and right_mark and end - start > 2 and GIVEN.issuperset(text[end - 2 : end])
    return 3 if left or alone else 2


def _typical_sides(text: str, start: int, end: int) -> int:
    """Return 3 where three characters made as names are stand beside words or marks that go with people, else 0."""
    typical = end - start > 2 and GIVEN.issuperset(text[end - 2 : end])
    settled = sides(text, start, end) + (text[start] not in WORDY_OR_VERBAL)
    return ENOUGH if typical and settled >= BOTH else 0


def _is_outdone(key: tuple[str, str], score: int, good: dict[tuple[str, str], int]) -> bool:
    """Whether a longer or shorter reading of the same characters has more evidence (equal: the longer wins)."""
    name = "".join(key)
    return any(
        ("".join(other).startswith(name) and rival >= score) or (name.startswith("".join(other)) and rival > score)
        for other, rival in good.items()
        if other != key
    )
