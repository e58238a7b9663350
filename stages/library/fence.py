"""The fence against prompt injection: what stands between two marks does not hold them, so it cannot end early and give orders.

A conversation stands between lines that the author of a prompt wrote; what a judge reads, between lines with a mark made of
the texts themselves.
"""

import re

from stages.core.row import content_id

SHORTEST_MARK = 3  # characters; a shorter line around a text marks nothing


def fenced(text: str, before: str, after: str) -> str:
    """Return the text without the marks it stands between: the line right before and the line right after it.

    A mark inside it (in any case and spacing) is replaced by its bare words in parentheses.
    """
    for mark in (before.rstrip().rpartition("\n")[2], after.lstrip().partition("\n")[0]):
        words = re.sub(r"[\W_]+", " ", mark).strip()
        text = unmarked(text, mark, f"({words})")
    return text


def marked(**texts: str) -> dict[str, str]:
    """Return the texts and a `mark` for the lines around them: their own hash, which none of them can know beforehand."""
    mark = content_id(texts)
    return {name: unmarked(text, mark, "…") for name, text in texts.items()} | {"mark": mark}


def unmarked(text: str, mark: str, instead: str) -> str:
    """Return `text` with `instead` in the place of every occurrence of `mark`."""
    if len(mark.strip()) < SHORTEST_MARK:
        return text
    pattern = r"\s*".join(re.escape(piece) for piece in re.findall(r"\w+|[^\w\s]", mark))
    return re.sub(pattern, lambda _: instead, text, flags=re.IGNORECASE)
