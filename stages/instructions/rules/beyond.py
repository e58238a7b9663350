"""What an instruction may not ask for, as no conversation holds it, and what it may not carry out of one, in both languages."""

import re
from collections.abc import Collection

from stages.core.row import Language
from stages.pii.values import addresses, credentials, phones_and_accounts
from stages.rows.instruction import KnowledgeKind
from stages.text import chinese_surnames, languages

PERIOD = r"(?:days?|weeks?|months?|quarters?|years?)"
SPAN = rf"(?:last|past|previous|next|coming)[ ](?:\w+[ ])?{PERIOD}"
ELSEWHERE: dict[Language, str] = {
    "en": rf"""
        \b (?: internet | google | web(?:site)?[ ]search | online[ ](?:search | reviews? | sources? | portals?) | search[ ]engines? | social[ ]media | news[ ](?:reports?|articles?) )\b
        | \b (?: search | look[ ]\w+[ ]up | look[ ]up | research | consult | check )\b [^.;?!]{{0,40}} \b (?: online | web | register | registry | database | listings | land[ ]records )\b
        | \b (?: surveys? | questionnaires? | focus[ ]groups? | interview(?:s|ing)? ) \b (?![ ]?(?:report|or\b|came|back|fee|cost|result))
        | \b (?: median | average | mean | typical | prevailing ) [ ] (?:\w+[ ]){{0,3}} (?: prices? | rents? | scores? | incomes? | rates? | age )\b
        | \b (?: market | industry | sales | crime | census | government | official | national | regional | historical ) [ ] (?:\w+[ ])? (?: statistics | data | trends? | benchmarks? | figures | indices | index | averages? )\b
        | \b (?: crime[ ]rates? | reported[ ]crimes | test[ ]scores | credit[ ](?:report|score|history|file) | tax[ ]returns? | criminal[ ]records? | account[ ]balances? | browsing[ ]history | medical[ ]records? )\b
        | \b (?: other | similar | all | comparable | past | previous | former | our ) [ ] (?: customers?['’]? | clients?['’]? | buyers['’]? | tenants['’]? | households['’]? ) [ ] (?: files? | records? | cases? | data | conversations? | calls? | histor(?:y|ies) | accounts? | average ) \b
        | \b (?: crm | (?:from|in|open|consult|check|with)[ ](?:the|our|his|her|their)[ ](?:customer|case|client)[ ](?:file|record) | back[ ]?office | file[ ]on[ ]record | company[ ]records | bank[ ]records | internal[ ](?:records?|systems?|database) )\b
        | \b (?: attachments? | appendix | annex | (?:attached|enclosed)[ ](?:\w+[ ])?(?: files? | documents? | lists? | tables? | sheets? | reports? | forms? | spreadsheets? | pdf | contracts? | plans? | e-?mails? | inventory | quotations? ) ) \b
        | \b (?: photos? | pictures? | images? | video | floor[ ]plan | screenshot | recording ) [ ] (?: attached | above | below | provided | shows? | to[ ]see )\b
        | \b (?: look[ ]at | watch | inspect | examine | listen[ ]to ) [ ] the [ ] (?:\w+[ ])? (?: photos? | pictures? | images? | video | recording | audio )\b
        | \b (?: visit(?:ing)? | drive[ ](?:to|past) | go[ ]to | inspect | measure[ ]on[ ]site ) [ ] the [ ] (?:\w+[ ])? (?: property | properties | home | house | flat | site | office | school | neighbou?rhoods? ) \b (?![ ](?:was|is|that|the[ ]customer))
        | \b (?: phone | ring | e-?mail | ask | contact ) [ ] the [ ] (?: customer | client | provider | agent | seller | owner | landlord | neighbou?rs? | bank ) [ ] (?: again | directly | and[ ]ask | afterwards | to[ ](?:ask|confirm|verify|find[ ]out) ) \b
        | \b (?: facial[ ]expressions? | body[ ]language | gestures? | eye[ ]contact | voice[ ]pitch | intonation | heart[ ]rate )\b
        | \b (?: earlier | previous | prior | past | subsequent | later | other | all ) [ ] (?:\w+[ ])? (?: conversations? | calls | chats | dialogues | correspondence | e-?mails | contacts )\b
        | \b (?: over | during | in | of | for | from ) [ ] the [ ] {SPAN} \b [^.;?!]{{0,30}} \b (?: prices? | rents? | market | sales? | data | visits? | logins? | transactions? | conversations? | calls? )\b
        | \b (?: prices? | rents? | market | sales? | data | visits? | logins? | transactions? | rates? | changes ) \b [^.;?!]{{0,30}} \b (?: over | during | in | of | for | from ) [ ] the [ ] {SPAN} \b
        | \b (?: marital | criminal | medical | employment | credit | payment ) [ ] (?: histor(?:y|ies) | records? ) \b | \b balances?[ ]of[ ](?:\w+[ ]){{0,3}}accounts?\b | \b in[ ]the[ ](?:past|last)[ ](?:\w+[ ])?years\b
        | \b (?: measured | counted | recorded ) [ ] (?:on|over|at) [ ] (?:\w+[ ])? (?: working[ ]days | rush[ ]hour | days ) \b
        | \b (?: what | how | whether ) \b [^.;?!]{{0,40}} \b (?: actually | eventually | in[ ]the[ ]end | later ) [ ] (?: bought | sold | signed | moved | paid | did | happened | turned[ ]out | decided | rented )\b
        | \b (?: after[ ]the[ ](?:sale|closing|move|purchase|signing)[ ](?:was|had) | final[ ]sale[ ]price | has[ ]since | have[ ]since )\b
        | \b (?: forecast | predict | estimate | project ) \b [^.;?!]{{0,40}} \b (?: house | housing | home | property | market | rental ) [ ] (?: prices? | values? | trends? | market )\b
    """,
    "zh": r"""
        上网 | 联网 | 百度 | 谷歌 | 搜索引擎 | (?: 网上 | 互联网 | 网络 | 平台上? | 官网 | 全网 ) [^，。；]{0,6} (?: 搜 | 查 | 检索 | 找 | 评价 | 口碑 | 资料 | 信息 ) | 浏览记录 | 收藏(?:记录|房源) | 登录记录 | 新闻报道 | 社交媒体 | 朋友圈内容
        | 问卷 | 调研 | 抽样调查 | 民意 | 访谈 | 走访 | 实地 | 现场(?:查看|勘察|测量|核实) | (?:登门|上门)(?:核实|查看|了解|测量)
        | (?: 成交 | 市场 | 平均 | 片区 | 区域 | 同类 | 周边 ) [^，。；、]{0,6} (?: 均价 | 平均[^，。；、]{0,4} | 中位数 | 行情数据 | 成交数据 | 统计数据 | 走势 | 转化率 ) | 均价(?:走势|变化|数据) | 统计局 | 市场(?:统计|数据|份额) | 行业(?:数据|统计|平均|均值) | 升学率 | 犯罪率 | 空置率数据 | 平均年龄 | 平均收入
        | (?: 近 | 最近 | 过去 | 上 | 未来 | 今后 ) [一二两三四五六七八九十半几\d]+ 个? (?: 天 | 日 | 周 | 星期 | 个?月 | 季度 | 年 ) [^，。；、]{0,10} (?: 成交 | 价 | 行情 | 走势 | 记录 | 数据 | 通话 | 沟通 | 对话 | 涨 | 跌 | 升学 | 流水 )
        | (?: 其他 | 同类 | 类似 | 全部 | 所有 | 历史 | 以往 | 往期 ) (?: 的 )? (?: 客户 | 业主 | 租客 | 买家 ) (?: 的 )? [^，。；、]{0,4} (?: 档案 | 资料 | 记录 | 案例 | 数据 | 情况 | 平均 | 转化 | 对话 )
        | (?: 历次 | 以往 | 往期 | 之前的? | 此前的? | 历史 | 其他 | 所有 | 后续各次 | 上[一几]次 ) [^，。；、]{0,4} (?: 通话 | 对话 | 沟通 | 聊天 | 会话 | 来电 | 往来 ) (?: 记录 | 录音 | 内容 | 数据 )?
        | (?: 调取 | 查询 | 登录 | 检索 | 打开 | 查阅 | 调阅 ) [^，。；]{0,8} (?: 系统 | 数据库 | CRM | 后台 | 档案 | 征信 | 流水 | 登记 | 台账 | 房源库 ) | 客户(?:档案|管理系统) | CRM | 内部系统 | 征信(?:报告|记录) | (?:查|调取|查看)征信 | 银行流水 | 病历 | 户籍档案
        | 附件 | 附图 | 附表 | (?:随|后)附的?(?:文件|表格?|图|照片|清单|合同|截图) | 见附 | (?: 查看 | 观察 | 观看 | 根据 | 对照 | 结合 ) [^，。；]{0,6} (?: 照片 | 图片 | 视频 | 户型图 | 截图 | 录像 | 录音 | 监控 )
        | (?: 致电 | 打电话给?[^，。；]{0,4} | 再次?联系 | 回访 | 电话联系 | 联系 ) (?: 客户 | 服务者 | 经纪人 | 业主 | 邻居 | 房东 | 银行 ) [^，。；]{0,4} (?: 询问 | 确认 | 核实 | 了解 )
        | 面部表情 | 肢体语言 | 手势 | 眼神 | 音调 | 音量 | 心率
        | (?: 实际 | 最终 | 事后 | 后来 ) [^，。；、]{0,4} (?: 成交价 | 签约[^，。；]{0,4}结果 | 有没有(?:买|卖|租|签) | 是否(?:买|卖|租|签|成交|退租|入住) | 搬走 ) | (?: 签约 | 成交 | 过户 | 入住 ) (?: 之?后 ) [^，。；]{0,8} (?: 的?满意度 | 实际 | 发生了 | 使用情况 | 居住体验 )
        | (?: 预测 | 预估 | 推算 ) [^，。；]{0,10} (?: 房价 | 市场 | 楼市 | 租金 | 行情 ) [^，。；]{0,4} (?: 走势 | 趋势 | 涨跌 | 变化 )
    """,
}
BESIDE: dict[KnowledgeKind, dict[Language, str]] = {  # what stands beside the conversation where an instruction says so
    "listing": {
        "en": r"\b (?: listing[ ](?:data|sheet|database) | property[ ](?:sheet|database) | (?:the|our)[ ]listings? (?![ ](?:was|is|that|price|agent)) )\b",
        "zh": r"房源(?:库|表|数据) | 房产资料 | (?:对照|查阅?|调取|检索)[^，。；]{0,6}房源(?:信息|资料)",
    },
    "price_table": {
        "en": r"\b (?: price[ ](?:table|list|sheet) | rate[ ](?:card|sheet) | tariff[ ](?:table|list) )\b",
        "zh": r"价目表|价格表|报价表|收费标准表|费率表",
    },
    "policy": {
        "en": r"\b (?: polic(?:y|ies)[ ](?:document|manual|text|handbook) | (?:company|house|our)[ ]polic(?:y|ies) | handbook | rule[ ]?book | knowledge[ ]base )\b",
        "zh": r"公司(?:政策|制度|规定)|政策文件|制度文件|服务手册|知识库",
    },
}
SKIPPED: dict[
    Language, re.Pattern[str]
] = {  # in the clause, before it: the instruction forbids it, or takes it from the talk
    "en": re.compile(
        r"\b(?:not|no|never|without|don['’]t|nor|avoid|ignore|exclude|leave out|instead of|rather than|mention\w*|named?|said|says|stated|quot\w+|claim\w*|refer\w*|takes? from|whether|if)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"不|勿|无需|避免|未|没|别|提[到及]|谈到|说[到过]|讲到|所[称说]|声称|引用|是否|对话中|沟通中|自述|原话"
    ),
}
CLAUSES = re.compile(r"[.;:!?，,。；：！？、]|\b(?:but|and)\b")
ASKED = {language: re.compile(pattern, re.VERBOSE | re.IGNORECASE) for language, pattern in ELSEWHERE.items()}
KNOWN = {
    (kind, language): re.compile(pattern, re.VERBOSE | re.IGNORECASE)
    for kind, patterns in BESIDE.items()
    for language, pattern in patterns.items()
}

PSEUDONYM = re.compile(r"\[[A-Z_]+_\d+\]")
SOMEBODY = re.compile(
    rf"""\b (?: Mr | Mrs | Ms | Miss | Dr )\.? [ ] [A-Z][a-z]+
    | [{chinese_surnames.COMMON}{chinese_surnames.FURTHER}] [{languages.HAN}]{{0,2}} (?: 先生 | 女士 | 小姐 | 太太 | 师傅 | 阿姨 | 大姐 | 大哥 | 老师 )""",
    re.VERBOSE,
)
FIGURE = re.compile(r"\d[\d,.]*\d")
LONG = 3  # digits of a figure that only one conversation has
FIGURES = 2  # so many in one instruction are of one conversation, whether or not the excerpt shows them
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}(?:['’]s)?\b")


def is_unanswerable(text: str, language: Language, knowledge: tuple[KnowledgeKind, ...] = ()) -> bool:
    """Whether this asks for what stands in no conversation and not in the `knowledge` beside it.

    The web, surveys, statistics, other customers' files and talks, attachments, a visit, a face, what happened afterwards. A
    clause that forbids it, or asks what somebody said of it, asks for no such thing.
    """
    patterns = [ASKED[language], *(KNOWN[kind, language] for kind in BESIDE if kind not in knowledge)]
    return any(
        not SKIPPED[language].search(_clause_before(text, match.start()))
        for pattern in patterns
        for match in pattern.finditer(text)
    )


def _clause_before(text: str, place: int) -> str:
    return CLAUSES.split(text[:place])[-1]


def carries_personal_data(text: str, excerpt: str, parent: str, names: Collection[str] = ()) -> bool:
    """Whether a child holds a placeholder, a person's data, or a name or figure of the `excerpt` that its parent lacks.

    `names` are those of its fields and labels, which stand in every prompt made of it. Figures that the excerpt lacks may be theirs,
    as those of a price band are.
    """
    if addresses.find(text) or phones_and_accounts.find([text])[0] or credentials.find([text], 0):
        return True
    known, shown = _particulars(parent), _particulars(excerpt)
    if sum(each.isdecimal() for each in _particulars(text) - known) >= FIGURES:
        return True
    spoken = [f", {name.replace('_', ' ')}" for name in names]  # as in a list, where NAME looks for one
    if any(map(PSEUDONYM.search, (text, *names))):
        return True
    return any(SOMEBODY.search(part) or (_particulars(part) - known) & shown for part in (text, *spoken))


def _particulars(text: str) -> set[str]:
    """Return the names and the long figures of a text."""
    figures = {re.sub(r"\D", "", match) for match in FIGURE.findall(text)}
    return {figure for figure in figures if len(figure) >= LONG} | {
        name.removesuffix("'s").removesuffix("’s") for name in NAME.findall(text)
    }
