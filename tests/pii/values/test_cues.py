"""Words that tell what a number is, in any case and with letters whose small form is another one's."""

import pytest

from stages.pii.values.cues import after, before


@pytest.mark.parametrize("text", ["passport ", "PASSPORT ", "Paſſport "])
def test_a_cue_is_one_in_any_case(text: str) -> None:
    assert [kind for kind, _ in before(text, len(text))] == ["id_number"]


def test_places_are_those_of_the_text_whatever_its_small_letters() -> None:
    assert after("İıſ passport", 0) == [("id_number", 4)]
