"""Whether an instruction is about a conversation: only what plainly needs none is refused, so that terse asks and questions pass."""

import re

from stages.library.domain_pack import Domain
from stages.text import languages, stop_words

MENTIONS = re.compile(
    r"""
    \b (?: conversation | dialog(?:ue)? | chat | call | talk | exchange | transcript | message | said | says? | speaker | sides? | part(?:y|ies)
         | customer | client | provider | agent | tenant | landlord | owner | buyer | seller | colleague | supervisor ) s? \b
    | 这[段通次场] | 本[段通次] | 通篇 | 对话 | 沟通 | 通话 | 聊天 | 会话 | 双方 | 对方 | 客户 | 服务者 | 业主 | 租客 | 房东 | 买家 | 卖家 | 同事 | 经纪人 | 原话 | 原文
    """,
    re.IGNORECASE | re.VERBOSE,
)
SOMEBODY = re.compile(
    r"""
    \b (?: we | us | our | he | she | they | him | her | them | his | their | who(?:m|se)? | anyone | someone | anybody | nobody )\b
    | [他她谁] | 有人 | 人家 | 这[家位对]
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What people do in a talk and what comes of it.
TALKED_OF = re.compile(
    r"""
    \b (?: repl(?:y|ies) | promis | agree | disagree | object | complain | complaint | mention | quot | ask | answer | question | want | need | refus
         | decid | decision | offer | concern | worr | doubt | mood | emotion | feel | angry | upset | attitude | intent | intention
         | request | demand | appointment | deadline | next[ ]step | follow[ -]?up | open[ ](?:point|issue|question) | risk | deal
         | churn | leav | topic | discuss | summar | takeaway | outcome | hand-?over | commit | blocker | sticking[ ]point | turning[ ]point ) \w*
    | 答应 | 承诺 | 同意 | 拒绝 | 投诉 | 抱怨 | 提到 | [谈聊][了到过] | 说[了到过] | 问[了到过] | 疑问 | 问题 | 需求 | 顾虑 | 担心 | 情绪 | 生气 | 态度 | 意向 | 意愿
    | 约定 | 跟进 | 下一步 | 待办 | 风险 | 流失 | 成交 | 总结 | 小结 | 交接 | 回复 | 话术 | 话题 | 卡点 | 分歧
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Complete without any conversation: general knowledge, literature, programs, exercises.
COMPLETE = re.compile(
    r"""
    \b (?: write | compose | tell ) [ ] (?:me[ ])? (?: an? | one | some ) [ ] (?:\w+[ ]){0,2} (?: poem | song | story | novel | essay | joke | tale | article | program | function | script | query )\b
    | \b what [ ] is [ ] the [ ] capital [ ] of \b | \b in [ ] (?: python | java(?:script)? | sql | html | c\+\+ )(?!\w)
    | \b (?: solve | prove ) [ ] the [ ] (?: equation | theorem )
    | \b (?: translate | correct ) [ ] the [ ] following [ ] (?: sentence | text | paragraph )
    | (?: 写 | 作 | 讲 ) [^，。；]{0,3} [一1两几] [首篇个则段] [^，。；]{0,10} (?: 诗 | 作文 | 故事 | 小说 | 散文 | 笑话 | 程序 | 代码 | 函数 )
    | (?: 用 | 使用 ) \s* (?: Python | Java | SQL | C语言 ) | 的首都 | 解 [^，。；]{0,4} 方程
    """,
    re.IGNORECASE | re.VERBOSE,
)
GENERAL = re.compile(
    r"^\W*(?:please )?(?:explain|describe|define|what (?:is|are) an? |how (?:do|does) )|^\W*请?(?:解释|介绍|阐述|说明)(?:一下)?|^.{0,12}(?:是什么意思|的定义)",
    re.IGNORECASE,
)
FUNCTION_ZH = frozenset("的了和与及或在是为从到对把被就也都而各个以所其并有不上下中一")
TERSE = 8  # words; what is shorter may leave the conversation unsaid


def vocabulary(domain: Domain) -> frozenset[str]:
    """Return the marks (`languages.marks`) of what the domain says of its scenes and roles, and of how it calls customers also the words themselves.

    Words of three letters and single Chinese characters leave no marks.
    """
    said = [part for scene in domain.scenes for part in (scene.name, scene.description)]
    said += [part for role in domain.roles for part in (role.name, role.description)]
    texts = [text for part in said for text in part.values()]
    own = [name for names in domain.customers.values() for name in names]
    return frozenset(mark for text in (*texts, *own) for mark in languages.marks(text) if _tells(mark)) | {
        name.lower() for name in own
    }


def _tells(mark: str) -> bool:
    return mark not in stop_words.ENGLISH and FUNCTION_ZH.isdisjoint(mark)


def needs_no_conversation(text: str, words: frozenset[str]) -> bool:
    """Whether a text can be carried out without any conversation, as far as can be told.

    It neither names a talk or its people nor asks about somebody, what people do in a talk or a matter of the domain
    (`words`, its `vocabulary`), and is either longer than a terse ask or a question of general knowledge. A task that is
    complete in itself, such as a poem, is refused unless it names a talk.
    """
    if MENTIONS.search(text):
        return False
    if COMPLETE.search(text):
        return True
    units = languages.units(text)
    said = {*languages.marks(text), *units, *(unit.removesuffix("'s").removesuffix("’s") for unit in units)}
    if SOMEBODY.search(text) or TALKED_OF.search(text) or not words.isdisjoint(said):
        return False
    return languages.words(text) >= TERSE or GENERAL.search(text) is not None
