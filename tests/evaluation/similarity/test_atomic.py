"""Fact F1: what is stated earns, what is left out costs recall, near misses and what is made up cost precision."""

from pathlib import Path

import pytest

from stages.core import jsonl
from stages.evaluation.similarity.atomic import atomic, made_up
from stages.rows.sample import Reference

PROMPT = (
    "Name the terms.\nProvider [PERSON_1]: It's 1,450 a month, two months deposit, from Monday. Ms Chen will show it."
)
REFERENCE = Reference.model_validate(
    {
        "id": "r",
        "author": "Kim",
        "answer": "The rent is 1,450 a month and the deposit two months' rent, 2,900; it is free from Monday.",
        "facts": [
            {"says": "The rent is 1,450 a month.", "keys": [["1,450"], ["month", "monthly"]]},
            {"says": "The deposit is 2,900.", "keys": [["2,900", "two months"]], "derived": True},
            {"says": "It is free from Monday.", "keys": [["Monday"]]},
            {"says": "Chen shows it.", "keys": [["Chen"]]},
        ],
        "wrong": [
            {"says": "The deposit is 1,450.", "keys": [["deposit … 1,450"]]},
            {"says": "It is free from Tuesday.", "keys": [["Tuesday"]]},
        ],
    }
)


@pytest.mark.parametrize(
    ("answer", "stated", "wrong", "extra"),
    [
        ("Monthly rent 1450, deposit 2900, from Monday, shown by Chen.", 4, 0, 0),
        ("Monthly rent 1450.", 1, 0, 0),
        ("The rent is 1,450 a month, the deposit 1,450; from Tuesday.", 1, 2, 1),  # Tuesday is in no prompt either
        ("Monthly rent 1450, to be paid to Mr Baker by the 17th.", 1, 0, 2),
        ("I would take it to [PERSON_2].", 0, 0, 1),
        ("", 0, 0, 0),
    ],
)
def test_what_is_found_is_counted(answer: str, stated: int, wrong: int, extra: int) -> None:
    found = atomic(REFERENCE, answer, PROMPT)
    assert found and (found.facts, found.stated, found.wrong, found.made_up) == (4, stated, wrong, extra)
    recall, precision = stated / 4, stated / max(1, stated + wrong + extra)
    assert (found.recall, found.precision) == (recall, precision)
    assert found.f1 == pytest.approx(2 * recall * precision / (recall + precision) if stated else 0)


def test_a_row_without_facts_has_none() -> None:
    assert atomic(Reference(id="r", answer="x", author="Kim"), "x", PROMPT) is None


def test_other_words_for_the_same_facts_are_worth_the_same() -> None:
    plain = atomic(REFERENCE, "Rent 1,450 monthly. Deposit 2,900. Free from Monday. Chen shows it.", PROMPT)
    woolly = atomic(
        REFERENCE, "You pay fourteen hundred and fifty every month, two months up front, starting Monday; Chen.", PROMPT
    )
    assert plain and woolly and plain.f1 == woolly.f1 == 1.0


def test_what_the_prompt_spells_out_is_not_made_up() -> None:
    assert made_up("2 months, and 1.45k", PROMPT) == 0
    assert made_up("押金2900，周一入住", "押金两千九，星期一可以入住") == 0
    assert made_up("押金3900，周二入住", "押金两千九，星期一可以入住") == 2
    assert made_up("押金15000，中介费5%", "押金1万5千，中介费百分之五") == 0
    assert made_up("押金1万5千", "押金一万五") == 0
    assert made_up("2½ months", "two and a half months") == 0
    assert made_up("3½ months", "two and a half months") == 1


@pytest.mark.parametrize(
    ("answer", "extra"),
    [
        ("Next Steps: Call Back Tomorrow. Key Points", 0),
        ("# Key Takeaways and Open Points", 0),
        ("**Terms and Open Points**\nnothing yet", 0),
        ("- **What They Offer**: nothing yet", 0),
        ("| Tenant Name | Move In Date |\n|---|---|\n| open | open |", 0),
        ("| who Will Pay | what is Due |\n| :--- | :--- |\n| open | open |", 0),
        ("what they Offer and Ask for:", 0),
        ("the Tenant Name: open", 0),
        ("Call Mr Baker Back on Tuesday", 1),  # a date is one in any line
        ("## Terms\nto be paid to Mr Baker by then", 1),
        ("Next Steps: he will have to ask Mr Baker for it", 1),
        ("| Name | Role |\n|---|---|\n| they will ask Mr Baker | he is the owner of it |", 1),
        ("he has told them that Mr Baker and others came to this: it is sold", 1),
        ("Key Points: 77 Flats for [PERSON_9]", 2),
    ],
)
def test_names_count_in_running_text_alone(answer: str, extra: int) -> None:
    assert made_up(answer, PROMPT) == extra


@pytest.mark.parametrize(
    "path", sorted(Path("data/test").glob("*/*/references.jsonl")), ids=lambda path: path.parts[-3]
)
def test_titles_around_a_reference_make_up_no_names(path: Path) -> None:
    rows = jsonl.read(path, Reference)
    wrapped = "Key Takeaways and Next Steps:\n{}\nPlease Note: Further Details Pending"
    assert rows and {row.id for row in rows if made_up(wrapped.format(row.answer), row.answer)} == set()
