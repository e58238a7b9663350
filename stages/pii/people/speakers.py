"""What the speaker field of a turn says: a name, a handle, or only a part that somebody plays."""

import re

from stages.core.row import Language
from stages.pii.people import chinese_names
from stages.pii.people.chinese_surnames import SURNAME
from stages.pii.people.chinese_surnames import TITLES as TITLES_ZH
from stages.pii.people.english_known import TITLES
from stages.pii.people.given_names import GIVEN_NAMES, plain
from stages.pii.people.mention import NOBODY, PersonName
from stages.pii.people.word_groups import any_of
from stages.text.languages import HAN, HAN_CHARACTER

TRADE = """
sales real estate property home rental lease asset letting customer service support care design team
agent realtor broker manager advisor adviser designer consultant representative rep operator staff
"""
PARTIES = "caller client buyer seller owner tenant landlord landlady vendor provider user host guest"
MACHINES = "system assistant bot channel left right"
FAMILY = "mom mum dad mother father wife husband sister brother son daughter partner"
ANYBODY = r"the first second other speaker unknown party person voice man woman a b \d++"  # digits in one go: in parts there are as many ways as 2 to their number
PARTS = re.compile(rf"(?:{any_of(TRADE, PARTIES, MACHINES, FAMILY, ANYBODY)}[\s_#:.-]*)+", re.IGNORECASE)
# Of two that begin alike, the longer comes first.
TRADE_ZH = """
客户经理 客服经理 居住顾问 热线顾问 置业顾问 家装顾问 资产经理 租房管家 租赁经理 经纪人 设计师 结构师 中介 顾问
管家 经理 客服回访 客服 回访 热线 销售 服务者 服务 工长 监理 家装 置业 租赁 居住 专员 店长 师傅
"""
PARTIES_ZH = "客户 顾客 业主 买家 卖家 房东 租客 租户 用户 甲方 乙方 本人 对方"
MACHINES_ZH = "系统 助手 来电 主叫 被叫 说话人 发言人 云上"
FAMILY_ZH = """
爱人 妻子 丈夫 老公 老婆 女儿 儿子 闺女 妈妈 爸爸 奶奶 爷爷 婆婆 公公 外婆 外公 一家 男朋友 女朋友 朋友 邻居
"""
ANYBODY_ZH = "其他人 其他 男 女 方"
PARTS_ZH = any_of(TRADE_ZH, PARTIES_ZH, MACHINES_ZH, FAMILY_ZH, ANYBODY_ZH)
# All in one go, the longest first: 客服回访 is also 客服 and 回访, so that twenty of them have a million ways to be read.
ROLE_ZH = re.compile(rf"(?:{PARTS_ZH}|[A-Za-z]|\d++)*+")
LEADING_ZH = re.compile(rf"^{PARTS_ZH}+(?=.{{2,}})")
TRAILING_ZH = re.compile(r"(?<=..)(?:爱人|男朋友|女朋友|一家|的?(?:妈妈?|爸爸?|老公|老婆|女儿|儿子))$")
FAR = 200  # characters of an aside up to its end, or to what tells it: unbounded, every bracket would read on to the field's end
ASIDE = re.compile(
    rf"(?<!\s)\s*(?:[(（\[【].{{0,{FAR}}}?[)）\]】]|[,，/|].*$)"
    rf"|[-–—@·]\s{{0,{FAR}}}\S{{0,{FAR}}}(?:公司|地产|装修|realty|homes).*$",
    re.IGNORECASE,
)
ENDING_ZH = re.compile(rf"[小老阿]{SURNAME}$|{SURNAME}(?:{TITLES_ZH})$")  # 冰城老吴, 灭蚁沈师傅


def parse(recorded: str, language: Language) -> PersonName:
    """Return the name in a speaker field; NOBODY when it is empty or only says who somebody is in the talk."""
    text = ASIDE.sub("", recorded).strip()
    if not text or PARTS.fullmatch(text):
        return NOBODY
    return _chinese(text) if language == "zh" and HAN_CHARACTER.search(text) else _english(text)


def _chinese(text: str) -> PersonName:
    """Return the name in fields such as 经纪人 励斌, 韩磊-方庄二店, 工长老邱, 李哥-98平毛坯; a nickname stays."""
    pieces = [piece for piece in re.split(r"[\s\-_–—@·]+", text) if piece and not ROLE_ZH.fullmatch(piece)]
    for piece in pieces:
        bare = LEADING_ZH.sub("", piece)
        ending = ENDING_ZH.search(bare)
        if (
            name := chinese_names.parse(piece)
            or chinese_names.parse(bare)
            or (chinese_names.parse(ending.group()) if ending else None)
        ):
            return name
        if TRAILING_ZH.search(bare):
            return PersonName(single=piece)
        if match := re.fullmatch(rf"([A-Z][a-z]+)([{HAN}])?", bare):
            return PersonName(given=match[1], surname=match[2] or "")
    return PersonName(single=pieces[0]) if pieces else NOBODY


def _english(text: str) -> PersonName:
    words = [word for word in re.split(r"[\s_.\d]+", text) if word.strip("-'’")]
    title = plain(words[0]) if words and plain(words[0]) in TITLES else ""
    words = words[1:] if title else words
    full = [word for word in words if len(word) > 1]
    initial = words[-1] if len(words) > 1 and len(words[-1]) == 1 else ""
    if not full:
        return PersonName(single=text, initial=initial)
    if len(full) > 1:
        return PersonName(title=title, given=full[0], surname=full[-1])
    if title:
        return PersonName(title=title, surname=full[0])
    is_given = initial or plain(full[0]) in GIVEN_NAMES
    return PersonName(given=full[0], initial=initial) if is_given else PersonName(single=full[0])
