"""Chinese names that a model and what stands beside them speak for together; other peoples' names, pinyin, short forms.

`【】` marks the people of a text; of one that stands with a form of address only the name must be found.
"""

import re

import pytest

from stages.pii.evidence import lac
from stages.pii.ordinary_words import ordinary
from stages.pii.people import chinese_peoples, chinese_pinyin
from stages.pii.people.chinese_names import find
from stages.pii.people.mention import Mention, PersonName
from stages.pii.people.roster import Roster
from stages.pii.values.spans import Mask

ORDINARY = ordinary(2.5)


def people(text: str) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in find([text], (), ORDINARY, [Mask()], lac.suggest([text]))]


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    plain, places = "", list[tuple[int, int]]()
    for piece in re.split("(【.*?】)", text):
        if piece.startswith("【"):
            places.append((len(plain), len(plain) + len(piece) - 2))
            plain += piece[1:-1]
        else:
            plain += piece
    return plain, places


@pytest.mark.parametrize(
    "text",
    [
        "【牛犇】下午到。",
        "护工叫【缑秀兰】。",
        "我妹妹【辜雨晴】要一起住。",
        "【时建军】那边我来跟。",
        "联系【成思远】要发票。",
        "快递员【苟建设】态度不好。",
        "【安宁】说她改时间。",
        "麻烦【安然】帮我看下。",
        "患者【臧秋菊】，女，五十六岁",
        "【冀国梁】（身份证稍后补）",
        "【方圆】，你的外卖到了。",
        "【扎西次仁】下午来取。",
        "【洛桑尼玛】和【格桑曲珍】一起订的。",
        "让【努尔古丽】接电话。",
        "【乌兰图雅】老师今天代课。",
        "【约翰逊】先生说要大床房。",
        "【史密斯】太太的航班延误了。",
        "我叫【Li Na】，拼音你对一下。",
        "护照上是【OUYANG MING】",
        "你叫我【阿May】就行",
        "问下【静姐】就知道了。",
        "【刘导】说集合时间改了。",
        "我家【小果儿】过敏",
        "請【簡麗華】到三號櫃檯。",
        "【張簡志偉】先生",
    ],
)
def test_found(text: str) -> None:
    plain, places = marked(text)
    found = people(plain)
    assert all(any(start <= a and b <= end for start, end in found) for a, b in places)
    assert len(found) == len(places)


@pytest.mark.parametrize(
    "text",
    [
        "我想买一箱康师傅。",
        "李宁的鞋偏码吗？",
        "江小白多少度？",
        "季德胜蛇药",
        "潘婷洗发水",
        "孟鲁司特饭前吃吗",
        "何首乌和黄芪怎么煎",
        "和田玉",
        "孙子的票",
        "直接讲明第二处不合适。",
        "芯是杨木还是桉木？",
        "明天的快递",
        "班主任在群里通知",
        "飞 CHENG DU 的票",
    ],
)
def test_nobody(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize("name", ["ZHANG WEI", "Li Na", "Ouyang Ming", "SITU JIAJUN", "Zhou, Jielun", "Xiaoming Wang"])
def test_pinyin(name: str) -> None:
    assert list(chinese_pinyin.find(f"票上是{name}。", ORDINARY)) == [(3, 3 + len(name))]


@pytest.mark.parametrize("text", ["BEI JING", "Hong Kong", "zhang wei", "Zhang WEI", "He Came", "wang.li@example.com"])
def test_no_pinyin(text: str) -> None:
    assert list(chinese_pinyin.find(text, ORDINARY)) == []


def test_other_peoples() -> None:
    assert chinese_peoples.is_made_so("布仁巴雅尔")
    assert not chinese_peoples.is_made_so("阿托伐他汀")
    assert chinese_peoples.composed("请次仁卓玛签字") == [(1, 5)]


def test_a_name_said_once_for_sure_is_found_again() -> None:
    turns = ["姓名：汲雪涛", "汲雪涛那件还没到"]
    found = find(turns, (), ORDINARY, [Mask(), Mask()])
    assert [(m.turn, m.start, m.end) for m in found] == [(0, 3, 6), (1, 0, 3)]


def resolved(*said: tuple[int, PersonName]) -> list[int]:
    roster = Roster([])
    mentions = [Mention(turn, 0, 1, name) for turn, name in said]
    who = roster.resolve(mentions, [""] * 20, ["customer"] * 20)
    return [roster.people.index(person) for person in who]


TAO, LIN = PersonName(given="海涛", surname="汲"), PersonName(given="小林", surname="汲")
SMALL = PersonName(title="小", surname="汲")


def test_a_short_form_goes_to_the_one_just_named() -> None:
    assert resolved((0, TAO), (9, LIN), (10, SMALL)) == [0, 1, 1]
    assert resolved((0, TAO), (5, SMALL)) == [0, 0]


def test_a_short_form_of_two_is_somebody_else_and_stays_so() -> None:
    assert resolved((0, TAO), (1, LIN), (2, SMALL), (9, SMALL)) == [0, 1, 2, 2]


def test_three_characters_made_as_names_need_no_model() -> None:
    text = "合同已经给赵雨桐了。"
    assert [(m.start, m.end) for m in find([text], (), ORDINARY, [Mask()])] == [(5, 8)]
