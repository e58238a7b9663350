"""What the provider said next, as an answer: every turn before which a conversation can be cut, and what is wrong with it as a label.

A label teaches what it holds. So a real reply is one only where a model could have written it from what it is shown: the rules of
stage judge hold it as they hold any label, and beside them its figures, dates and names, in digits or words, must all have come up
before the cut or in what came with the conversation (`judge.grounding`, a share, is for answers that may calculate). People do
bring new facts into a talk, and most of their turns that name one are dropped here. What a reply says without figures and names is
held to the conversation by its words alone: it must share some of them, and neither report what happened outside of the talk, nor
point at what only its speakers see, nor state of others what was not said. What else it may bring, no rule of words finds
(docs/replies.md says what was left on reading).
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.answers import facts
from stages.answers.grounding import PLACEHOLDER
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.label_quality import Flag
from stages.rows.missed import Digest
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import COPY_SPAN, Limits, raised
from stages.text import languages

AUTHOR = "conversation"  # of the answer: nobody wrote it for the row
HEARD = 4  # words before the cut that somebody else than the provider said last: "right, okay" asks for no answer
LONGEST: dict[Language, int] = {
    "en": 150,
    "zh": 100,
}  # words; what the wordings of a message allow (200 Chinese characters)
ALL = Limits(grounding=1.0, coverage=0.0)
BRACKET = re.compile(
    r"\[[^\[\]]*\]|【[^】]*】|[（(](?:图片|照片|视频|语音|文件|photo|image|picture|attachment)[）)]", re.IGNORECASE
)

# The next three are looked for in small letters, and what is English at the beginning of words.
# Who is asked for data of theirs, or whether the line works, is asked the same in every talk.
DATA_EN = "e-?mail | phone | number | address | post [ ]?code | zip | date [ ] of [ ] birth | surname | name | spell | id | passport | account | code"
DATA_ZH = (
    "电话 | 手机号? | 号码 | 姓名 | 名字 | 身份证 | 护照号 | 卡号 | 账户 | 开户行 | 邮箱 | 微信号? | 验证码 | 密码"
)
PROCEDURE = re.compile(
    rf"""
    \b (?: (?: can | could ) [ ] you [ ] (?: still [ ] )? hear [ ] me \b | are [ ] you [ ] (?: still [ ] )? there \b
        | bear [ ] with [ ] me | one [ ] moment | just [ ] a [ ] (?: moment | second | sec ) | hang [ ] on | hold [ ] on | please [ ] hold
        | (?: what(?:['’]s | [ ]is) | which | who | where | (?: can | could | may ) [ ] (?: i | you ) | confirm ) [ ] [^.?!]{{0,40}} \b (?: {DATA_EN} ) \b [^.?!]{{0,60}} \?
        | (?: {DATA_EN} ) [ ]? \? | (?: {DATA_EN} ) \b [^.?!]{{0,20}} \b (?: same | best | right ) [ ]? \? | same [ ] (?: {DATA_EN} ) \b
        | last [ ] (?: four | 4 ) \b )
    """,
    re.VERBOSE,
)
PROCEDURE_ZH = re.compile(
    rf"""
    听得[到见] | 稍等 | 等一下 | 怎么称呼 | 贵姓 | 尾号
    | (?: 留 | 发 | 报 | 说 | 给 | 填 | 核对 | 确认 )[^。？！，]{{0,8}} (?: {DATA_ZH} ) | (?: {DATA_ZH} )[^。？！，]{{0,4}} (?: 发 | 报 | 留 | 是多少 )
    """,
    re.VERBOSE,
)
# What was found out, done or said between two turns, or stands in papers that the conversation does not show.
OTHERS = "he | she | they | broker | agent | owner | landlord | seller | buyer | vendor | solicitor | lawyer | lender | bank | office | manager | branch"
NEWS = re.compile(
    rf"""
    \b (?: i (?: ['’]ve | [ ]have )? [ ] (?: just [ ] )? (?: checked | asked | spoke(?:n)? | called | rang | phoned | e-?mailed | looked | heard | found | got [ ] (?: hold | an? [ ] answer ) )
        | (?: came | come | got ) [ ] back [ ] (?: to [ ] (?: me | us ) | with ) \b | just [ ] (?: heard | spoke | checked | got [ ] off | come [ ] in )
        | (?: {OTHERS} ) (?: ['’](?: s | ve ) | [ ] ha(?: s | ve ) )? [ ] (?: already [ ] | just [ ] | also [ ] )? (?: said | says? | told | confirmed | agreed | refused | replied | wrote ) \b
        | on [ ] (?: my | the ) [ ] (?: screen | system | file ) | in [ ] front [ ] of [ ] me \b | i [ ] can [ ] see \b | it [ ] says \b
        | (?: ^ | (?<= [.!?] \s ) ) (?: rang | called | booked | phoned | e-?mailed | spoke | checked | confirmed | asked | heard ) \b )
    """,
    re.VERBOSE,
)
NEWS_ZH = re.compile(
    r"""
    刚(?:才)? (?: 问 | 打 | 查 | 联系 | 跟 | 和 | 给 | 核 | 确认 | 看到 ) | (?: 问 | 查 | 核实 | 联系 ) [了过到] | 打通 | 系统[里上]?(?: 显示 | 看 | 查 ) | 我(?: 这边 )? 看到
    | (?: 他 | 她 | 业主 | 房东 | 师傅 | 卖家 | 银行 | 客服 | 评估师 | 同事 | 经理 | 店长 | 律师 )[^，。？！不要若]{0,4} (?: 说 (?! 不 | 得 | 服 ) | 回复 | 回了 | 同意了 | 答应了 )
    """,
    re.VERBOSE,
)
# What both can see and the text cannot: a room that is walked through, a screen, a plan on the table.
POINTING = re.compile(
    r"""
    \b (?: behind [ ] you | on [ ] your [ ] (?: left | right ) | straight [ ] ahead | over [ ] (?: here | there ) | right [ ] here
        | turn [ ] (?: right | left | around | round | um ) | if [ ] you [ ] (?: turn | look ) | (?: tap | click | scroll | zoom ) \b | let [ ] me [ ] show [ ] you
        | look [ ] (?: here | at [ ] th(?: is | at ) ) | see [ ] (?: how | that | this | the [ ] \w+ [ ] there ) \b )
    """,
    re.VERBOSE,
)
POINTING_ZH = re.compile(
    r"您?看(?: 这 | 那 | 屏 | 图 ) | 往 [左右前后东南西北] | [左右]手 | 点一下 | 这边请 | 进门 | 这是(?: 主卧 | 次卧 | 厨房 | 客厅 | 阳台 )",
    re.VERBOSE,
)
# A sentence about neither of the two who talk: what the flat has, what the bank does. It is held to what was said by its own words.
SENTENCE = re.compile(r"[^.!?。！？；\n]+[.!?。！？；]*")
BETWEEN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:I|you|ye|we|me|us|let['’]s)\b", re.IGNORECASE),
    "zh": re.compile("[我你您咱]"),
}
SAYS = re.compile(  # English: a sentence without one asks for something
    r"""
    ['’](?: s | re | ll | d ) \b | \b (?: is | are | was | were | has | have | had | does | do | will | would | can ) (?: n['’]t )? \b | \b won['’]t \b
    | \b (?: goes | comes | costs? | takes | gets | got | pays | needs? | wants? | runs? | stays? | says? ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
OWN: dict[Language, tuple[int, float]] = {
    "en": (2, 0.5),
    "zh": (4, 0.2),
}  # least marks of such a sentence, least share that was said


class Reply(NamedTuple):
    """What the provider said after the first `cut` turns of a dialogue; turns of one speaker in a row are one reply."""

    dialogue: Dialogue
    cut: int
    text: str

    @property
    def id(self) -> str:
        """Where it stands."""
        return f"{self.dialogue.id}/{self.cut}"

    @property
    def shown(self) -> Dialogue:
        """The dialogue as far as it is shown."""
        return self.dialogue.until(self.cut)


class Fault(NamedTuple):
    """Why a reply is no label."""

    reason: Reason
    detail: str = ""


class Least(NamedTuple):
    """What must stand before the cut, and in the reply."""

    turns: int
    words: int
    said: bool  # whether what it states of others must have been said


def replies(dialogue: Dialogue) -> Iterator[Reply]:
    """Yield what the provider said each time somebody else had spoken, in order."""
    turns, place = dialogue.turns, 0
    while place < len(turns):
        first = place
        place += 1
        if turns[first].party != "provider":
            continue
        while place < len(turns) and (turns[place].party, turns[place].speaker) == (
            turns[first].party,
            turns[first].speaker,
        ):
            place += 1
        if first and turns[first - 1].party != "provider":
            yield Reply(dialogue, first, "\n".join(turn.text.strip() for turn in turns[first:place]))


def unfit(reply: Reply, least: Least) -> Fault | None:
    """Return what first speaks against a reply as an answer to whatever is asked, or None."""
    if reply.cut < least.turns:
        return Fault(Reason.TOO_FEW_TURNS)
    words = languages.words(PLACEHOLDER.sub(" ", reply.text))
    if words < least.words:
        return Fault(Reason.TOO_SHORT)
    if words > LONGEST[reply.dialogue.language]:
        return Fault(Reason.TOO_LONG)
    return _beside_the_point(reply)


def fault(reply: Reply, asked: Instruction, missed: Sequence[Digest], least: Least) -> Fault | None:
    """Return what first speaks against a fit reply as an answer to `asked`, or None; `missed` is what its dialogue still holds of people."""
    row = labeled(reply, asked, missed)
    return _against_rules(row) or _brings_facts(row, least)


def labeled(reply: Reply, asked: Instruction, missed: Sequence[Digest] = ()) -> LabeledSample:
    """Return the reply as a label of its instruction alone; the prompt around it is not made yet."""
    talk = reply.dialogue
    return LabeledSample(
        id=reply.id,
        dialogue=talk.id,
        prompt="",
        instruction=asked.id,
        language=talk.language,
        scene=talk.scene,
        source=talk.source,
        role=talk.role,
        task=asked.task,
        ask=asked.ask("message"),
        cut=reply.cut,
        before=f"{asked.text}\n\n",
        conversation=reply.shown.render(),
        after="",
        known=talk.context,
        missed=tuple(missed),
        answer=reply.text,
        author=AUTHOR,
        origin="provided",
    )


def _beside_the_point(reply: Reply) -> Fault | None:
    turns, place = reply.dialogue.turns, reply.cut
    while place and turns[place - 1].party != "provider":
        place -= 1
    if sum(languages.words(turn.text) for turn in turns[place : reply.cut]) < HEARD:
        return Fault(Reason.NOT_ABOUT_DIALOGUE, "answers nothing")
    if _says(reply.text, PROCEDURE, PROCEDURE_ZH):
        return Fault(Reason.NOT_ABOUT_DIALOGUE, "procedure")
    said = "\n".join(turn.text for turn in turns[: reply.cut])
    if languages.repeated(reply.text, said, COPY_SPAN[reply.dialogue.language]) >= 0.5:
        return Fault(Reason.REDUNDANT, "said before")
    return None


def _says(text: str, english: re.Pattern[str], chinese: re.Pattern[str]) -> bool:
    return bool(english.search(languages.small(text)) or (not text.isascii() and chinese.search(text)))


REASONS = {
    Flag.LEAK: Fault(Reason.PERSONAL_DATA),
    Flag.UNGROUNDED: Fault(Reason.UNANSWERABLE, "figure or name"),
    Flag.GENERIC: Fault(Reason.NOT_ABOUT_DIALOGUE, "generic"),
}
FIRST = (*REASONS, *(flag for flag in Flag if flag not in REASONS))


def _against_rules(row: LabeledSample) -> Fault | None:
    if any(mark not in row.given for mark in PLACEHOLDER.findall(row.answer)):
        return Fault(Reason.PERSONAL_DATA, "placeholder")
    flag = next(raised(row, ALL, FIRST), None)
    return REASONS.get(flag, Fault(Reason.LOW_QUALITY, flag)) if flag else None


def _brings_facts(row: LabeledSample, least: Least) -> Fault | None:
    if not all(there for kind in facts.held(row.answer, row.given) for there in kind):
        return Fault(Reason.UNANSWERABLE, "figure or name")
    if BRACKET.search(PLACEHOLDER.sub(" ", row.answer)):
        return Fault(Reason.UNANSWERABLE, "attachment")
    if _says(row.answer, NEWS, NEWS_ZH):
        return Fault(Reason.UNANSWERABLE, "news")
    if _says(row.answer, POINTING, POINTING_ZH):
        return Fault(Reason.UNANSWERABLE, "pointing")
    if least.said and tells(row.answer, row.given, row.language):
        return Fault(Reason.UNANSWERABLE, "statement")
    return None


def tells(text: str, known: str, language: Language) -> bool:
    """Whether a sentence of the text states of others what, by its words, was not said, as in "the attic's insulated"."""
    said, (fewest, share) = languages.marks(known), OWN[language]
    for sentence in (match[0].strip() for match in SENTENCE.finditer(PLACEHOLDER.sub(" ", text))):
        if sentence.endswith(("?", "？")) or BETWEEN[language].search(sentence):
            continue
        if language == "en" and not SAYS.search(sentence):
            continue
        marks = languages.marks(sentence)
        if len(marks) >= fewest and len(marks & said) < share * len(marks):
            return True
    return False
