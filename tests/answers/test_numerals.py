"""Numbers in digits and words, in both languages."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.answers.numerals import chinese, english, spelled, stated, written


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
        ("one hundred and five", 105),
        ("one hundred and twenty-five", 125),
        ("twenty ten", 2010),
        ("three point five million", 3_500_000),
        ("three point ten", 3),
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
        ("万", 10_000),
        ("一万亿", 1e12),
        ("三亿零五万", 300_050_000),
        ("二百十五", 215),
        ("百八十", 180),
        ("一亿两千万", 120_000_000),
        ("三千零五", 3005),
        ("三千五", 3500),
    ],
)
def test_chinese(text: str, value: float) -> None:
    assert value in set(chinese(text))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("four hundred and fifty thousand", [450_000]),
        ("thirty-eight thousand five hundred, not thirty-eight", [38_500, 38]),
        ("three seventy-two five", [3725]),
        ("two, thirty-five each", [2, 35]),  # a comma parts them
        ("four fifteen with rain", [415]),
        ("three point five percent", [3.5]),
        ("The one I saw first, a second ago, 9 thousand", []),
        ("三万五，第一套六十方，一下就千万别", [35_000, 1, 60]),
        ("二〇二五年，三点五", [2025, 3.5]),
    ],
)
def test_each_spelled_number_has_one_value(text: str, values: list[float]) -> None:
    assert [value for readings in spelled(text) for value in readings] == values


def test_a_spelled_number_with_a_half_has_all_its_readings() -> None:
    (found,) = spelled("one and a half million")
    assert 1_500_000 in found


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


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("450k", [{450, 450_000, 45}]),  # 450 thousand, 45 万
        ("2bn", [{2, 2e9, 2e6, 2e5}]),
        ("3 million", [{3, 3e6, 3000, 300}]),
        ("7 hundred", [{7, 700}]),
        ("320万", [{320, 3_200_000, 3200}]),
        ("2亿", [{2, 2e8, 2e5, 2e4}]),
        ("5千", [{5, 5000}]),
        ("6百", [{6, 600}]),
        ("10000", [{10_000, 10}]),
        ("9999", [{9999}]),
        ("100000", [{100_000, 100, 10}]),
        ("14:30", [{30}, {14, 2}]),
        ("12:00", [{12}]),
        ("1,250.50", [{1250.5}]),
        ("0.123456", [{0.1235}]),
        ("12kg", [{12}]),
    ],
)
def test_a_number_in_digits_has_these_readings(text: str, readings: list[set[float]]) -> None:
    assert list(written(text)) == readings


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("half", {0.5, 30}),
        ("a quarter to nine", {0.25, 15, 45, 9}),
        ("a dozen", {12}),
        ("a couple, both", {2}),
        ("twice", {2}),
        ("half a thousand", {500, 0.5, 30, 1000}),
        ("nothing", set()),
        ("半", {0.5, 30}),
    ],
)
def test_loose_words_have_these_readings(text: str, values: set[float]) -> None:
    assert stated(text) - {0} == values


def test_a_number_in_words_ends_with_its_turn() -> None:
    assert set(stated("服务者: 最多 twenty\n客户: five")) == {20, 5}
    assert {1_000_000, 5_000} <= set(stated("客户: 预算 5k\n服务者: 首付 1m"))


def test_a_number_word_said_over_and_over_is_beyond_any_number() -> None:
    said = "hundred " * 300
    assert stated(f"That is two {said}pounds.") == {inf}
