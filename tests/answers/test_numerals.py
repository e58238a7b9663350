"""Numbers in digits and words, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.answers.numerals import chinese, english, stated, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("four hundred and fifty thousand", 450_000),
        ("four fifty", 450),
        ("four fifty thousand", 450_000),
        ("nineteen eighty-four", 1984),
        ("twenty twenty-five", 2025),
        ("eleven fifty a month", 1150),
        ("three point five percent", 3.5),
        ("one and a half million", 1_500_000),
        ("half a million", 500_000),
        ("twelve hundred and fifty", 1250),
        ("two million three hundred thousand", 2_300_000),
        ("the third floor", 3),
        ("half past two", 30),
    ],
)
def test_english(text: str, value: float) -> None:
    assert value in set(english(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二十万", 3_200_000),
        ("三万五", 35_000),
        ("二〇二五年", 2025),
        ("三点五", 3.5),
        ("两千", 2000),
        ("一百零五", 105),
        ("一百二", 120),
        ("十五号", 15),
        ("两百三十八万五", 2_385_000),
        ("一万零五百", 10_500),
    ],
)
def test_chinese(text: str, value: float) -> None:
    assert value in set(chinese(text))


@pytest.mark.parametrize(
    ("answer", "conversation"),
    [
        ("£450,000", "four fifty is our limit"),
        ("450k", "450,000"),
        ("320万", "三百二十万"),
        ("3200000元", "320万"),
        ("14:30", "half past two"),
        ("3.5%", "three point five"),
        ("2025-03-04", "4 March 2025, the third month: 3"),
    ],
)
def test_digits_meet_what_was_said(answer: str, conversation: str) -> None:
    said = stated(conversation)
    assert all(readings & said for readings in written(answer))


def test_other_numbers_do_not() -> None:
    said = stated("four fifty is our limit")
    assert not any(readings & said for readings in written("£465,000 and 3 rooms"))


@given(st.integers(0, 10**9))
def test_thousands_separators_do_not_matter(value: int) -> None:
    assert [float(value) in readings for readings in written(f"it is {value:,} or {value}.")] == [True, True]


@given(st.text(alphabet="零一二三十百千万亿点 twohundredpoint and a half,.5k", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert all(isinstance(value, float | int) for value in stated(text))
