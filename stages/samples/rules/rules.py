"""The rules that every label passes through, each with its flag, and the quality that follows (§3.3, formula (5))."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from pydantic import ConfigDict, Field

from stages.answers.formats import NOT_STATED, UNSAID, FieldValues, coverage, parse
from stages.answers.grounding import PLACEHOLDER, grounding
from stages.core.row import Language, Record
from stages.models import special_tokens
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import Finding, Flag
from stages.rows.missed import holds
from stages.rows.sample import LabeledSample
from stages.samples.rules.leaks import leaks
from stages.samples.rules.talk import talks
from stages.text import languages, refusals

ECHO_SPAN: dict[Language, int] = {"en": 16, "zh": 30}  # words in a row; above any list of fields that a header repeats
COPY_SPAN: dict[Language, int] = {"en": 6, "zh": 10}  # words in a row; half an answer made of its prompt's says nothing
# The least share of an answer's marks that its conversation holds. The 290 shipped answers that are long enough: 0.33 and more in
# English, 0.32 in Chinese; beside other conversations than their own 0.18 and 0.04 at the median, praise that fits any 0.09 and 0.
HELD: dict[Language, float] = {"en": 0.2, "zh": 0.15}
# What is said next takes up less of what was said: of 318 real replies 82 % hold half of that, English 90 % and Chinese 62 %, and of
# the same replies beside other conversations of their scene 74 % and 27 %.
NEXT = 0.5
FEW = 4  # marks under which an answer is too short to tell
SOFT = {Flag.UNGROUNDED, Flag.UNCOVERED}  # a person would mend these; every other flag makes the label unfit

PROSE = {"paragraph", "message", "list", "multipart"}  # in the other forms what is missing shows as a fault of form
OPEN_END = re.compile(
    r"(?:[,;:(\[{—、，；：（“]|\b(?:and|or|but|the|(?-i:a)|an|of|to|with|for|from|because|which)"
    r"|(?:(?<![温缓柔饱随祥谦暖])|(?<=[体气水室]温)(?<![语口脾天]气温)|(?<=[地供取采]暖))(?<![气度态]平)和|(?<![参给赠授])与|[或但而且]|因为|以及)\s*$",
    re.IGNORECASE,
)  # but for words that end alike: unit A, 温和, 参与

STUTTER = re.compile(r"(\w[^\n|]{0,15}?)\1{9,}")
TWICE = re.compile(r"^[^\S\n]*(\d{1,3})(?:[.)．]\s|、)\s*\1(?:[.)．]\s|、)", re.MULTILINE)  # "1. 1. He …"
# A list's item, or a table's row, that says something.
NUMBERED = re.compile(
    r"^[^\S\n]*(?:\d{1,3}(?:[.)、．]|\s?）)|(?:\|[^\S\n]*)?\d{1,3}[^\S\n]*\|)(?=.*[^\W\d_])", re.MULTILINE
)
SENTENCE = re.compile(r"[.!?。！？；;\n|]")
BLANK = re.compile(
    r"string|value|text|placeholder|tb[ad]|x{2,}|<[^<>]*>|\{[^{}]*\}|字符串|文本|待填写?|(?:此处)?填写.{0,8}",
    re.IGNORECASE,
)
BRACKETED = re.compile(rf"\[[A-Za-z{languages.HAN}][A-Za-z{languages.HAN}' ]{{2,30}}\]|【(?:请|此处)?填写[^】]*】")


class Limits(Record):
    """Shares from which an answer passes."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    grounding: float = Field(ge=0, le=1)
    """At least this share of an answer's numbers and names must occur in the conversation or in what is known beside it."""
    coverage: float = Field(ge=0, le=1)
    """At least this share of the asked sub-items must be answered."""


def flags(row: LabeledSample, limits: Limits) -> tuple[Flag, ...]:
    """Return what is wrong with a row's answer, in the order of `Flag`; an empty answer has that flag only."""
    return tuple(raised(row, limits))


def raised(row: LabeledSample, limits: Limits, order: Iterable[Flag] = Flag) -> Iterator[Flag]:
    """Yield what is wrong with a row's answer in this order, each rule tried when its turn comes; an empty answer has that flag only."""
    if empty(row.answer):
        yield Flag.EMPTY
        return
    values = parse(row.answer, row.ask)
    of_form: dict[Flag, Callable[[LabeledSample], bool]] = {
        Flag.FORMAT: lambda row: values is None,
        Flag.UNCOVERED: lambda row: values is not None and coverage(values, row.ask) < limits.coverage,
        Flag.UNFILLED: lambda row: unfilled(row, values or {}),
        Flag.UNGROUNDED: lambda row: grounding(row.answer, row.given, row.asked) < limits.grounding,
    }
    rules = {**RULES, **of_form}
    yield from (flag for flag in order if flag in rules and rules[flag](row))


def quality_of(raised: Iterable[Flag]) -> Finding:
    """Return faulty with a hard flag, doubtful with soft ones only; without any, no fault was found, which is no praise."""
    kinds = set(raised)
    if kinds - SOFT:
        return "faulty"
    return "doubtful" if kinds else "no_fault"


def empty(text: str) -> bool:
    """Whether the text has no word in it."""
    return not languages.units(text)


def own_words(row: LabeledSample) -> str:
    """Return the answer without placeholders, field names, labels and "not stated"."""
    return _own_words(row.answer, (*row.ask.fields, *row.ask.labels, *NOT_STATED))


@lru_cache(maxsize=1)
def _own_words(answer: str, others: tuple[str, ...]) -> str:
    """Return the answer without placeholders and without the others' words; three rules ask for it, one after the other."""
    text = PLACEHOLDER.sub(" ", answer)
    for name in sorted(others, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def unfilled(row: LabeledSample, values: FieldValues) -> bool:
    """Whether a value is the form's own blank, or a blank in brackets stands in the text, that the conversation does not have."""
    said = languages.units(row.given)
    if any(
        BLANK.fullmatch(one := value.strip()) and one.casefold() not in said
        for found in values.values()
        for value in found
    ):
        return True
    return any(blank not in row.given for blank in BRACKETED.findall(row.answer))


def wrong_language(row: LabeledSample) -> bool:
    """Whether the answer's own words, or all words of one of its sentences, are in another language; what was said is no sentence of its own."""
    text = own_words(row)
    parts = (part.strip() for part in SENTENCE.split(text))
    sentences = [part for part in parts if languages.words(part) >= FEW and part not in row.given]
    return any(languages.language_of(part) not in (row.language, None) for part in (text, *sentences))


def generic(row: LabeledSample) -> bool:
    """Whether hardly a word or number of the answer is this conversation's; words of the prompt count for neither side.

    What was really said owes the prompt nothing, so there they count.
    """
    own = frozenset[str]() if row.ask.kind == "label" else languages.marks(own_words(row))
    if len(own) < FEW:
        return False
    least = HELD[row.language] * (NEXT if row.cut else 1)
    own -= frozenset() if row.cut else languages.marks(row.asked)
    held = own & languages.marks(row.given)
    return len(own) >= FEW and len(held) < least * len(own)


def refused(text: str, kind: FormatKind) -> bool:
    """Whether a model declines; in a message to a customer "I cannot provide" is the provider's own word."""
    return refusals.speaks_as_model(text) or (kind != "message" and refusals.declines(text))


def cut_off(text: str) -> bool:
    """Whether the text ends where nobody ends: at a comma, a conjunction or an article, or in an open bracket."""
    return bool(OPEN_END.search(text))


def echoed(row: LabeledSample) -> bool:
    """Whether the answer repeats a long run of its prompt, or is for the most part made of shorter ones."""
    copied = languages.repeated(own_words(row), row.asked, COPY_SPAN[row.language])
    return languages.echoes(row.answer, row.asked, ECHO_SPAN[row.language]) or copied >= 0.5


def looped(text: str) -> bool:
    """Whether the answer goes round in circles: runs of words, one line, or a few characters over and over; or only counts."""
    text = UNSAID.sub(" ", text)
    lines = [line.strip() for line in text.splitlines() if languages.units(line)]
    over_and_over = any(lines.count(line) > 3 for line in set(lines)) or STUTTER.search(text) or TWICE.search(text)
    return languages.loops(text) or bool(over_and_over) or languages.counts_up(NUMBERED.sub(" ", text))


RULES: dict[Flag, Callable[[LabeledSample], bool]] = {
    Flag.TALK: lambda row: row.ask.kind in PROSE and talks(row.answer, row.ask.kind),
    Flag.TEMPLATE: lambda row: special_tokens.marked(row.answer),
    Flag.LANGUAGE: wrong_language,
    Flag.REFUSAL: lambda row: refused(row.answer, row.ask.kind),
    Flag.CUT_OFF: lambda row: row.ask.kind in PROSE and cut_off(row.answer),
    Flag.ECHO: echoed,
    Flag.LOOPS: lambda row: looped(row.answer),
    Flag.GENERIC: generic,
    Flag.LEAK: lambda row: any(leaks(row.answer, row.given)) or holds(row.answer, row.missed),
}
