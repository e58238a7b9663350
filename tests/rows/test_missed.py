"""What was missed is recognized in a text, and cannot be read off the row."""

import pytest

from stages.rows.missed import Digest, Missed, holds

FOUND = [Digest.of(text) for text in ("Rafa", "WH 40071 882", "申嫂")]


@pytest.mark.parametrize(
    "text",
    ["Rafa", "ask Rafa's mother", "the policy WH 40071 882.", "房东申嫂人可好", "“申嫂”", "from WH 40071 882"],
)
def test_it_is_recognized(text: str) -> None:
    assert holds(text, FOUND)


@pytest.mark.parametrize("text", ["", "Raf", "Rafael", "WH 40071 8821", "rafa", "申", "1WH 40071 882"])
def test_a_part_of_a_longer_word_or_number_is_another(text: str) -> None:
    assert not holds(text, FOUND)


def test_nothing_was_missed() -> None:
    assert not holds("Rafa", ())


def test_the_row_does_not_tell_the_text() -> None:
    written = Missed(id="d", texts=tuple(FOUND)).model_dump_json()
    assert not any(part in written for part in ("Rafa", "40071", "申"))
