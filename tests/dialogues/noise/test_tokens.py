"""Pieces of a text: joined again they are the text; what is no word stays whole."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dialogues.noise.tokens import joined, tokens, units
from stages.rows.dialogue import Dialogue

ALPHABET = "ab Z9.,!?'’[]_@:/-\n，。你好十4"


@given(st.text(ALPHABET, max_size=60))
def test_the_pieces_are_the_text(text: str) -> None:
    assert joined(*tokens(text)) == text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi, [PERSON_1]! It's 3.5% at 14:30.", ["hi", "it's", "3.5", "at", "14:30"]),
        ("邮箱是a.b@example.com，网址https://x.example/a?b=1谢谢[图片]", [*"邮箱是网址谢谢"]),
        ("那套89平的wifi", ["那", "套", "89", "平", "的", "wifi"]),
        ("…?", []),
        ("", []),
    ],
)
def test_what_is_counted(text: str, expected: list[str]) -> None:
    assert units(text) == expected


def test_marks_within_numbers_and_words_are_none() -> None:
    assert [p.text for p in tokens("1,200.50, a.m. o'clock: ok?")[1] if p.kind == "mark"] == [",", ".", ":", "?"]


def test_an_address_of_mail_has_64_characters_before_its_sign() -> None:
    assert units(f"{'a.' * 31}bb@example.com ok") == ["ok"]
    began = time.process_time()
    assert joined(*tokens("A1" * 50_000)) == "A1" * 50_000
    assert time.process_time() - began < 3  # it grew by the square of the length


@pytest.mark.slow
def test_every_shipped_text_is_its_pieces(corpus: list[Dialogue]) -> None:
    texts = [turn.text for row in corpus for turn in row.turns]
    assert [text for text in texts if joined(*tokens(text)) != text.strip()] == []
