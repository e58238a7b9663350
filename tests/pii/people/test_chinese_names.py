"""Chinese people: whole surnames, names without a cue, lists, signatures; and the words and places that are nobody.

`【】` marks the people of a text.
"""

import re

import pytest

from stages.pii.evidence import lac
from stages.pii.ordinary_words import ordinary
from stages.pii.people.chinese_names import find
from stages.pii.people.chinese_surnames import ANY_SURNAME, SURE, WORDY
from stages.pii.people.chinese_words import AH_WORDS, WORDS
from stages.pii.people.mention import PersonName
from stages.pii.values.spans import Mask

ORDINARY = ordinary(2.5)
HUNDRED = (  # the families of the primer of the Song dynasty, in its order
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷"
    "罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁"
    "钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦"
    "巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申"
    "扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂"
    "晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公"
)
TWO = "万俟司马上官欧阳夏侯诸葛闻人东方赫连皇甫尉迟公羊澹台公冶宗政濮阳淳于单于太叔申屠公孙仲孙轩辕令狐钟离宇文长孙慕容鲜于闾丘司徒司空"


def people(text: str, *, model: bool) -> list[str]:
    suggested = lac.suggest([text]) if model else [[]]
    return [text[m.start : m.end] for m in find([text], (), ORDINARY, [Mask()], suggested)]


def marked(text: str) -> tuple[str, list[str]]:
    return re.sub("[【】]", "", text), re.findall("【(.*?)】", text)


def test_the_hundred_families_are_surnames() -> None:
    assert [family for family in HUNDRED if not re.fullmatch(ANY_SURNAME, family)] == []
    pairs = {TWO[n : n + 2] for n in range(0, len(TWO), 2)}
    assert {pair for pair in pairs if not re.fullmatch(ANY_SURNAME, pair)} <= {"公羊", "司空"}
    assert not WORDY.intersection(SURE)


@pytest.mark.parametrize(
    "text",
    [
        "我叫【白晓岚】，住三楼。",
        "联系人：【翁立群】，下午在。",
        "【穆女士】您好，【盖先生】在吗？",
        "免贵姓【童】，上午打过电话。",
        "業主【陳麗華】，電話在表上。",
        "到场的有【张伟】、【李娜】、【王强】三位。",
        "感谢各位。—— 【李敏】",
        "以上，此致 【王芳】",
        "签名：【林志远】",
        "【古丽·买买提】明天来看房，【约翰·史密斯】也来。",
        "我是链家的【Sunny】，同事【Kelvin】会联系您。",
        "【Vivian姐】早，【Leo】说周三来。",
        "让【阿辉】来，【老聂】和【小段】也去。",
        "我女儿【萌萌】上小学。",
    ],
)
@pytest.mark.parametrize("model", [False, True])
def test_named_by_a_word_beside_it(text: str, model: bool) -> None:
    plain, names = marked(text)
    assert people(plain, model=model) == names


@pytest.mark.parametrize(
    "text",
    [
        "【白雪晴】昨天下午来过，【穆青云】没来。",
        "上次是【翁美玲】带我看的，【童佳慧】签的字。",
        "【欧阳文静】说下周到，【上官云】也到。",
        "尾款打到【孙丽萍】账上，【刘建平】那套已经卖了。",
        "问问【佳宁】几点到。",
    ],
)
def test_named_by_nothing_but_a_model(text: str) -> None:
    plain, names = marked(text)
    assert people(plain, model=True) == names
    assert people(plain, model=False) != names


@pytest.mark.parametrize(
    "text",
    [
        "长期服用阿司匹林和阿莫西林，又开了阿奇霉素。",
        "阿胶放在前台，阿里那边的快递，阿姨您好。",
        "价格可以谈一下，您常来，两个钟头就到。",
        "跟房东谈延期，租客常去那边，钱是他的。",
        "小区大门朝南，大方地砖，小米音箱，老白干两瓶。",
        "大路旁边有便利店，小路走进去，屋面要大修。",
        "住建国路周庄小区，离常青花园不远，黄村店也近。",
        "万科·金域华府还有房吗？碧桂园·凤凰城呢？",
        "张江太贵，徐东这一片便宜，去小汤山镇看看。",
        "李宁专卖店楼上，张亮麻辣烫旁边，梅兰芳大剧院对面。",
        "那女士优先吗？经医生诊断没事。",
        "用App下单，Wifi密码在Excel里，Loft户型。",
        "阿婆您慢走，岳母和孙儿都在，大娘留步。",
    ],
)
@pytest.mark.parametrize("model", [False, True])
def test_nobody(text: str, model: bool) -> None:
    assert people(text, model=model) == []


def test_a_place_named_in_the_talk_is_nobody_elsewhere() -> None:
    turns = ["周庄小区还有房吗？", "周庄也可以，叫周庄。"]
    assert find(turns, (), ORDINARY, [Mask(), Mask()], lac.suggest(turns)) == []


def test_a_speaker_is_found_though_the_name_is_a_word() -> None:
    text = "客户经理田野，您好。"
    known = (PersonName(given="野", surname="田"),)
    assert [m.name for m in find([text], known, ORDINARY, [Mask()])] == list(known)


def test_a_given_name_alone_is_the_person_with_the_surname() -> None:
    turns = ["我叫施文斌。", "文斌，您好。", "文斌说可以。"]
    found = find(turns, (), ORDINARY, [Mask()] * 3, lac.suggest(turns))
    assert {(m.name.surname, m.name.given) for m in found} == {("施", "文斌")}
    assert len(found) == 3


def test_lists_hold_words_of_two_and_more_characters() -> None:
    assert all(len(word) > 1 for word in WORDS | AH_WORDS)
    assert all(word.startswith("阿") for word in AH_WORDS)
