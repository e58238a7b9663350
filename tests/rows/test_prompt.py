"""A prompt has one place for a conversation, and says what is known beside it."""

import pytest

from stages.core.errors import PromptError
from stages.core.row import Language
from stages.rows.instruction import Ask
from stages.rows.prompt import DIALOGUE, Part, Prompt

FENCE = f"Talk:\n=== START ===\n{DIALOGUE}\n=== END ==="


def prompt(*parts: Part, language: Language = "en") -> Prompt:
    return Prompt.new(
        pair="p",
        dialogue="d",
        language=language,
        scene="buying",
        source="call_recording",
        role="r",
        task="t",
        instruction="i",
        ask=Ask(kind="list"),
        layout="l",
        parts=parts,
        method="assembled",
    )


TALK = Part(kind="dialogue", template="d", text=FENCE)
ASK = Part(kind="narrative", template="n", text="Summarize.")


def test_the_parts_stand_around_the_conversation() -> None:
    scene = Part(kind="scene", template="s", text="From a call.")
    before, after = prompt(scene, TALK, ASK).around
    assert before == "From a call.\n\nTalk:\n=== START ===\n"
    assert after == "\n=== END ===\n\nSummarize."


@pytest.mark.parametrize(("language", "line"), [("en", "Summarize. As a list."), ("zh", "Summarize.As a list.")])
def test_a_part_may_go_on_in_the_line_of_the_one_before(language: Language, line: str) -> None:
    form = Part(kind="format", template="f", text="As a list.", inline=True)
    assert prompt(ASK, form, TALK, language=language).text == f"{line}\n\n{FENCE}"


@pytest.mark.parametrize("slots", ["none", f"{DIALOGUE} and {DIALOGUE}"])
def test_a_prompt_without_one_slot_is_refused(slots: str) -> None:
    with pytest.raises(PromptError, match="once"):
        _ = prompt(Part(kind="dialogue", template="d", text=slots)).around


def test_what_is_known_is_the_knowledge_part() -> None:
    known = Part(kind="knowledge", template="k/prices", text="Known: pads are 18.")
    assert (prompt(TALK, ASK).known, prompt(known, TALK, ASK).known) == ("", "Known: pads are 18.")
