"""The slot of a prompt in which the conversation stands (§2.2, Fig. 2)."""

from stages.core.errors import PromptError
from stages.rows.prompt import DIALOGUE, SOURCE, Prompt


def around(prompt: Prompt, source: str) -> tuple[str, str]:
    """Return the text before and after the conversation, with the source's name where the prompt wants it."""
    sides = prompt.text.split(DIALOGUE)
    if len(sides) != 2:
        raise PromptError(
            f"prompt {prompt.id}: expected the slot {DIALOGUE} once, found it {len(sides) - 1} times; mend its dialogue template"
        )
    return sides[0].replace(SOURCE, source), sides[1].replace(SOURCE, source)
