"""English slips: by ear from the table or at the ending, by thumb a letter; capitals as they were."""

from random import Random

import pytest

from stages.dialogues.noise.english import misheard, table
from stages.dialogues.noise.tokens import units


def test_the_table_holds_single_words_that_are_heard_for_others() -> None:
    assert len(table()) > 250
    for word, others in table().items():
        assert units(word) == [word] and others and word not in others
        assert all(units(other) == [other] for other in others)


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        ("fifteen", {"fifty"}),
        ("Their", {"There", "They're"}),
        ("you’re", {"your"}),
        ("15", {"50"}),
        ("RENT", {"WENT"}),
        ("mortgage", {"mortgages"}),
        ("viewings", {"viewing"}),
        ("Tasha's", {"Tasha"}),
    ],
)
def test_by_ear(word: str, heard: set[str]) -> None:
    assert {misheard(word, True, Random(seed)) for seed in range(40)} == heard


@pytest.mark.parametrize("word", ["xy", "614-555-0137", "3.5", "Zoë"])
def test_nothing_sounds_like_it(word: str) -> None:
    assert misheard(word, True, Random(1)) is None


def test_by_thumb_a_letter_is_lost_doubled_or_in_its_neighbors_place() -> None:
    made = {misheard("Garden", False, Random(seed)) for seed in range(200)}
    assert {"Grden", "Gaarden", "Gadren", "Guarding"} <= made
    assert "Garden" not in made and all(word and word[0] == "G" for word in made)
