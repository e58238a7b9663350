"""The paper's criteria for evolved instructions, by rules: easily understood, unambiguous, richer than the seed (§2.1, step 2.2)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from stages.core.dropped import Reason
from stages.instructions.rules.demands import complexity, content
from stages.rows.instruction import Instruction
from stages.text import languages

LONGEST = 90  # words of one sentence that can still be taken in; the longest of the hand-written ones has 65
# Points at something that does not come with the instruction, wherever it stands …
ATTACHED = re.compile(
    r"""
    \b (?: the[ ]attached | attachment | attached[ ](?:file|document|sheet|list|image|photo|floor[ ]plan)s? | the[ ]enclosed | see[ ](?:above|below) | as[ ](?:above|before) | (?:the|this)[ ](?:sample|example|template)[ ](?:above|below) )\b
    | 附件 | 所附 | 见附 | 如上所[示述] | 见[上下]文 | (?:上面|下面|上述|下列)的?(?:示例|样例|模板)
    """,
    re.IGNORECASE | re.VERBOSE,
)
# … or at something said before, where nothing was.
BEFORE = re.compile(
    r"""
    \b (?: the | these | those ) [ ] (?: above | aforementioned | foregoing | said ) \b | \b (?: mentioned | listed | described ) [ ] (?:above|below) \b
    | \b (?: the | these ) [ ] (?: previous | earlier ) [ ] (?: points | fields | steps | items | task | request | list ) \b
    | 上述 | 前述 | 上文 | 以上(?:要点|内容|要求|各项|字段|步骤|任务) | (?:上面|前面)(?:列出|提到|所说)的(?:要点|字段|要求|内容|步骤)
    """,
    re.IGNORECASE | re.VERBOSE,
)
CLAUSE = re.compile(r"[.;:,!?。；：，！？]")
SENTENCE = re.compile(r"[.;:!?。；：！？](?=\s|$|[^\d\s])")
UNFINISHED = re.compile(r"(?:[,，、:：;；(（-]|\b(?:and|or|the|an?|of)|以及|并且|或者|和)\W*$", re.IGNORECASE)
BLANKS = re.compile(
    r"\{[^{}]{0,40}\}|<[^<>]{1,40}>|\[[^\[\]]{1,40}\]|\bX{2,}\b|\bTBD\b|_{3,}|\*\*|(?:^|\s)#{1,6}\s|\.{3}|…"
)
PAIRS = (("(（", ")）"), ("“", "”"), ("「", "」"), ("[", "]"))  # of either width, as writers mix them
NUMBERED = re.compile(r"(?<![A-Za-z0-9(（])(?:\d{1,2}|[A-Za-z])[)）]")  # 1) or a), which no bracket opens

OPEN_END = re.compile(
    r"""
    \b etc \b | \b and[ ]so[ ](?:on|forth) \b | \b (?:and|or)[ ]the[ ]like (?=[.,;]|$) | \b (?:and|or)[ ]whatever (?=[.,;]|$) | \b and/or \b
    | \b as[ ](?:appropriate|you[ ](?:like|see[ ]fit|wish)) \b | \b if[ ]you[ ](?:like|wish|want) \b | \b some[ ]kind[ ]of \b
    | (?<![“再])等等 (?=[。；，、]|$) | 诸如此类 | (?<!”)之类 (?=[。；，]|$) | [和与]/或 | 或/[和与] | 酌情 | 视情况而定
    """,
    re.IGNORECASE | re.VERBOSE,
)
FORM = re.compile(
    r"""
    \b (?:as|in|into|using)[ ] (?:an?[ ]|one[ ]|the[ ]form[ ]of[ ]an?[ ]|valid[ ])? (?:\w+[ ])?
       (?: (?P<table>table) | (?P<json>json) | (?P<list>(?:bullet(?:ed)?[ ]|numbered[ ])?list) | (?P<prose>paragraphs?|prose) | (?P<word>word|label) )\b
    | (?:以|用|按|采用|整理成|写成|输出为?) [^，。；]{0,4}
       (?: (?P<table_zh>表格) | (?P<json_zh>JSON) | (?P<list_zh>列表|清单) | (?P<prose_zh>段落|一段话) | (?P<word_zh>标签|一个词) )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_unclear(text: str) -> bool:
    """Whether nobody could tell what to do: it points at what is not there, is unfinished, full of blanks, or endless."""
    before = BEFORE.search(text)
    return (
        ATTACHED.search(text) is not None
        or (before is not None and not CLAUSE.search(text[: before.start()]))
        or UNFINISHED.search(text) is not None
        or BLANKS.search(text) is not None
        or (_is_unpaired(text) and _is_unpaired(NUMBERED.sub(" ", text)))
        or any(languages.words(sentence) > LONGEST for sentence in SENTENCE.split(text))
    )


def _is_unpaired(text: str) -> bool:
    return any(sum(map(text.count, left)) != sum(map(text.count, right)) for left, right in PAIRS)


def is_ambiguous(row: Instruction) -> bool:
    """Whether it leaves open what is asked for, by an "etc." or the like, or asks for one answer in two forms."""
    forms = {str(match.lastgroup).removesuffix("_zh") for match in FORM.finditer(row.text)}
    return OPEN_END.search(row.text) is not None or (len(forms) > 1 and "multipart" not in row.formats)


class Lineage(NamedTuple):
    """Where a row comes from: its root seed, and the operators on the way from it, the last one first."""

    root: Instruction
    operators: tuple[str, ...]


def lineage(row: Instruction, rows: Mapping[str, Instruction]) -> Lineage | None:
    """Walk back over `parents` to the row of generation 0; a crossover's first parent counts. None where the way is broken."""
    operators: list[str] = []
    seen = {row.id}
    while row.generation:
        operators.append(row.operator)
        parent = next((rows[one] for one in row.parents if one in rows and one not in seen), None)
        if parent is None:
            return None
        row = parent
        seen.add(row.id)
    return Lineage(row, tuple(operators))


def is_richer(row: Instruction, root: Instruction) -> bool:
    """Whether it demands more than the seed that it comes from, or is more detailed: about more words, stress left out."""
    language = row.language
    more = complexity(row.text, language) > complexity(root.text, language)
    return more or len(content(row.text, language)) > len(content(root.text, language))


def by_rules(row: Instruction, root: Instruction | None) -> Reason | None:
    """Return which criterion a row does not meet, or None; `root` is the seed it has to surpass, if any."""
    if is_unclear(row.text):
        return Reason.UNCLEAR
    if is_ambiguous(row):
        return Reason.AMBIGUOUS
    return Reason.NOT_RICHER if root and not is_richer(row, root) else None
