"""A prompt has one place for a conversation."""

import pytest

from stages.core.errors import PromptError
from stages.rows.prompt import DIALOGUE, SOURCE, Ask, Part, Prompt
from stages.samples.drawing.slot import around


def prompt(dialogue: str) -> Prompt:
    parts = (
        Part(kind="scene", template="s", text=f"From {SOURCE}."),
        Part(kind="dialogue", template="d", text=dialogue),
        Part(kind="narrative", template="n", text="Summarize."),
    )
    ask = Ask(kind="list")
    return Prompt.new(
        language="en",
        scene="buying",
        role="r",
        task="t",
        instruction="i",
        ask=ask,
        layout="l",
        parts=parts,
        method="assembled",
    )


def test_the_parts_stand_around_the_conversation() -> None:
    before, after = around(prompt(f"Talk:\n=== START ===\n{DIALOGUE}\n=== END ==="), "a call")
    assert before == "From a call.\n\nTalk:\n=== START ===\n"
    assert after == "\n=== END ===\n\nSummarize."


@pytest.mark.parametrize("slots", ["none", f"{DIALOGUE} and {DIALOGUE}"])
def test_a_prompt_without_one_slot_is_refused(slots: str) -> None:
    with pytest.raises(PromptError, match="once"):
        around(prompt(slots), "a call")
