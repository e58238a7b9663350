"""The rules that every label passes through, each with its flag, and the quality that follows (§3.3, formula (5))."""

import re
from collections.abc import Callable, Iterable

from pydantic import ConfigDict, Field

from stages.answers.formats import NOT_STATED, coverage, parse
from stages.answers.grounding import PLACEHOLDER, grounding
from stages.core.row import Language, Record
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import Flag, Quality
from stages.rows.sample import LabeledSample
from stages.samples.rules.leaks import leaks
from stages.text import languages, refusals

ECHO_SPAN: dict[Language, int] = {"en": 16, "zh": 30}  # words in a row; above any list of fields that a header repeats
SOFT = {Flag.UNGROUNDED, Flag.UNCOVERED}  # a person would mend these; every other flag makes the label unfit

PROSE = {"paragraph", "message", "list", "multipart"}  # in the other forms what is missing shows as a fault of form
OPEN_END = re.compile(
    r"(?:[,;:(\[{—、，；：（“]|\b(?:and|or|but|the|a|an|of|to|with|for|from|because|which)|[和与或及的因为但是而且])\s*$",
    re.IGNORECASE,
)


class Limits(Record):
    """Shares from which an answer passes."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    grounding: float = Field(ge=0, le=1)
    """At least this share of an answer's numbers and names must occur in the conversation."""
    coverage: float = Field(ge=0, le=1)
    """At least this share of the asked sub-items must be answered."""


def flags(row: LabeledSample, limits: Limits) -> tuple[Flag, ...]:
    """Return what is wrong with a row's answer, in the order of `Flag`; an empty answer has that flag only."""
    if empty(row.answer):
        return (Flag.EMPTY,)
    raised = {flag for flag, broken in RULES.items() if broken(row)}
    values = parse(row.answer, row.ask)
    if values is None:
        raised.add(Flag.FORMAT)
    elif coverage(values, row.ask) < limits.coverage:
        raised.add(Flag.UNCOVERED)
    if grounding(row.answer, row.conversation, row.prompt_text) < limits.grounding:
        raised.add(Flag.UNGROUNDED)
    return tuple(flag for flag in Flag if flag in raised)


def quality_of(raised: Iterable[Flag]) -> Quality:
    """Return low with a hard flag, medium with soft ones only, high without any."""
    kinds = set(raised)
    if kinds - SOFT:
        return "low"
    return "medium" if kinds else "high"


def empty(text: str) -> bool:
    """Whether the text has no word in it."""
    return not languages.units(text)


def wrong_language(row: LabeledSample) -> bool:
    """Whether the answer's own words are in another language; placeholders and field names do not count."""
    text = PLACEHOLDER.sub(" ", row.answer)
    for name in sorted((*row.ask.fields, *row.ask.labels, *NOT_STATED), key=len, reverse=True):
        text = text.replace(name, " ")
    return languages.language_of(text) not in (row.language, None)


def refused(text: str, kind: FormatKind) -> bool:
    """Whether a model declines; in a message to a customer "I cannot provide" is the provider's own word."""
    return refusals.speaks_as_model(text) or (kind != "message" and refusals.declines(text))


def cut_off(text: str) -> bool:
    """Whether the text ends where nobody ends: at a comma, a conjunction or an article, or in an open bracket."""
    return bool(OPEN_END.search(text))


def echoed(row: LabeledSample) -> bool:
    """Whether the answer repeats a long run of its prompt."""
    return languages.echoes(row.answer, row.prompt_text, ECHO_SPAN[row.language])


def looped(text: str) -> bool:
    """Whether the answer goes round in circles: runs of words, one line, or a few characters over and over."""
    for phrase in NOT_STATED:
        text = text.replace(phrase, " ")
    lines = [line.strip() for line in text.splitlines() if languages.units(line)]
    return languages.loops(text) or any(lines.count(line) > 3 for line in set(lines)) or bool(STUTTER.search(text))


STUTTER = re.compile(r"(\w[^\n|]{0,15}?)\1{9,}")

RULES: dict[Flag, Callable[[LabeledSample], bool]] = {
    Flag.LANGUAGE: wrong_language,
    Flag.REFUSAL: lambda row: refused(row.answer, row.ask.kind),
    Flag.CUT_OFF: lambda row: row.ask.kind in PROSE and cut_off(row.answer),
    Flag.ECHO: echoed,
    Flag.LOOPS: lambda row: looped(row.answer),
    Flag.LEAK: lambda row: any(leaks(row.answer, row.conversation)),
}
