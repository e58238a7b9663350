"""A model that declines is told from people who cannot come."""

import pytest

from stages.text.refusals import declines, is_no_instruction, speaks_as_model


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "“I cannot access the record.”",
        "I won’t assist with that.",
        "I'm unable to provide a summary.",
        "I’m not able to help with that.",
        "抱歉，我无法完成该请求。",
        "我不能提供",
    ],
)
def test_an_answer_that_declines_is_no_instruction_either(text: str) -> None:
    assert declines(text) and is_no_instruction(text)


@pytest.mark.parametrize(
    "text",
    [
        "I apologize, but I cannot process this.",
        "My apologies, I am unable to answer.",
        "I apologize for the confusion, but I cannot help with that.",
        "I will not provide it.",
    ],
)
def test_an_answer_that_declines_with_an_apology(text: str) -> None:
    assert declines(text) and is_no_instruction(text)


@pytest.mark.parametrize("text", ["I'm unable to come on Friday.", "I apologize for the delay; the papers are ready."])
def test_people_who_cannot_come_or_apologize_do_not_decline(text: str) -> None:
    assert not declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot rewrite what the customer said.",
        "I apologize, but I cannot write that.",
        "I’m sorry, there is no call.",
        "对不起，没有对话",
    ],
)
def test_an_excuse_is_no_instruction_though_an_answer_may_quote_it(text: str) -> None:
    assert is_no_instruction(text) and not declines(text)


@pytest.mark.parametrize(
    "text", ["List what the agent is sorry for.", "说明客户为什么不能来", "Say why I cannot is no answer."]
)
def test_an_instruction_about_excuses_is_one(text: str) -> None:
    assert not is_no_instruction(text)


@pytest.mark.parametrize("text", ["Well, as an AI language model …", "作为一个人工智能，"])
def test_a_model_gives_itself_away(text: str) -> None:
    assert speaks_as_model(text) and is_no_instruction(text)
