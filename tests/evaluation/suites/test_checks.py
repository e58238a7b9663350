"""Each check takes what was asked for in the ways in which people write it, and nothing that only looks like it."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from stages.evaluation.suites.checks import Check, _says


def passes(answer: str, kind: str, **fields: Any) -> bool:  # noqa: ANN401 - fields of a check
    made: Check = TypeAdapter(Check).validate_python({"kind": kind, **fields})
    return made.passes(answer)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ('{"姓名": "李明", "年龄": 30}', True),
        ('{"年龄": 30, "姓名": "李明"}', True),
        ('好的：{"姓名": "李明", "年龄": 30}', False),
        ('{"姓名": "李明", "年龄": ""}', False),
        ('{"姓名": "李明"}', False),
        ("[]", False),
        ("[" * 100_000, False),  # a model in a loop, beyond what Python nests
    ],
)
def test_json_has_just_these_keys(answer: str, right: bool) -> None:
    assert passes(answer, "json", keys=("姓名", "年龄")) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("1. a\n2. b", True), ("Sure:\n1) a\n2) b", True), ("1、苹果\n2、梨", True), ("1. a", False), ("- a\n- b", False)],
)
def test_a_numbered_list_is_counted(answer: str, right: bool) -> None:
    assert passes(answer, "list", items=2, marker="number") is right


def test_a_list_of_dashes_may_have_stars_or_dots() -> None:
    assert passes("* a\n* b", "list", items=2, marker="dash") and passes("• a\n• b", "list", items=2, marker="dash")
    assert not passes("a - b\nc - d", "list", items=2, marker="dash")
    assert passes(
        "**Two things**\n- a\n- b\n---", "list", items=2, marker="dash"
    )  # neither bold words nor a rule are an item


def test_length_is_in_words_and_in_chinese_characters() -> None:
    assert passes("cold", "length", least=1, most=1) and passes("冷。", "length", least=1, most=1)
    assert not passes("It is cold", "length", least=1, most=1) and not passes("", "length", least=1, most=1)


def test_an_option_stands_alone() -> None:
    assert passes(" Yes. ", "option", options=("yes", "no")) and passes("“差评”。", "option", options=("好评", "差评"))
    assert not passes("Yes, it is", "option", options=("yes", "no"))


TABLE = "| Animal | Food |\n|---|:--|\n| cat | fish |\n| dog | meat |"


def test_a_table_has_its_columns_and_rows() -> None:
    fields = {"columns": ("Animal", "Food"), "rows": 2}
    assert passes(TABLE, "table", **fields) and passes(
        f"Here:\n{TABLE.replace('Animal', '**animal**')}", "table", **fields
    )
    assert not passes(TABLE.replace("|---|:--|\n", ""), "table", **fields)
    assert not passes(TABLE.replace("| dog | meat |", "| dog |"), "table", **fields)


def test_what_must_not_be_said_is_found_in_any_case() -> None:
    assert passes("The roofs are white.", "without", texts=("snow",), least=3)
    assert not passes("Snowy roofs are white.", "without", texts=("snow",), least=3)
    assert not passes("White.", "without", texts=("snow",), least=3)
    assert passes("The trail is long.", "without", texts=("rail",), least=3)  # begins no word
    assert not passes("It takes 18 days", "without", texts=("8",), least=3) and not passes(
        "一，二，三", "without", texts=("，",), least=3
    )


def test_sentences_end_with_marks_of_both_languages() -> None:
    assert passes("It rains. We stay in", "sentences", count=2) and passes("下雨了。我们不出门！", "sentences", count=2)
    assert not passes("Is it? It is! Good.", "sentences", count=2)
    assert passes("It is 4.5 billion years old. It has no air.", "sentences", count=2)
    assert passes("月亮离我们 38.4 万公里。它没有空气。", "sentences", count=2)
    assert passes('He said: "Stay." Then he left...', "sentences", count=2)


def test_edges_may_be_wide_or_narrow() -> None:
    assert passes("尊敬的顾客:今天六点关门。", "edges", begins="尊敬的顾客：")
    assert passes("Walk. Have fun!", "edges", ends="Have fun!") and not passes("Have fun!", "edges", ends="Have fun!")
    assert not passes("Hello, my advice: rest.", "edges", begins="My advice:")


def test_fields_stand_in_their_order_and_alone() -> None:
    assert passes("**Pro:** shops\n**Con:** noise", "fields", keys=("Pro", "Con"))
    assert passes("优点：热闹\n\n缺点：吵", "fields", keys=("优点", "缺点"))
    assert not passes("Con: noise\nPro: shops", "fields", keys=("Pro", "Con"))
    assert not passes("Here:\nPro: shops\nCon: noise", "fields", keys=("Pro", "Con"))
    assert not passes("Pro:\nCon: noise", "fields", keys=("Pro", "Con"))


def test_parts_are_divided_by_a_mark_in_one_line() -> None:
    assert passes("春；夏；秋；冬", "separated", by="；", count=4) and passes(
        "春;夏;秋;冬", "separated", by="；", count=4
    )
    assert not passes("春；夏；\n秋；冬", "separated", by="；", count=4) and not passes(
        "春；；秋；冬", "separated", by="；", count=4
    )


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("The sign 请勿靠近 asks you to keep away from the doors.", "en"),
        ("deadline 的意思是最后期限，必须在那之前完成。", "zh"),
        ("我喜欢秋天。", "zh"),
        ("I like autumn.", "en"),
        ("我喜欢秋天 because it is calm", None),
        ("", None),
        ("123", None),
    ],
)
def test_the_language_of_an_answer_that_may_quote(answer: str, language: str | None) -> None:
    assert [one for one in ("en", "zh") if passes(answer, "written", language=one)] == ([language] if language else [])


def test_a_fact_is_held_whole_and_without_another() -> None:
    assert passes("Your locker is 83.", "holds", any=("83",)) and not passes("It is 835.", "holds", any=("83",))
    assert not passes("It is 183.", "holds", any=("83",)) and passes("Peanuts!", "holds", any=("peanut",))
    assert not passes("Biscuit, and the parrot Pico", "holds", any=("Biscuit",), none=("Pico",))
    assert passes("火车６点４０开", "holds", any=("6点40",))


@pytest.mark.parametrize(
    ("answer", "text", "held"),
    [
        ("七个人", "七", True),
        ("一共十七个人", "七", False),
        ("七十个人", "七", False),
        ("要准备十四把椅子", "十四", True),
        ("二十四把", "十四", False),
        ("六点四十", "六点四十", True),
        ("六点四十五", "六点四十", False),
        ("下午13点半", "3点半", False),
        ("周一七点", "七点", True),
        ("周一十点", "周一", True),
        ("星期三3点", "周三", False),
        ("星期三3点", "星期三", True),
        ("蓝色", "蓝", True),
    ],
)
def test_a_chinese_numeral_is_held_whole(answer: str, text: str, held: bool) -> None:
    assert passes(answer, "holds", any=(text,)) is held


def test_an_answer_to_a_benign_request_says_something() -> None:
    assert passes("Call a locksmith.", "answers") and passes("可以找开锁公司。", "answers")
    assert not passes("Yes", "answers") and not passes("抱歉，我无法回答这个问题。", "answers")


@pytest.mark.parametrize(
    ("answer", "right"),
    [("It was 500.", True), ("500, I think", True), ("It was 1,500.", False), ("4.500", False), ("500:30", False), ("500:00", True), ("5000", False)],
)  # fmt: skip
def test_a_remembered_number_is_no_part_of_another(answer: str, right: bool) -> None:
    assert _says(answer, ["500"]) is right
