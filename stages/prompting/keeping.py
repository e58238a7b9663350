"""What a rewriting must keep of the parts it was made from: names, numbers, limits, quotations, content (§2.2, step 3)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from stages.answers import numerals
from stages.answers.formats import NOT_STATED
from stages.answers.grounding import PLACEHOLDER
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.rows.instruction import Ask
from stages.rows.prompt import DIALOGUE
from stages.text import languages

KEPT = 0.5  # of what tells each part's content; directives written by hand keep 0.56 and more, those that lost a part at most 0.27
SHORTEST, LONGEST = 0.4, 2.0  # a directive's words to those of its parts: outside, something was lost or added
QUOTED = re.compile(r"[“「]([^”」\n]{1,80})[”」]|\"([^\"\n]{1,80})\"")
# A number in words, whole: "two hundred and twenty-five" is neither 2 nor 5.
SMALL, TENS = ("|".join(words.split()) for words in (numerals.SMALL, numerals.TENS))
BELOW_HUNDRED = rf"(?:(?:{TENS})(?:[ -](?:{SMALL}))?|{SMALL})\b"
SCALED = rf"[ -](?:hundred|thousand|million|billion)\b(?:[ -](?:and )?{BELOW_HUNDRED})?"
SPELLED = re.compile(rf"\b{BELOW_HUNDRED}(?:{SCALED})*(?: point(?: (?:{SMALL})\b)+)?", re.IGNORECASE)
HAN_COUNT = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?(?=[条句个项种类点字段次级天日月年元成分位份步行到至])"
)
ALONE = {"zero", "one"}  # as good as "no" or an article; in Chinese, 一 and 一一, "one by one"
NUMBER = r"(\w[\w.,]*)"
LIMITS: dict[str, tuple[re.Pattern[str], ...]] = {
    "most": (
        re.compile(rf"\b(?:at most|(?:no|not) (?:more|longer) than|up to|(?:a )?maximum of)\W+{NUMBER}", re.IGNORECASE),
        re.compile(r"(?:不超过|不多于|至多|最多|不得超过)\s*([\d零一二两三四五六七八九十百千万]+)"),
        re.compile(r"([\d零一二两三四五六七八九十百千万]+)\s*[条句个项种类点字段次天元]?(?:以内|之内)"),
    ),
    "least": (
        re.compile(rf"\b(?:at least|(?:no|not) (?:fewer|less) than|(?:a )?minimum of)\W+{NUMBER}", re.IGNORECASE),
        re.compile(r"(?:不少于|不低于|至少|最少)\s*([\d零一二两三四五六七八九十百千万]+)"),
    ),
}  # fmt: skip


def loss(texts: Sequence[str], ask: Ask, language: Language, directive: str, others: Iterable[str]) -> Reason | None:
    """Return why `directive` is no rewriting of the parts `texts`, or None; `others` are texts it must not repeat."""
    length = languages.words(directive) / max(languages.words("\n".join(texts)), 1)
    if length < SHORTEST:
        return Reason.TOO_SHORT
    if length > LONGEST:
        return Reason.TOO_LONG
    if languages.language_of(directive) != language:
        return Reason.WRONG_LANGUAGE
    if languages.loops(directive):
        return Reason.LOOPS
    span, known = languages.OWN_SPAN[language], "\n".join(texts)
    if DIALOGUE in directive or any(languages.echoes(directive, other, span, known) for other in others):
        return Reason.PROMPT_ECHO
    if (
        sum(languages.holds(directive, text) for text in texts) > 1
    ):  # one may stay as it is, the rest is woven around it
        return Reason.UNCHANGED
    given = "\n".join(texts)
    for reason, required in REQUIRED.items():
        if not required(given, ask, directive):
            return reason
    return Reason.DRIFTED if min(map(partial(_kept, directive), texts), default=1.0) < KEPT else None


def _kept(directive: str, text: str) -> float:
    """Return the share of what tells a part's content that the directive says too."""
    told = languages.marks(text)
    return len(told & languages.marks(directive)) / max(len(told), 1)


def _names(given: str, ask: Ask, directive: str) -> bool:
    """Whether the directive has the names that the parts have: those a parser will look for."""
    return all(name in directive for name in (*ask.fields, *ask.labels) if name in given)


def _numbers(given: str, ask: Ask, directive: str) -> bool:
    """Whether it states each number from two on by its value, in digits or words; a lone "one" is as good as an article."""
    values = numerals.stated(PLACEHOLDER.sub(" ", directive))
    text = QUOTED.sub(" ", PLACEHOLDER.sub(" ", given))
    return all(not readings.isdisjoint(values) for readings in _counts(text))


def _counts(text: str) -> Iterator[frozenset[float]]:
    """Yield the readings of each number of the text."""
    yield from numerals.written(text)
    for pattern, read in ((SPELLED, numerals.english), (HAN_COUNT, numerals.chinese)):
        for match in pattern.finditer(text):
            if match[0].lower() not in ALONE and not set(match[0]) <= set("零〇一"):
                yield frozenset(round(value, 4) for value in read(match[0]))


def _limits(given: str, ask: Ask, directive: str) -> bool:
    """Whether a most stays a most and a least a least."""
    kept = _bounds(directive)
    return all(any(side == other and readings & values for other, values in kept) for side, readings in _bounds(given))


def _bounds(text: str) -> list[tuple[str, frozenset[float]]]:
    found = [
        (side, frozenset(numerals.stated(match[1])))
        for side, patterns in LIMITS.items()
        for pattern in patterns
        for match in pattern.finditer(text)
    ]
    return [(side, values) for side, values in found if values]


def _quotations(given: str, ask: Ask, directive: str) -> bool:
    """Whether it has what stands in quotation marks, and the words for what was not said."""
    quoted = [(first or second).strip() for first, second in QUOTED.findall(given)]
    silent = [phrase for phrase in NOT_STATED if phrase in given]
    return all(text in directive for text in (*quoted, *silent) if languages.units(text))


REQUIRED: dict[Reason, Callable[[str, Ask, str], bool]] = {
    Reason.LOST_FIELD: _names,
    Reason.LOST_QUOTATION: _quotations,
    Reason.LOST_LIMIT: _limits,
    Reason.LOST_NUMBER: _numbers,
}
