"""Does what an answer states occur in the conversation? Numbers, dates, prices, names and placeholders."""

import re
from functools import partial

from stages.answers import numerals
from stages.answers.formats import TIGHT_ITEM
from stages.text.chinese_surnames import COMMON
from stages.text.growing import Growing, lines, union
from stages.text.languages import WORD

PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*_\d+\]")
PAIR = "|".join(
    rf"(?<=\b{n}、){n + 1}[月日号楼年点]" for n in range(1, 31)
)  # 3、4月 are two months, 1、10点看房 is an item
# Of list items, in Chinese without a blank behind as well, and headings.
NUMBERING = re.compile(rf"^\s*(?:\d{{1,3}}(?:[.)、．]\s+|{TIGHT_ITEM}|、(?!{PAIR})| ?）)|##.*$)", re.MULTILINE)
GRADE = re.compile(  # a score that the answer itself gives; 分 of a time or a sum, 20分钟, 3:20分 and 3分钱, is none, nor the end of 12,500分
    r"\d+(?:\.\d+)?\s*(?:/|out of)\s*(?:5|10|100)(?:分|(?!\w))"
    r"|(?<![\d.点时])(?<!\d,)(?!(?<=\d[:：])\d\d\s*分)\d{1,3}(?:\.\d+)?\s*分(?!\d|[多半]?钟|[之期店钱公册])"
)
NAME = re.compile(r"[A-Z](?<=[a-z,;] [A-Z])[\w'’-]+(?: [A-Z][\w'’-]+)*")  # capitals inside a sentence
CALENDAR = "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday"
SHORT = {form: name[:3] for name in CALENDAR.split() for form in (name, name[:3], name[:4])}
OWN = {"i", "s", "english", "chinese", "mr", "mrs", "ms", "dr", "the", "pin"}  # capitals that name nothing
HAN_NAME = re.compile(rf"[{COMMON}](?:先生|女士|小姐|太太|师傅|阿姨|老师|总|哥|姐)")


def grounding(answer: str, conversation: str, prompt: str) -> float:
    """Return the share of the answer's facts that the conversation holds, each fact counted once; 1.0 without any.

    Facts are numbers in digits (spelled ones in the conversation count; list numbers and the answer's own grades, n/10 and n分, do not),
    names (inside English sentences, in Chinese a surname with a title; not the prompt's own words) and placeholders.
    A figure that an answer rightly calculates is not in the conversation: hence a share, and a soft flag.
    """
    held = [mark in conversation for mark in set(PLACEHOLDER.findall(answer))]
    answer, conversation = PLACEHOLDER.sub(" ", answer), _without_placeholders(conversation)
    figures = set(numerals.written(GRADE.sub(" ", NUMBERING.sub(" ", answer))))
    values = numerals.stated(conversation) if figures else frozenset[float]()
    held += [bool(readings & values) for readings in figures]
    if names := _names(answer):
        known = _words(conversation)
        held += [name in known for name in names - _words(prompt)]
    held += [name in conversation for name in set(HAN_NAME.findall(answer))]
    return sum(held) / len(held) if held else 1.0


def _names(text: str) -> set[str]:
    return {word for name in NAME.findall(text) for word in _words(name)} - OWN


def _words_of_line(line: str) -> frozenset[str]:
    """Return the words in lower case; months and days of the week in three letters."""
    return frozenset(SHORT.get(word, word) for word in WORD.findall(line.casefold()))


_words = Growing(_words_of_line, union)
_without_placeholders = Growing(partial(PLACEHOLDER.sub, " "), lines)
