"""Thoughts before an answer, however a model or its server marks them; an answer is left as it is."""

import pytest

from stages.chat.thoughts import apart


@pytest.mark.parametrize(
    "before",
    [
        "<think>two rooms</think>\n\n",
        "  <THINK>two rooms</THINK>",
        "<think>\n\n</think>\n\n",  # a model told not to think
        "two rooms, says Rosa</think>\n",  # the template opened the tag
        "<thinking>a < b, { and }</thinking>",
        "<thought>so</thought>",
        "<reasoning>so</reasoning>",
        "<seed:think>so</seed:think>",
        "[THINK]so[/THINK]",
        "◁think▷so◁/think▷",
        "<|begin_of_thought|>so<|end_of_thought|>",
        "<|channel|>analysis<|message|>so<|end|><|start|>assistant<|channel|>final<|message|>",
        "<think>one</think>\n<think>two</think>\n",
        "<think>one <think>two</think> three</think>",
    ],
)
def test_thoughts_before_an_answer_are_taken_off(before: str) -> None:
    said = apart(before + "the flat")
    assert (said.text.strip(), said.thought, said.closed) == ("the flat", True, True)


@pytest.mark.parametrize("text", ["<think>they want", "<think>", "[THINK]they", "<|channel|>analysis<|message|>they"])
def test_a_model_that_still_thinks_has_said_nothing(text: str) -> None:
    assert apart(text) == ("", True, False)


@pytest.mark.parametrize(
    "text",
    [
        "the flat",
        "a < b, [1], {2}",
        '{"reason": "the answer ends with </think>", "score": 2}',  # quoted, in data
        "```json\n{}\n```",
        "the flat <think>or not</think> near the river",  # not before the answer: for the rules to see
    ],
)
def test_an_answer_is_left_as_it_is(text: str) -> None:
    assert apart(text) == (text, False, True)
