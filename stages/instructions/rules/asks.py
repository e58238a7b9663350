"""What an instruction asks for, told by its text alone, in both languages.

Whether it is one at all, or what comes out when one is carried out; whether it speaks of instructions instead of a
conversation; whether a written conversation can hold the answer. Each rule would rather let a bad one pass than refuse a good one.
"""

import re

from stages.text.languages import HAN

PARTIES = "customer|client|provider|agent|advisor|adviser|designer|manager|tenant|landlord|landlady|owner|buyer|seller|caller|staff"
PARTIES_ZH = "客户|顾客|业主|租客|房东|买家|卖家|服务者|经纪人|设计师|管家|顾问|双方|对方"
VERBS = """
    add analy[sz]e answer arrange ask assess assign break bring build calculate capture categori[sz]e check choose classify
    cluster collect compare compile complete compose condense consider count cover create decide define describe determine
    diagnose differentiate distinguish divide do draft draw estimate evaluate examine explain extract figure find flag focus
    follow form gauge gather generate get give go group help highlight identify imagine include infer interpret judge keep
    label lay leave line list locate look make map mark match measure mention name note offer order organi[sz]e outline
    paraphrase pick pinpoint place point predict prepare present prioriti[sz]e produce propose prove provide pull put quote
    rank rate read recap recommend reconstruct record report rephrase restate review rewrite say score select separate set
    show sketch sort spell split spot start state structure study suggest sum summari[sz]e support take tell think trace
    track translate trim turn type use verify warn weigh word work write
"""
ADVERBS = (
    r"(?: (?:please|then|also|and|now|first|next|finally|briefly|carefully|clearly|kindly|do[ ]not|don['’]t) ,? [ ] )*"
)
# A demand: a question, an order at the head of a sentence, what somebody needs or the answer should hold.
ASKS = re.compile(
    rf"""
    \?
    | (?: ^ | [.!:;(—–\n] \s* | [ ]-[ ] | \b(?:then|please) [ ] ) ["“*#\d.) ]* {ADVERBS} (?:{"|".join(VERBS.split())}) \b
    | \b (?: i | we ) (?:['’]d)? [ ] (?: need[ ](?:to[ ]know|an?|the|you) | want[ ](?:to[ ]know|an?|the|you) | (?:would[ ])?like )\b
    | \b you [ ] (?: should | must | are[ ]to | need[ ]to )\b
    | \b (?: answer | report | summary | list | table | note | message | reply | text ) [ ] (?: should | must | needs?[ ]to | (?:is|are)[ ]to )\b
    | \b (?: wanted | required | needed ) [:.]
    """,
    re.IGNORECASE | re.VERBOSE,
)
ASKS_ZH = re.compile(
    rf"""
    [?？] | 请(?!求|假|客) | 帮(?:我|忙) | 麻烦[你您] | 需要你 | 吗[。！]?$ | [须应]当?(?:包括|写明|注明|给出)
    | (?: ^ | [。；;，,：:！!\n] ) (?:(?![问咨解清])[^。；;，,：:！!\n])*? (?: 什么 | 哪 | 谁 | 多少 | 是否 | 怎么 | 为何 | 有没有 )
    | (?: ^ | [。；;，,：:！!\n] ) (?:(?!{PARTIES_ZH}|他|她|已)[^。；;，,：:！!\n]){{0,6}}?
      (?: 列[出举]? | 写[出明清]? | 给[出我] | 说[明说出清] | 总结 | 概括 | 归纳 | 提取 | 抽取 | 摘[出录要] | 找[出到]? | 指出 | 标[出注明] | 注明 | 判断
        | 评[估价分] | 打分 | 分析 | 比较 | 对比 | 计算 | 算[出清一] | 统计 | 推[断测] | 预[测判] | 梳理 | 整理 | 撰写 | 拟[写定一] | 起草 | 生成
        | 编写 | 改写 | 描述 | 解释 | 区分 | 识别 | 核[对实] | 选[出择] | 排[序列出] | 归类 | 还原 | 复盘 | 回[答复] | 汇总 ) (?!了|过|[:：])
    """,
    re.VERBOSE,
)
# What stands at the head of an answer: a party and what they did, a greeting, a spoken turn, a filled form.
TOLD = re.compile(
    rf"""
    ^ \W* (?:(?:in|from|during)[ ]th(?:e|is)[ ]\w+,?[ ])? (?: (?:the|this|our|both|one) [ ] (?:\w+[ ])? (?:{PARTIES})s? | s?he | they | it )
      (?:[ ](?:also|clearly|already|then|first|has|have|had|did|does|do))* (?:[ ]not)?
      [ ] (?: is | are | was | were | has | have | had | will | would | could | may | did | does | wants? | needs? | seems? | feels?
            | (?!need|bed|shed|speed)[a-z]+ed | asks? | said | says | told | tells | prefers? | looks? | plans? | hopes? | agrees? | offers? | refuses? | likes? | thinks? | mentions? ) \b
    | ^ \W* (?: dear | hello | hi | good[ ](?:morning|afternoon|evening|day) ) \b (?:[ ]\S+){{0,3}} [,!]
    | ^ \W* (?: (?:the|a)[ ])? (?:\w+[ ])? (?: summary | conclusion | analysis | answer ) \W* [:：\n] \s* (?: \W* (?:the|this|our|both|one|s?he|they|in) \b )
    | ^ \W* (?: thank[ ]you | thanks ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
TOLD_ZH = re.compile(
    rf"""
    ^ \W* (?:在?(?:本|这|该)[次段通]?(?:对话|沟通|通话|聊天)中[，,]?)? (?:{PARTIES_ZH}|他|她|他们)
      (?:目前|已经?|曾|还|也|最后|最终|明确|主要|首先|在[^，。]{{0,8}})*
      (?: 表示 | 提[出到] | 希望 | 想[要买租卖]? | 认为 | 觉得 | 担心 | 要求 | 询问 | 咨询 | 是[一位个] | 有[意购租] | 打算 | 计划 | 同意 | 拒绝 | 承诺 | 答应 | 说 | 倾向 | 情绪 | 态度 )
    | ^ \W* (?:尊敬的|亲爱的) | ^ \W* .{{0,8}} [您你]好 [，,！!。]
    | ^ \W* (?:总结|概括|分析|结论|答案?|回答|回复) [:：] \s* (?:本次|{PARTIES_ZH}|他|她|您)
    | ^ \W* 感谢[您你]
    """,
    re.VERBOSE,
)
# A message that somebody could send: it greets, and then speaks for the sender; its questions are put to the customer.
LETTER = re.compile(
    r"""
    ^ \W* (?: dear | hello | hi | good[ ](?:morning|afternoon|evening) ) \b [^,!.:]{0,30} [,!.]
      [ ] (?: thank | sorry | (?:i | we)(?:['’](?:ve|ll|m|re|d))?[ ] (?!need\b|want\b|would[ ]like[ ]to[ ]know\b) )
    | ^ \W* [^，。！,]{0,8} [您你]好 [，,！!。] (?: [^，。！]{0,4}[，,] )? (?: 感谢 | 谢谢 | 抱歉 | 不好意思 | 我[是们理已这给把] | 您的 | 理解您 )
    """,
    re.IGNORECASE | re.VERBOSE,
)
TURN = re.compile(
    rf"^\W*(?:{PARTIES}|{PARTIES_ZH}|其他人)(?: ?\[?[A-Z_]+_?\d*\]?)?\W*[:：]\W*\S", re.IGNORECASE | re.MULTILINE
)
FILLED = re.compile(r"^\s*(?:\{\s*\"|\[\s*[\{\"]|\||```)")
FORM_ZH = re.compile(rf"(?:^|[\s。；;])(?:{PARTIES_ZH})?[{HAN}]{{2,8}}[:：]")

# It speaks of the making of instructions: the meta-prompt, or talk about what was asked for.
ABOUT_INSTRUCTIONS = re.compile(
    r"""
    \b (?: (?: new | seed | rewritten | revised | improved | evolved | given | original | parent | above | following | previous ) [ ]
           (?:\w+[ ])? (?:task[ ])? (?: instruction | prompt )s? (?![ ](?:from|of|by)\b)
         | (?: write | rewrite | create | compose | generate | evolve ) [ ] (?: one | an? | this | the | another ) [ ] (?:\w+[ ]){0,3} instruction )\b
    | (?: below | here | following | this ) [ ] is [ ] an [ ] (?:\w+[ ])? instruction \b | \b (?: rewrite | rephrase ) [ ] it [ ] (?: so | to )\b
    | (?: 下面 | 以下 | 这 ) 是一?条 [^，。；]{0,20} 指令 | 改写它
    | (?: 新 | 改写 后? 的? | 原 始? | 上述 | 以下 | 给定 的? | 示例 | 种子 | 父 ) (?:任务)? 指令
    | (?: 编写 | 改写 | 写 | 生成 | 设计 ) (?:出|好)? (?:一|1|这|新)? [条个] [^，。；]{0,10} 指令
    | ^ \W* (?: (?:kind|type)[ ]of[ ]task | task[ ]type | 任务类型 | 任务描述 ) \W* [:：]
    """,
    re.IGNORECASE | re.VERBOSE,
)
PERIOD = r"(?:days?|weeks?|months?|quarters?|years?)"
NOT_THERE = re.compile(
    rf"""
    \b (?: search | look[ ](?:\w+[ ])?up | check | browse | find | consult ) \b [^.?!;]{{0,60}} \b (?: web | internet | online )\b
    | \b (?: google | web[ ]search | online[ ]search | search[ ]engine ) \b
    | \b (?: real-time | live | up-to-date | today['’]s | latest | current ) [ ] (?:\w+[ ])? (?: market | mortgage | interest | exchange ) [ ] (?: data | rates? | prices? | figures | news | trends? )\b
    | \b (?: facial[ ]expressions? | body[ ]language | gestures? | eye[ ]contact | tone[ ]of[ ]voice | voice[ ]pitch | intonation )\b
    | \b (?: listen[ ]to | watch | replay ) [ ] (?:the|this) [ ] (?:\w+[ ])? (?: recording | audio | video | call )\b
    | \b (?: all | other | previous | earlier | past | multiple | every ) [ ] (?:of[ ](?:the|our)[ ])? (?:\w+[ ])? (?: conversations? | calls? | chats? | dialogues? )[ ] (?: of | in | from | over | during | this | last | we | on[ ]file ) \b
    | \b across [ ] (?: all | several | multiple | many | different | our ) [ ] (?:\w+[ ])? (?: conversations | calls | chats | dialogues | customers )\b
    | \b (?: over | in | during | from | for ) [ ] the [ ] (?: last | past | previous ) [ ] (?:\w+[ ])? {PERIOD} [ ]? (?: of[ ] )? (?: conversations | calls | chats | records | data )\b
    | \b (?: query | log[ ]into | open | access | update | look[ ]in ) [ ] (?: the | our | your ) [ ] (?: crm | database | system | back[ ]?office )\b
    | \b (?: forecast | predict | estimate ) [ ] (?:\w+[ ]){{0,4}} (?: house | housing | home | property | market ) [ ] (?: prices? | values? | trends? ) [ ] (?: in | for | over | next | will )\b
    | \b (?: call | phone | contact | email | interview ) [ ] the [ ] (?: customer | client | provider | agent ) [ ] (?: and[ ]ask | to[ ](?:ask|confirm|verify|find[ ]out) ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
NOT_THERE_ZH = re.compile(
    r"""
    上网 | 联网 | 百度一下 | 搜索引擎 | (?: 网上 | 互联网 | 网络 ) 上? (?:搜|查|检索|找)
    | (?: 实时 | 最新 | 当前 | 今日 ) 的? [^，。；]{0,4} (?: 行情 | 市场数据 | 市场价格? | 成交数据 | 利率 | 汇率 | 房价 )
    | 面部表情 | 肢体语言 | 手势 | 眼神 | 语音语调 | 音量 | 音调
    | (?: 收听 | 听取 | 回放 | 观看 | 播放 ) [^，。；]{0,4} (?:录音|录像|视频|音频)
    | (?: 所有 | 全部 | 历次 | 以往 | 往期 | 其他 | 历史 ) 的? [^，。；]{0,6} (?:通话|对话|沟通|聊天|会话) (?:记录|录音|数据)
    | (?: 近 | 最近 | 过去 | 上 ) (?:[一二两三四五六七八九十半\d]+)? 个? (?:天|日|周|星期|月|季度|年) 的? [^，。；]{0,6} (?:通话|对话|沟通|聊天|会话|数据|记录)
    | (?: 查询 | 登录 | 打开 | 调取 | 检索 ) [^，。；]{0,4} (?: 系统 | 数据库 | CRM | 后台 )
    | 预测 [^，。；]{0,10} (?: 房价 | 市场 | 楼市 ) [^，。；]{0,4} (?: 走势 | 趋势 | 涨跌 | 变化 )
    | (?: 致电 | 打电话给? | 联系 ) (?:客户|服务者|经纪人) (?:询问|确认|核实|了解)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_carried_out(text: str) -> bool:
    """Whether this is what an instruction brings about (a finding, a message, turns of a talk) and asks for nothing."""
    if FILLED.match(text) or LETTER.match(text) or len(TURN.findall(text)) > 1:
        return True
    asked = ASKS.search(text) or ASKS_ZH.search(text)
    told = TOLD.match(text) or TOLD_ZH.match(text) or TURN.match(text) or len(FORM_ZH.findall(text)) > 2
    return bool(told and not asked)


def is_about_instructions(text: str) -> bool:
    """Whether this speaks of writing instructions, as only a meta-prompt does."""
    return ABOUT_INSTRUCTIONS.search(text) is not None


def is_unanswerable(text: str) -> bool:
    """Whether this asks for what no written conversation holds: the web, a system, other talks, a voice, a face, the future."""
    return (NOT_THERE.search(text) or NOT_THERE_ZH.search(text)) is not None
