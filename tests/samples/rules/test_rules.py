"""Each rule finds its fault and leaves a good answer alone."""

from collections.abc import Callable

import pytest

from stages.rows.label_quality import Flag
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import Limits, flags, quality_of

LIMITS = Limits(grounding=0.8, coverage=0.5)
Make = Callable[..., LabeledSample]
GOOD = "Rosa would pay up to £450,000, the owner asks 465,000, and her sister Ines must agree before 14 March."


def test_a_good_answer_has_no_flag(labelled: Make) -> None:
    assert flags(labelled(GOOD), LIMITS) == ()


@pytest.mark.parametrize(
    ("flag", "answer"),
    [
        (Flag.EMPTY, " … "),
        (Flag.FORMAT, GOOD + "\n- and more"),
        (Flag.LANGUAGE, "客户最多付四十五万，业主要价更高。"),
        (Flag.REFUSAL, "I'm sorry, but I can't help with that."),
        (Flag.REFUSAL, "As an AI language model I have no opinion on the owner."),
        (Flag.CUT_OFF, "Rosa would pay up to £450,000, and the"),
        (Flag.CUT_OFF, "Rosa would pay up to £450,000 (her sister Ines has to agree,"),
        (Flag.ECHO, "Summarize what the customer wants and how the talk went on, in one paragraph of plain prose."),
        (Flag.LOOPS, "the customer wants the flat and " * 12),
        (Flag.LOOPS, "so " + "ha" * 40),
        (Flag.UNGROUNDED, "Rosa would pay 480,000 to Daniel by 19 June."),
        (Flag.LEAK, GOOD + " Her number is 07700 900123."),
        (Flag.LEAK, GOOD + " Call her at oh seven seven double zero nine hundred one two three."),
    ],
)
def test_each_fault_has_its_flag(labelled: Make, flag: Flag, answer: str) -> None:
    assert flag in flags(labelled(answer), LIMITS)


def test_chinese_cut_off(labelled: Make) -> None:
    said = "客户 王女士：最多三百二十万。"
    assert flags(labelled("王女士预算320万，", said, language="zh"), LIMITS) == (Flag.CUT_OFF,)


def test_uncovered_sub_items(labelled: Make) -> None:
    row = labelled("price: £450,000\narea: -\ndate: ", kind="key_values", fields=("price", "area", "date"))
    assert flags(row, LIMITS) == (Flag.UNCOVERED,)
    assert flags(row, Limits(grounding=0.8, coverage=0.3)) == ()


def test_a_table_of_not_stated_is_no_loop(labelled: Make) -> None:
    rows = "\n".join(f"| item {letter} | not stated | not stated | not stated |" for letter in "abcdefgh")
    row = labelled(f"| a | b | c | d |\n|---|---|---|---|\n{rows}", kind="table", fields=("a", "b", "c", "d"))
    assert flags(row, LIMITS) == ()


def test_a_provider_may_say_that_something_cannot_be_provided(labelled: Make) -> None:
    text = "I'm sorry, I can't provide a firm date yet, but will ask the owner today."
    assert Flag.REFUSAL not in flags(labelled(text, kind="message"), LIMITS)
    assert Flag.REFUSAL in flags(labelled(text), LIMITS)


def test_chinese_answers(labelled: Make) -> None:
    said = "客户 王女士：最多三百二十万。"
    assert flags(labelled("王女士预算320万。", said, language="zh"), LIMITS) == ()
    assert flags(labelled("The budget is 3.2 million yuan.", said, language="zh"), LIMITS) == (Flag.LANGUAGE,)
    assert Flag.REFUSAL in flags(labelled("抱歉，我无法完成该请求。", said, language="zh"), LIMITS)


def test_quality_follows_from_flags() -> None:
    assert quality_of([]) == "high"
    assert quality_of([Flag.UNGROUNDED, Flag.UNCOVERED]) == "medium"
    for flag in set(Flag) - {Flag.UNGROUNDED, Flag.UNCOVERED}:
        assert quality_of([flag, Flag.UNGROUNDED]) == "low"
