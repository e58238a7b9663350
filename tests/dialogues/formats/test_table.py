"""CSV as Excel and contact centers write it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.formats.field_map import Forms

ROWS = "c1{0}customer{0}Is it free?\nc1{0}provider{0}Yes.\n"
SAID = [("customer", "Is it free?"), ("provider", "Yes.")]


def read(folder: Path, text: str) -> Sequence[Raw | Unreadable]:
    (folder / "export.csv").write_text(text, encoding="utf-8")
    return detect.read(folder / "export.csv", Forms()).results


def said(item: Raw | Unreadable) -> list[tuple[str, str]]:
    assert isinstance(item, Raw), item
    return [(turn.party, turn.text) for turn in item.turns]


@pytest.mark.parametrize(
    "text",
    [
        "conversation_id,party,text\n" + ROWS.format(","),
        "sep=;\nconversation_id;party;text\n" + ROWS.format(";"),
        '"sep=|"\nconversation_id|party|text\n' + ROWS.format("|"),
        "\n\nconversation_id\tparty\ttext\n" + ROWS.format("\t"),
        "Conversation_ID,PARTY,Text\n" + ROWS.format(","),
        "Conversation ID, party ,text\n" + ROWS.format(","),
        '"conversation_id","party","text"\n' + ROWS.format(","),
        "conversation_id;party;text;;\n" + ROWS.format(";").replace("\n", ";;\n") + ";;;;\n",
        "conversation_id,party,text\n" + ROWS.format(",") + ",,\n\n , ,\n",
        "conversation_id,party,text,,\n" + ROWS.format(","),
        "conversation_id,party,text\n" + ROWS.format(",").replace("\n", ",,\n"),
        "conversation_id,party,text\n" + ROWS.format(",").replace("customer", "Caller").replace("provider", "Bot"),
        "utterance_no,conversation_id,party,text\n2.0,c1,Agent,Yes.\n1.0,c1,User,Is it free?\n",
        "timestamp,conversation_id,party,text\n2025-01-01 10:01,c1,Agent,Yes.\n2025-01-01 10:00,c1,User,Is it free?\n",
    ],
)
def test_the_same_conversation(tmp_path: Path, text: str) -> None:
    (made,) = read(tmp_path, text)
    assert (said(made), made.line) == (SAID, 1 + next(n for n, line in enumerate(text.split("\n")) if "c1" in line))


def test_the_header_may_hold_quoted_delimiters(tmp_path: Path) -> None:
    (made,) = read(
        tmp_path, 'conversation_id,"note; of, whom; ever",party,text\nc1,,customer,Is it free?\nc1,,provider,Yes.\n'
    )
    assert said(made) == SAID


@pytest.mark.parametrize("name", ["text", "Text", " TEXT "])
def test_a_column_named_twice_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"export\.csv:1: column 'text' stands there twice"):
        read(tmp_path, f"conversation_id,party,text,{name}\nc1,customer,a,b\n")


@pytest.mark.parametrize(
    "ids",
    [
        ["2.02501E+13", "2.02501E+13"],
        ["c1", "2,02501E+13"],
        ["1E+05"],
        ["202501150000010000", "202501150000020000"],
        ["1234567890123450", "1234567890123460", "2234567890123450"],
    ],
)
def test_ids_that_a_spreadsheet_rounded_are_refused_with_their_place(tmp_path: Path, ids: list[str]) -> None:
    rows = "".join(f'"{key}",customer,Hi\n"{key}",provider,Hello\n' for key in ids)
    with pytest.raises(
        InputError, match=r"export\.csv:\d+: the conversation's id is a number that a spreadsheet rounded"
    ):
        read(tmp_path, "conversation_id,party,text\n" + rows)


@pytest.mark.parametrize(
    "ids",
    [
        ["12e5", "1e9"],
        ["202501150000010001", "202501150000020000"],
        ["1234567890123450"],
        ["100000000000000"],
        ["2025-01"],
    ],
)
def test_ids_that_look_like_it_are_not(tmp_path: Path, ids: list[str]) -> None:
    rows = "".join(f"{key},customer,Hi\n{key},provider,Hello\n" for key in ids)
    assert [item.key for item in read(tmp_path, "conversation_id,party,text\n" + rows) if isinstance(item, Raw)] == ids


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("c1,customer", "the row has 2 cells, the header 3"),
        ("c1,customer,a,b", "the row has 4 cells, the header 3"),
        ('c1,customer,a "quote" in it"x', None),
        ('c1,customer,"a" b', "a quote stands inside a cell"),
        ("c1,callee,a", "the word for who speaks is in no table"),
    ],
)
def test_a_bad_row_has_its_line(tmp_path: Path, row: str, says: str | None) -> None:
    (made,) = read(tmp_path, "conversation_id,party,text\nc1,provider,Yes.\n" + row + "\n")
    if says is None:
        assert isinstance(made, Raw)
    else:
        assert isinstance(made, Unreadable)
        assert says in made.detail
        assert made.line == 3


def test_a_row_without_an_id(tmp_path: Path) -> None:
    found = read(tmp_path, "conversation_id,party,text\n,customer,Hi\n" + ROWS.format(","))
    assert [getattr(item, "detail", "") for item in found] == ["conversation_id is empty", ""]


def test_turns_that_say_nothing_are_passed_over(tmp_path: Path) -> None:
    (made,) = read(tmp_path, "conversation_id,party,text\n" + ROWS.format(",") + "c1,customer, \nc1,customer,\u200b\n")
    assert (said(made), getattr(made, "silent", 0)) == (SAID, 2)


def test_numbers_twice_under_one_id_are_two_conversations(tmp_path: Path) -> None:
    rows = "c1,1,customer,Free?\nc1,2,provider,Yes.\nc1,1,customer,Heating off.\nc1,2,provider,Coming.\n"
    (fault,) = read(tmp_path, "conversation_id,utterance_no,party,text\n" + rows)
    assert isinstance(fault, Unreadable)
    assert (fault.line, fault.detail) == (4, "turn 3: its number is that of turn 1; two conversations under one id?")
