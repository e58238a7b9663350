"""Lists of words as a pattern that tells words apart by their letter first."""

import re

import pytest

from stages.pii.people.word_groups import any_of


@pytest.mark.parametrize("word", ["son", "sister", "son-in-law", "mam", "well done", "colour", "color", "it", "or"])
def test_every_word_of_the_lists_fits_and_takes_itself_whole(word: str) -> None:
    pattern = any_of("son sister (?:son|daughter)-in-law m[ao]m well_done colou?r", "mom if '?cause it|or")
    assert re.fullmatch(pattern, word)
    assert re.fullmatch(pattern, word.upper(), re.IGNORECASE)


@pytest.mark.parametrize("word", ["", "s", "siste", "onson", "mm", "welldone", "f"])
def test_no_other_word_fits(word: str) -> None:
    assert not re.fullmatch(any_of("son sister m[ao]m well_done colou?r", "mom if it|or"), word)


def test_of_two_words_one_of_which_begins_the_other_the_first_is_taken() -> None:
    assert re.match(any_of("sea seaside"), "seaside walk")[0] == "sea"  # type: ignore[index]
    assert re.match(any_of("seaside sea"), "seaside walk")[0] == "seaside"  # type: ignore[index]
