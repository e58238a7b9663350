"""What of an answer is no running text: in headings, labels and table heads a capital letter makes no name."""

import re
from collections.abc import Iterator
from itertools import pairwise

from stages.text.languages import LATIN_WORD

HEADING = re.compile(r"\s*#")
RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|[\s|:-]*)?$")  # below a table's head
BULLET = r"\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+)?"
BOLD = re.compile(rf"{BULLET}(?:\*\*|__)[^*\n]+?(?:\*\*|__)(?=\s*(?:[:：–—-]|$)|(?<=[:：]\*\*)|(?<=[:：]__))")
LABEL = re.compile(rf"{BULLET}([^:：.!?。！？\n]+)[:：](?=\s|[\"'*]|$)")
SMALL = "a an and as at by for from if in into is of on or per the to vs with"  # in Title Case, too
SHORTEST = 3  # a label of so many words is one in any writing, a longer one in capitals


def prose(text: str) -> str:
    """Return the text without its headings, labels, table heads and lines in Title Case."""
    return "\n".join(_without(text.splitlines()))


def _without(lines: list[str]) -> Iterator[str]:
    for line, below in pairwise([*lines, ""]):
        heading = HEADING.match(line) or line.rstrip(" *_").endswith((":", "：")) or ("|" in line and RULE.match(below))
        if heading or _in_capitals(line):
            yield ""
        elif bold := BOLD.match(line):
            yield line[bold.end() :]
        elif (label := LABEL.match(line)) and _is_label(label[1]):
            yield line[label.end() :]
        else:
            yield line


def _is_label(words: str) -> bool:
    return len(LATIN_WORD.findall(words)) <= SHORTEST or _in_capitals(words)


def _in_capitals(line: str) -> bool:
    """Whether more than half of the words begin with a capital letter; articles, "and" and prepositions aside."""
    words: list[str] = [word for word in LATIN_WORD.findall(line) if word.casefold() not in SMALL.split()]
    return 2 * sum(word[0].isupper() for word in words) > len(words)
