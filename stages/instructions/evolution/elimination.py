"""Which children die at once, and of what (§2.1, step 2.1); rules over plain data, so that their precision and recall can be measured.

Each rule would rather let a poor child pass than refuse a good one: fitness, people and the rubric come after it.
"""

import re

from pydantic import ConfigDict, Field

from stages.chat.messages import Reply
from stages.core.dropped import Reason
from stages.core.row import Language, Record
from stages.instructions.evolution import written
from stages.instructions.evolution.operators import Operator
from stages.instructions.evolution.written import Written
from stages.instructions.rules import asks, beyond
from stages.instructions.rules.demands import complexity, content
from stages.rows.instruction import Instruction
from stages.similarity.instructions import instruction_similarity
from stages.text import languages, refusals

SHORTER = 0.85  # share of its parent's words that a simplified child may have at most
NEW: dict[Language, int] = {"en": 3, "zh": 8}  # stems or pairs of characters by which a child says something new
MUCH = 2.0  # times its parent's demands: such a child is no stagnant one, however plain the words between them
DENSITY = 0.35  # of them a word or character more, at least; of the development set, good children have .41, stagnant ones .30
# Orders to the writer of instructions, which no instruction gives to who reads a conversation.
META = re.compile(
    r"""\b (?: (?:re-?write|rephrase|evolve) [ ] (?: it | this | them | the[ ]instruction | the[ ]following ) \b (?![ ]\w+[ ]of[ ]the)
        | keep(?:ing)? [ ] (?:its|the)[ ](?:original[ ])?(?:subject|topic|meaning)\b | every[ ]point[ ](?:that[ ])?it[ ]asks[ ]for | (?:an?|one|this|the|below)[ ]instructions?[ ](?:for|is|below|must|has)
        | (?:the|be) [ ] (?:original|parent|given|rewritten|new) [ ] (?:instruction|prompt) | json[ ]object | \#?given[ ]prompt | at[ ]most[ ]\d+[ ]words[ ]*\.[ ]do[ ]not[ ]carry )
    | ^\W* add [ ] (?:one|an?|another|two|one[ ]or[ ]two) [ ] (?:(?:more|further|new|additional|extra)[ ])? (?:requirements?|constraints?|conditions?|sub-?items?|points?) \b (?![ ](?:to|for)[ ]each)
    | 改写(?:它|后|成|结果|下面|以下) | (?:下面|以下|上面)是?一[条个][^，。]{0,16}指令 | [条则]指令 | 指令(?:正文|须|要|应|改) | 原有?(?:的)?(?:主题|指令) | 保留原有(?:的)?(?:主题|要点|全部) | ^\W*(?:再)?(?:增加|加|补|添加)[一两]?[条项到个][^，。]{0,16}(?:要求|约束|子项|条件)
    | JSON\s*对象""",
    re.IGNORECASE | re.VERBOSE,
)
LEAST = {
    "grow": 1.0,
    "same": 0.5,
    "shrink": 2.0,
}  # of `min_similarity`: what says the same otherwise may share fewer words
COPIED: dict[Language, int] = {
    "en": 8,
    "zh": 14,
}  # words in a row of what was shown that a child would not say by itself

# A conversation, its people or what they say.
ABOUT_TALK = re.compile(
    rf"""
    \b (?: conversation | dialog(?:ue)? | chat | call | talk | exchange | transcript | said | says? | mention\w* | this[ ]\w+ | (?:the|a)[ ](?:{asks.PARTIES}) ) s? \b
    | 对话 | 沟通 | 通话 | 聊天 | 会话 | 双方 | 对方 | 原话 | 这[位家个套次] | {asks.PARTIES_ZH}
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Bounds(Record):
    """What a child may be beside its parent."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    budget: int = Field(ge=20)
    """Words of a child at most (Chinese: characters / 2)."""
    min_similarity: float = Field(ge=0, le=1)
    """A child less like its parent than this, which has lost its fields and labels too, asks for something else."""
    max_similarity: float = Field(ge=0, le=1)
    """A child that is more like its parent than this says nothing new."""


class Child(Record):
    """What came of rewriting an instruction. `asked` is the question without what it shows: whose words no child says by itself."""

    parent: Instruction
    partner: Instruction | None = None
    operator: Operator
    excerpt: str = ""
    asked: str = ""
    reply: Reply


def fault(child: Child, bounds: Bounds) -> Reason | None:
    """Return why a child is eliminated, or None: first what makes it no instruction, then what it asks, then what it adds."""
    found = written.read(child.reply)
    if isinstance(found, Reason):
        return found
    return (
        _is_none(found.instruction, child)
        or _cannot_be_asked(found, child, bounds)
        or _lost(found, child, bounds)
        or _adds_nothing(found, child, bounds)
    )


def _is_none(text: str, child: Child) -> Reason | None:
    """Return why the text is no instruction."""
    if refusals.is_no_instruction(text):
        return Reason.REFUSED
    if languages.language_of(text) != child.parent.language or is_mixed(text):
        return Reason.WRONG_LANGUAGE
    if is_echo(text, child):
        return Reason.PROMPT_ECHO
    if languages.loops(text):
        return Reason.LOOPS
    return Reason.ANSWERED if asks.is_carried_out(text) else None


def _cannot_be_asked(found: Written, child: Child, bounds: Bounds) -> Reason | None:
    """Return why nobody could ask this about another conversation."""
    text = found.instruction
    if languages.words(text) > bounds.budget:
        return Reason.TOO_LONG
    language, parents = child.parent.language, [child.parent, *([child.partner] if child.partner else [])]
    names = [name.replace("_", " ") for parent in parents for name in (*parent.fields, *parent.labels)]
    known = ", ".join([*(parent.text for parent in parents), *names])
    if beyond.carries_personal_data(text, child.excerpt, known, (*found.fields, *found.labels)):
        return Reason.PERSONAL_DATA
    knowledge = tuple(kind for parent in parents for kind in parent.knowledge)
    asked_before = any(beyond.is_unanswerable(parent.text, language, knowledge) for parent in parents)
    if not asked_before and beyond.is_unanswerable(text, language, knowledge):
        return Reason.UNANSWERABLE
    return None


def _lost(found: Written, child: Child, bounds: Bounds) -> Reason | None:
    """Return whether a child left its parent's task."""
    parent, language = child.parent, child.parent.language
    if child.operator.keeps == "task":  # any new subject, if it is one of the conversation
        shown = content(child.excerpt + parent.text, language)
        about = (
            ABOUT_TALK.search(found.instruction) or len(content(found.instruction, language) & shown) >= NEW[language]
        )
        return None if about else Reason.LOST_TASK
    least = bounds.min_similarity * LEAST[child.operator.direction]
    parents = (parent, child.partner) if child.partner else (parent,)
    return Reason.LOST_TASK if any(_left(each, found, least) for each in parents) else None


def _left(parent: Instruction, found: Written, least: float) -> bool:
    """Whether a text has neither its parent's words nor half of its fields, or labels where it has no fields."""
    kept = _kept(parent.fields, found.fields) if parent.fields else _kept(parent.labels, found.labels)
    return kept <= 0.5 and instruction_similarity(found.instruction, parent.text, parent.language) < least


def _adds_nothing(found: Written, child: Child, bounds: Bounds) -> Reason | None:
    """Return whether a child is its parent again: in as many words, or in more that say little new."""
    text, parent, language = found.instruction, child.parent.text, child.parent.language
    if child.operator.direction == "shrink":
        return None if languages.words(text) <= SHORTER * languages.words(parent) else Reason.UNCHANGED
    new = len(content(text, language) - content(parent, language))
    added = len(languages.units(text)) - len(languages.units(parent))
    longer = added > len(languages.units(parent)) / 10
    before, after = complexity(parent, language), complexity(text, language)
    more = after > before
    same = instruction_similarity(text, parent, language) > bounds.max_similarity and not more
    grown = child.operator.direction == "grow" and more and new
    same = same or (new < NEW[language] and not grown)
    padded = longer and not child.partner and new < DENSITY * added  # a crossover adds its partner's words
    if same or (padded and after < MUCH * before):
        return Reason.STAGNANT if longer else Reason.UNCHANGED
    return None


def is_mixed(text: str) -> bool:
    """Whether a text goes on in the other language: English with Chinese characters, or Chinese with a run of English words."""
    han, latin = len(languages.HAN_CHARACTER.findall(text)), len(languages.LATIN_WORD.findall(text))
    return bool(han and latin) and min(han / 2, latin) / (han / 2 + latin) > 0.15


def is_echo(text: str, child: Child) -> bool:
    """Whether a text says what it was asked with, or a stretch of the talk it was shown, and its parent does not.

    A blank of the asked form, left as it stood, is an echo however short it is.
    """
    if f'"{text}"' in child.asked:
        return True
    known = " ".join(row.text for row in (child.parent, child.partner) if row)
    if (asks.is_about_instructions(text) or META.search(text)) and not META.search(known):
        return True
    span = COPIED[child.parent.language]
    return any(languages.echoes(text, source, span, known) for source in (child.asked, child.excerpt))


def _kept(old: tuple[str, ...], new: tuple[str, ...]) -> float:
    """Return the share of the old names that are among the new ones; 0 where there were none."""
    names = set(map(written.spelled, new))
    return sum(written.spelled(name) in names for name in old) / len(old) if old else 0.0
