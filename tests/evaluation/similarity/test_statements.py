"""Statements are found by their keys: figures by value, English words whole, Chinese as it stands, whatever the case and width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stages.evaluation.similarity.atomic import made_up
from stages.evaluation.similarity.statements import states, states_at_once
from stages.rows.statement import Statement


def statement(*groups: list[str]) -> Statement:
    return Statement.model_validate({"says": "x", "keys": groups})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("1,450", "It is €1450 a month."),
        ("1450", "fourteen hundred and fifty a month"),
        ("1450", "１，４５０元每月"),
        ("450,000", "They ask 450k."),
        ("320万", "总价3,200,000元"),
        ("3,200,000", "三百二十万成交"),
        ("4.31万", "四点三一万"),
        ("431", "They offer four thirty-one."),
        ("2,500", "two and a half thousand"),
        ("2", "a two-bedroom flat"),
        ("June 20", "possession on Jun 20th"),
        ("the 20th of June", "the twentieth of June"),
        ("14:30", "at 14:30 sharp"),
        ("4:30", "from 9 to 4:30 M-F"),
        ("6%", "a fee of six per cent"),
        ("三点五十", "下午3点50见"),
        ("3室2厅", "三室两厅"),
        ("PER MONTH", "per month"),
        ("[PERSON_1]", "[PERSON_1]'s fee"),
        ("the owner's", "the Owner’s share"),
        ("90 m2", "90㎡ facing south"),
        ("customer … fee", "The customer will have to pay the fee."),
        ("业主…中介费", "业主愿意承担中介费"),
        ("between 4 and 5", "between four and five o'clock"),
        ("1 and 2 bedroom", "one and two bedroom flats"),
        ("1 … 2 bedroom", "one two-bedroom flat"),
        ("1 … 12 month", "one twelve-month lease"),
        ("first 2 months", "the first two months"),
        ("unit 5", "unit five\nTwo bedrooms"),
        ("2 bedrooms", "unit five\nTwo bedrooms"),
        ("200 and 300", "between two hundred and three hundred"),
        ("150,200", "one hundred and fifty thousand and two hundred"),
        ("250,000", "two hundred and fifty thousand"),
        ("1450", "fourteen fifty"),
        ("1234", "the code one two three four"),
        ("964", "they ask ninety-six four"),
        ("14 … 1 bedroom", "fourteen one-bedroom flats"),
        ("306 … 4", "three hundred and six four times"),
        ("3725", "three seventy-two five"),
        ("405", "room four oh five"),
        ("101", "the hundred and first caller"),
        ("1,500,000", "a million and a half"),
        ("500,000", "half a million in all"),
        ("2,500,000", "two and a half million"),
        ("2.5 months", "2½ months"),
        ("0.5", "½ a month"),
        ("½ mile", "It is about ½ mile away."),
        ("0.5公里", "大约 ½ 公里"),
        ("1,200.5", "1,200½ square feet"),
        ("3 … 0.75", "Room 3, ¾ paid"),
        ("5%", "百分之五"),
        ("12.5%", "涨了百分之十二点五"),
        ("15,000", "月租1万5千"),
        ("15,000", "月租1万5"),
        ("15,000", "月租1万5000元"),
        ("935,000", "93万5成交"),
        ("30,000,000", "总价3千万"),
        ("930,000", "总价93万3室2厅"),
        ("3室2厅", "总价93万3室2厅"),
        ("15,000 3室", "1万5千3室"),
    ],
)
def test_a_key_is_found_in_another_writing(key: str, text: str) -> None:
    assert states(text, statement([key]))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("1,450", "It is 1,540 a month."),
        ("1450", "11,450 in all"),
        ("day", "within ten days"),
        ("rent", "the current tenant"),
        ("5万", "一共15万"),
        ("20", "the year 2024"),
        ("14:30", "at 14:00, with 30 people"),
        ("45", "450k"),
        ("four thirty-one", "four, thirty-one of them"),
        ("fee … customer", "The customer pays the fee."),
        ("customer … fee", "The customer asked for time to think it all over with others before any fee."),
        ("不含物业费", "含物业费"),
        ("45", "between four and five o'clock"),
        ("12", "one and two bedroom flats"),
        ("12", "one two-bedroom flat"),
        ("141", "fourteen one-bedroom flats"),
        ("112", "one twelve-month lease"),
        ("52", "unit five\nTwo bedrooms"),
        ("503", "between two hundred and three hundred"),
        ("1,000,000", "half a million in all"),
        ("2", "2½ months"),
        ("10,000", "月租1万5千"),
        ("935,000", "总价93万5年付清"),
    ],
)
def test_what_only_looks_like_a_key_is_not_taken_for_it(key: str, text: str) -> None:
    assert not states(text, statement([key]))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("4:30", "下午4:30千万别迟到"),
        ("4:30", "4:30m"),
        ("1:50", "比例1:50万"),
        ("1:25", "a scale of 1:25k"),
        ("4:30", "by 4:30th"),
        ("5", f"{'亿' * 70}点五，5"),
        ("5", f"{'hundred ' * 500}, 5"),
        ("5", "first oh first, five"),
        ("5", f"{'nine oh ' * 30}, 5"),
        ("5", f"{'nine ' * 500}, 5"),
        ("5", f"{'9' * 5000}½, {'9' * 5000}万, 5"),
    ],
)
def test_what_stands_behind_a_time_or_is_beyond_all_numbers_raises_nothing(key: str, text: str) -> None:
    assert states(text, statement([key]))


PIECES = (
    "one two hundred thousand million and a half point oh first twenty k m bn th st percent : 4:30 1,450 ３ ½ ² % "
    "千 万 亿 点 两 十 成 半 百分之 别 - ' ’s | # ** [PERSON_1]"
)


@given(st.lists(st.sampled_from([*PIECES.split(), " ", " ", "\n"]), max_size=30).map("".join) | st.text())
def test_nothing_that_may_be_written_raises(text: str) -> None:
    assert not states(text, statement(["no such word"]))
    assert made_up(text, text) == 0


def test_of_every_group_one_key_has_to_stand_there() -> None:
    rent = statement(["1,450", "1450"], ["monthly", "a month", "per month"])
    assert states("Rent: 1450\nPaid: monthly", rent)
    assert not states("Rent: 1450\nPaid: weekly", rent)
    assert not states("", rent)


def test_a_near_miss_has_to_stand_in_one_sentence_or_line() -> None:
    swapped = statement(["2,900"], ["rent"])
    assert not states_at_once("The rent is 1,450. The deposit is 2,900.", swapped)
    assert not states_at_once("租金：1450\n押金：2900", statement(["2900"], ["租金"]))
    assert states_at_once("The deposit is 1,450. The rent is 2,900.", swapped)
    assert states_at_once("Area 90.5 m2; rent 2,900.", swapped)


@pytest.mark.parametrize("keys", [[], [[]], [["rent"], []], [["…"]], [["rent", "€"]]])
def test_keys_that_find_nothing_are_refused(keys: list[list[str]]) -> None:
    with pytest.raises(ValidationError, match="keys"):
        Statement.model_validate({"says": "x", "keys": keys})
