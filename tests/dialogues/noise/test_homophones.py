"""The table of homophones: common characters, each once, by a sound that GB 2312 gives them too."""

from itertools import pairwise
from random import Random

import pytest

from stages.dialogues.noise.homophones import NUMBERS, READ_IN_TWO_WAYS, alike, misheard, table

LEVEL = 3755  # the first level of GB 2312


def test_every_common_character_has_one_place() -> None:
    characters = "".join(table().values())
    assert len(characters) == len(set(characters)) == LEVEL
    assert all(0xB0 <= character.encode("gb2312")[0] <= 0xD7 for character in characters)


def test_sounds_are_those_by_which_the_standard_orders_characters() -> None:
    sounds = {character: sound[:-1] for sound, characters in table().items() for character in characters}
    ordered = [sounds[character] for character in sorted(sounds, key=lambda one: one.encode("gb2312"))]
    falls = sum(one > after for one, after in pairwise(ordered))
    assert falls < 0.06 * LEVEL  # where the standard takes another reading of a character; of a shuffled table half


@pytest.mark.parametrize(("character", "other"), [("在", "再"), ("是", "事"), ("他", "她"), ("的", "得"), ("号", "好")])
def test_known_pairs_are_alike(character: str, other: str) -> None:
    assert other in alike(character)[1] and character in alike(other)[1]


def test_what_is_heard_has_the_same_syllable_and_often_the_same_tone() -> None:
    draw = Random(1)
    sounds = {character: sound for sound, characters in table().items() for character in characters}
    heard = [other for _ in range(2000) if (other := misheard("事", True, draw))]
    assert len(heard) == 2000 and "事" not in heard
    assert {sounds[other][:-1] for other in heard} == {"shi"}
    assert 0.7 < sum(sounds[other] == "shi4" for other in heard) / 2000 < 0.95  # 0.7, and of the others a part
    assert heard.count("是") > heard.count("恃")  # common rather than rare


@pytest.mark.parametrize("character", ["行", "重", "能", "龘", "A", "，"])
def test_what_cannot_be_told_stays(character: str) -> None:
    assert misheard(character, False, Random(1)) is None


def test_numerals_are_misheard_for_numerals_only_where_somebody_listens() -> None:
    draw = Random(1)
    assert sum(misheard("四", True, draw) == NUMBERS["四"] for _ in range(400)) > 150
    assert "十" not in {misheard("四", False, draw) for _ in range(400)}
    assert not READ_IN_TWO_WAYS & NUMBERS.keys()
