"""How people are named in Chinese talk where a word says that it is a name: 王女士, 我是张伟, 张伟医生, —— 李敏."""

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from stages.pii.patterns.deferred import Deferred
from stages.pii.people import chinese_context, chinese_peoples, chinese_pinyin
from stages.pii.people.chinese_evidence import Trust
from stages.pii.people.chinese_surnames import ANY_SURNAME, BEHIND, PARTICLES, SURNAME, TITLES, WEAK, WORDY
from stages.pii.people.chinese_words import GIVEN, OF_PEOPLES, TRANSLITERATED
from stages.pii.people.given_names import ALSO_WORDS, GIVEN_NAMES
from stages.pii.people.mention import Manner, Mention, PersonName
from stages.pii.people.word_groups import any_of
from stages.text.languages import HAN

CHARACTER = rf"[{HAN}]"
UNITS = re.compile(r"[上下本每这那一两三几单双\d]$")  # 上周总…, 一方…
ASKED = re.compile("(?:问|找|叫|联系|通知|催|喊|跟)[一]?下$")
TITLED = Deferred(rf"(?=(?P<whole>(?P<surname>{ANY_SURNAME})(?P<given>{CHARACTER}{{0,2}}?)(?P<title>{TITLES})))")
CALLED_ON = re.compile(rf"(?:^|[^{HAN}]|[姓找叫请给跟问是由让])$")
SAY_WHO = "我是|我叫|叫做|名叫|叫|名字是|名字叫|名为"
FIELDS = """
姓名 联系人 户名 收款人 收款名 签约人 户主 产权人 持卡人 借款人 开户人 收件人 寄件人 经办人 申请人 委托人 受托人 承租人 出租人 承租方 出租方 甲方 乙方 买受人 出卖人 投保人 被保险人 监护人 担保人 紧急联系人
客户姓名 业主姓名 名字 署名 签名 签字 落款 抬头 负责人 法人 经办 接待人 预约人 聯絡人 聯繫人 戶名 收件人 簽名 簽約人 申請人 經辦人 患者 病人 乘客 乘机人 乘车人 旅客 学生 学生姓名 受益人 入住人 住客 家属 代理人 购票人 取票人 收货人 发件人 收貨人 訂票人 下单人 投诉人 报名人 就诊人 参会人 申报人 会员 押运员 司机姓名 被保人
收款方 付款人 汇款人 开票人 值班 值班员 客服 主讲 讲师 指导老师 班主任 家长 顾客 订购人 预订人 操作员 填表人 审批人 报修人 订单人 复核 复核人 责任护士 客户名 会员名 会员名字 旅客姓名 制单 审核 主刀 医师 主诉医师 主治医师 开户姓名 购买人 住户 讲解员 记录人 见证人 联络人 乘機人 學生 病患
"""
FORM_FIELD = rf"{any_of(FIELDS)} (?: \s?[:：]\s? | 是 )"
PLAIN_FIELD = "被保险人|户主|签收人|开户名|开户人|同行人|接机牌写|收货人姓名|患者|乘客|乘机人|乘機人|收件人|收货人|投保人|受益人|入住人|经办人|代理人|就诊人|住客|旅客|姓名|联系人|户名|收款人|收款名|签约人|署名|落款"
POINT_OUT = "隔壁|闺蜜|对象叫|前台|学员|主播|班主任|护工|护士长?|老板娘|客服|快递员|骑手|教练|导游|保姆|月嫂|会计|主管|组长|队长|班长|他叫|她叫|本人|自报|这位是|这是|联系一下|我同事|同事"
RELATIVE = "老公|老婆|爱人|老伴儿?|媳妇|我先生|我太太|女儿|儿子|闺女|小舅子|表哥|表姐|我妈|我爸|姐姐|妹妹|哥哥|弟弟"
PROFESSION = "業主|房東|經紀人|設計師|醫生|顧問|业主|房主|邻居|室友|司机|保洁|助理|房东|租客|经纪人|管家|设计师|工长|师傅|医生|主治医生|主治医师|医师|大夫|客户经理|顾问|律师"
GOES_ON = "的|是|啊|呀|吧|负责|给|为|说|跟|和|在|也|还|都|就|会|想|要|去|来|不|没|请|卖|女|男|本人|放|把|已经|昨|今|明"
INTRODUCED = Deferred(
    rf"""
    (?P<cue> {SAY_WHO} | {FORM_FIELD} | {PLAIN_FIELD} | {POINT_OUT} | {RELATIVE} | {PROFESSION} )
    (?: 的|，|, | [ ] | 是|为|叫 )?
    (?P<surname> {SURNAME} ) (?P<given> {CHARACTER}{{1,2}}? )
    (?= (?! {CHARACTER} ) | {GOES_ON} | {TITLES} | 主任|指导|诊 )
    """,
    re.VERBOSE,
)
FILLED_IN = Deferred(
    rf"(?P<cue>{FORM_FIELD})(?P<surname>{ANY_SURNAME})(?P<given>{CHARACTER}{{1,2}})(?!{CHARACTER})", re.VERBOSE
)
CLOSINGS = "此致|敬上|谨上|祝好|顺祝商祺|顺颂商祺|敬礼|落款|签名|签字|署名"
SIGNED = Deferred(
    rf"""
    (?: (?: —+|–+|--+ | (?: {CLOSINGS} ) [!！。，,：:]? ) \s* ) (?P<surname> {ANY_SURNAME} ) (?P<given> {CHARACTER}{{1,2}} )
    (?= \s*$ | [^{HAN}] )
    | (?: (?<= \s ) | (?<= [。！!，,] ) ) (?P<surname2> {SURNAME} ) (?P<given2> {CHARACTER}{{1,2}}? )
    (?= \s? (?: 敬上|谨上|谨启|敬启|拜上|上$|留$|字$ ) | \s+ \d{{4}} [年.\-/] )
    """,
    re.VERBOSE | re.MULTILINE,
)
SURNAME_IS = Deferred(
    rf"""
    (?: 我姓|免贵姓|姓 ) (?P<surname> {ANY_SURNAME} ) (?! [名氏什] )
    (?: [，,。\ ] \s? (?= (?P=surname) ) (?P<full> {ANY_SURNAME} {CHARACTER}{{1,2}} ) (?! {CHARACTER} ) )?
    """,
    re.VERBOSE,
)
DESCRIBED = Deferred(
    rf"""
    (?: (?<! {CHARACTER} ) | (?<= [经由] ) )
    (?P<surname> {SURNAME} ) (?P<given> {CHARACTER}{{1,2}}? )
    (?= ，\s? (?: \d{{1,3}}岁 | 男 | 女 ) | \s?[（(]\s?(?:身份证|电话|手机|男|女|学号|工号|微信) | \s(?:男|女)(?!{CHARACTER}) | 是一[位名] | （\d | \(\d | ，?性别 | ，?身份证 | ，?[电電][话話] | ，?手机 | 为您服务
      | [，,：:\ ]\s? 1[3-9]\d [\d\ -]{{8,10}}
      | (?: 负责|诊断|指导|开具|确诊|为其 )
      | 的 (?: 身份证|电话|手机|邮箱|信用|年收入|月收入|主治|微信 )
      | [现持因] 有? [^，。]{{0,4}} (?: 居住|住|出现|身份证|被诊断 ) )
    """,
    re.VERBOSE,
)
TYPICAL = f"[{''.join(sorted(GIVEN))}]"
BY_GIVEN = Deferred(rf"(?P<name>(?:[小阿]|{TYPICAL})?{TYPICAL}[姐哥叔嫂])(?![夫妹弟姐伦斯哥叔嫂])")
OWNED = "快递 外卖 作业 包裹 病历 成绩 孩子 妈妈 爸爸 家长 订单 账号 座位 票 名字 手机号 微信 行李 护照 挂号"
FRAMED = Deferred(
    rf"""
    (?: (?<! {CHARACTER} ) | (?<= [找给是请] ) | (?<= 麻烦 ) | (?<= 联系 ) )
    (?P<surname> {SURNAME} ) (?P<given> {TYPICAL}{{1,2}} )
    (?= 同学(?!们|[会录]) | [说讲][她他] | ，你的 | 帮我[看查办拿取垫问] | 的 {any_of(OWNED)} )
    """,
    re.VERBOSE,
)
NO_FRAMED = frozenset(
    [
        "高中",
        "初中",
        "高一",
        "高二",
        "初一",
        "明天",
        "明年",
        "明日",
        "白天",
        "平安",
        "安全",
        "单人",
        "管理",
        "金牌",
        "高级",
        "向来",
        "应该",
        "党员",
        "计生",
        "时代",
        "时尚",
        "高新",
        "高端",
        "强力",
    ]
)
ITEM = rf"{SURNAME}{CHARACTER}{{1,2}}"
LIST = Deferred(rf"(?<!{CHARACTER}{{6}}){ITEM}(?:[、/]\s?{ITEM})+")
CLOSING = frozenset("和与及等跟共一二三四五六")  # 张伟、李娜和…, 张伟、李娜等
DOT = "[·•・‧∙]"
SOUNDS = f"[{''.join(sorted(TRANSLITERATED))}]"
FOREIGN = Deferred(rf"(?:{SOUNDS}{{2,7}}{DOT})+{SOUNDS}{{2,7}}")
HALF_FOREIGN = Deferred(rf"(?:{SOUNDS}{{2,7}}{DOT})+{SURNAME}[{''.join(sorted(GIVEN))}]")  # 艾瑞克·司徒华
DOTTED = Deferred(
    rf"""
    {CHARACTER}{{2,4}} {DOT} {CHARACTER}{{2,4}} (?= 医生|先生|女士|小姐|太太|医师|主任|说|负责|的指导 )
    | (?<! {CHARACTER} ) 让 {DOT} {SOUNDS}{{2,6}}
    | (?<= [叫是由经] ) {CHARACTER}{{2,4}} {DOT} {CHARACTER}{{2,4}}
    """,
    re.VERBOSE,
)
OF_OTHERS = Deferred(
    rf"(?P<name>{any_of(OF_PEOPLES)})(?={GOES_ON}|{TITLES}|下|[，,。！!？?]|$)|(?<=[找叫给跟问请由让是])(?P<called>{any_of(OF_PEOPLES)})"
)
SELF_LATIN = Deferred(
    rf"(?:我是(?:{CHARACTER}{{2,8}}的)?|我叫|叫我|这边是|英文名(?:字|是|叫)?|昵称(?:是|叫|[:：])?)\s?(?P<latin>[A-Z][a-z]{{1,15}})(?![A-Za-z0-9._@-])"
)
CALLS_LATIN = "Hi hi Hello hello 嗨 哈喽 哈啰 Dear 抄送 转 麻烦 通知 加 和 与 、 同事 经纪人 顾问 管家 客户经理 找 联系 问问 问 跟 和 给 让 请 由 @ 名字是 备注"
AFTER_LATIN = "妈妈 爸爸 妈咪 ，在 在不在 问我 问你 让我 请假 已经 说了 给我 和 微信 推荐 介绍 推 说 你好 您好 早 在吗 也在 跟进 负责 联系 发我 的微信 的电话 的手机 陪 带 接 来 去 会 帮 昨天 今天 明天"
TITLED_LATIN = Deferred(rf"(?<![A-Za-z0-9@._-])(?P<latin>[A-Z][a-z]{{1,15}})(?:[哥总]{BEHIND}|姐|老师|先生|女士|小姐)")
LATIN = Deferred(
    rf"{any_of(CALLS_LATIN)}\s?(?P<latin>[A-Z][a-z]{{1,15}})(?![A-Za-z0-9._@-])"
    rf"|(?<![A-Za-z0-9@._-])(?P<doing>[A-Z][a-z]{{1,15}})(?=\s?{any_of(AFTER_LATIN)})"
)
NO_LATIN = frozenset(
    "App Wifi Vip Ok Okay Hello Hi Hey Yes No Excel Word Zoom Pdf Email Iphone Ipad Loft Soho Boss Apple".lower().split()
)
FIELD = Deferred(rf"{FORM_FIELD} | {PLAIN_FIELD}", re.VERBOSE)
ADDRESS = set("总叔姨嫂伯师仔爷妈生太工婶董哥姐")
OFFICES = frozenset("导局处队院")  # 刘导, 赵局; 第二处 is a place
PHRASES = frozenset("那经从能都由")  # 那女士…, 经医生诊断
NAMES = GIVEN_NAMES | ALSO_WORDS
OWN = {"我是", "我叫", "本人", "自报"}


class Candidate(NamedTuple):
    """What may be a person, and how far the words around it say so."""

    mention: Mention
    trust: Trust


def candidates(turn: int, text: str, ordinary: Set[str]) -> Iterator[Candidate]:
    """Yield what the words around it call a person, in no order; they may overlap."""
    for match in TITLED.finditer(text):
        start, end = match.span("whole")
        if not _is_no_address(text[:start], match, ordinary):
            name = PersonName(title=match["title"], given=match["given"], surname=match["surname"])
            yield Candidate(Mention(turn, start, end, name, manner(text, start, end)), "sure")
    for match in (*INTRODUCED.finditer(text), *DESCRIBED.finditer(text), *FILLED_IN.finditer(text)):
        cue = match.groupdict().get("cue") or ""
        name = PersonName(given=match["given"], surname=match["surname"])
        own: Manner = "own" if cue in OWN else ""
        found = Mention(turn, match.start("surname"), match.end("given"), name, own)
        stated = cue[-1:] in {":", "："} and GIVEN.issuperset(match["given"])
        if match["given"] not in ADDRESS and not PARTICLES.intersection(match["given"][:1]):
            yield Candidate(found, "framed" if stated else "sure" if cue in OWN or FIELD.fullmatch(cue) else "likely")
    for match in SIGNED.finditer(text):
        surname, given = match["surname"] or match["surname2"], match["given"] or match["given2"]
        end = max(match.end("given"), match.end("given2"))
        name = PersonName(given=given, surname=surname)
        yield Candidate(Mention(turn, end - len(surname + given), end, name), "likely")
    for match in FRAMED.finditer(text):
        name = PersonName(given=match["given"], surname=match["surname"])
        if match["surname"] + match["given"] not in NO_FRAMED:
            yield Candidate(Mention(turn, match.start("surname"), match.end("given"), name), "framed")
    for match in re.finditer(r"阿[A-Z][a-z]{1,9}(?![A-Za-z])", text):
        yield Candidate(Mention(turn, *match.span(), PersonName(single=match.group())), "sure")
    for match in BY_GIVEN.finditer(text):
        if chinese_context.is_addressed(text, match.start()) and match.group() not in ordinary:
            yield Candidate(
                Mention(turn, *match.span(), PersonName(title=match.group()[-1], single=match.group()[:2])), "likely"
            )
    for match in SURNAME_IS.finditer(text):
        yield from (Candidate(found, "sure") for found in _surname(turn, match))
    for match in LIST.finditer(text):
        yield from _listed(turn, match, ordinary)
    yield from _latin(turn, text, ordinary)
    for match in OF_OTHERS.finditer(text):
        yield Candidate(Mention(turn, match.start(), match.end(), PersonName(single=match.group())), "sure")
    for start, end in chinese_peoples.composed(text):
        yield Candidate(Mention(turn, start, end, PersonName(single=text[start:end])), "sure")
    for start, end in chinese_peoples.alone(text):
        if chinese_context.sides(text, start, end) == chinese_context.BOTH:
            yield Candidate(Mention(turn, start, end, PersonName(single=text[start:end])), "sure")
    for start, end in chinese_pinyin.find(text, ordinary):
        yield Candidate(Mention(turn, start, end, PersonName(single=text[start:end])), "sure")
    for match in (m for pattern in (DOTTED, FOREIGN, HALF_FOREIGN) for m in pattern.finditer(text)):
        yield Candidate(Mention(turn, match.start(), match.end(), PersonName(single=match.group())), "likely")


def _latin(turn: int, text: str, ordinary: Set[str]) -> Iterator[Candidate]:
    """Yield Kelvin, where Chinese around it says that it is somebody; English words only where somebody is called so."""
    for pattern in (SELF_LATIN, TITLED_LATIN, LATIN):
        for match in pattern.finditer(text):
            found = next(group for group in ("latin", "doing") if match.groupdict().get(group))
            end, word = match.end() if pattern is TITLED_LATIN else match.end(found), match[found].lower()
            if word not in NO_LATIN and (pattern is not LATIN or word not in ordinary or word in NAMES):
                yield Candidate(Mention(turn, match.start(found), end, PersonName(single=match[found])), "sure")


def _listed(turn: int, match: re.Match[str], ordinary: Set[str]) -> Iterator[Candidate]:
    """Yield the people of 张伟、李娜、王强, where most of the characters are such as given names are made of."""
    found = [(m.start() + match.start(), m.group()) for m in re.finditer(rf"{ITEM}", match.group())]
    behind = match.string[match.end() : match.end() + 1]
    last, item = found[-1]
    if item[-1] in CLOSING or PARTICLES.intersection(item[-1]) or item[-1] + behind in ordinary:
        found[-1] = last, item[:-1]
    named = [(start, re.fullmatch(rf"({SURNAME})(.+)", item)) for start, item in found]
    typical = [parts for _, parts in named if parts and GIVEN.issuperset(parts[2])]
    if 2 * len(typical) < len(found):
        return
    for start, parts in named:
        if parts:
            name = PersonName(given=parts[2], surname=parts[1])
            yield Candidate(Mention(turn, start, start + len(parts.group()), name), "likely")


def _is_no_address(before: str, match: re.Match[str], ordinary: Set[str]) -> bool:
    """Whether surname and title are parts of other words (工程师, 不过哥), of a quantity (上周总价) or of a phrase (和王女士)."""
    surname, given, title = match["surname"], match["given"], match["title"]
    if before[-1:] + surname in ordinary or PARTICLES.intersection(given) or given == "家":
        return True
    if title in OFFICES and given and not GIVEN.issuperset(given):
        return True
    if surname in WORDY:
        return (
            match["whole"] in ordinary
            or bool(given)
            or len(title) == 1
            or surname in PHRASES
            or CALLED_ON.search(before) is None
        )
    inner = re.search(SURNAME, given)
    if inner and (surname in WEAK | {"向", "于", "任"} or surname + given[0] in ordinary):
        return True
    alone, short = not given, len(title) == 1
    return (
        alone
        and short
        and (match["whole"] in ordinary or (UNITS.search(before) is not None and ASKED.search(before) is None))
    )


def _surname(turn: int, match: re.Match[str]) -> Iterator[Mention]:
    """Yield the surname of 免贵姓邓, and the full name of 姓邓，邓晓禾."""
    own: Manner = "own" if match.group()[0] in "我免" else ""
    surname, full = match["surname"], match["full"]
    yield Mention(turn, match.start("surname"), match.end("surname"), PersonName(surname=surname), own)
    if full:
        name = PersonName(given=full[len(surname) :], surname=surname)
        yield Mention(turn, match.start("full"), match.end("full"), name, own)


def manner(text: str, start: int, end: int) -> Manner:
    """Return whether the speaker says their own name there, or calls the listener by it."""
    before = text[max(0, start - 16) : start]
    if re.search(r"(?:我是|我叫|叫我|备注)[^，。]{0,10}$", before):
        return "own"
    greeted = re.search(r"(?:^|[，。！？,.!?]|您?你?好[，,！]?|哎|喂|谢谢)\s?$", before)
    return "called" if greeted and re.match(r"[，。！？,.!?]|您?你?好|您|$", text[end : end + 4]) else ""
