"""Statements are found by their keys: figures by value, English words whole, Chinese as it stands, whatever the case and width."""

import pytest
from pydantic import ValidationError

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
        ("three five", "three, five or so"),
        ("fee … customer", "The customer pays the fee."),
        ("customer … fee", "The customer asked for time to think it all over with others before any fee."),
        ("不含物业费", "含物业费"),
    ],
)
def test_what_only_looks_like_a_key_is_not_taken_for_it(key: str, text: str) -> None:
    assert not states(text, statement([key]))


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
