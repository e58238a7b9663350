"""A prompt and a conversation become one text, and the conversation cannot break out of its fence (§2.2, Fig. 2)."""

import re

from stages.core.errors import PromptError
from stages.rows.prompt import DIALOGUE, SOURCE, Prompt

SHORTEST_MARK = 3  # characters; a shorter line around the slot marks nothing


def around(prompt: Prompt, source: str) -> tuple[str, str]:
    """Return the text before and after the conversation, with the source's name where the prompt wants it."""
    sides = prompt.text.split(DIALOGUE)
    if len(sides) != 2:
        raise PromptError(
            f"prompt {prompt.id}: expected the slot {DIALOGUE} once, found it {len(sides) - 1} times; mend its dialogue template"
        )
    return sides[0].replace(SOURCE, source), sides[1].replace(SOURCE, source)


def fenced(conversation: str, before: str, after: str) -> str:
    """Return the conversation without the marks it stands between: the line right before and the line right after it.

    A mark inside it (in any case and spacing) is replaced by its bare words in parentheses.
    """
    for mark in (before.rstrip().rpartition("\n")[2], after.lstrip().partition("\n")[0]):
        conversation = unmarked(conversation, mark)
    return conversation


def unmarked(text: str, mark: str) -> str:
    """Return `text` with every occurrence of `mark` made harmless."""
    if len(mark.strip()) < SHORTEST_MARK:
        return text
    pattern = r"\s*".join(re.escape(piece) for piece in mark.split())
    words = " ".join(re.findall(r"[^\W_]+", mark))
    return re.sub(pattern, lambda _: f"({words})", text, flags=re.IGNORECASE)
