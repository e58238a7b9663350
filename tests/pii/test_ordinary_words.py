"""The ordinary words: no names among them, and the capitalized everyday words only with leeway."""

import pytest

from stages.pii.ordinary_words import ordinary


@pytest.mark.parametrize("word", ["hang", "survey", "nobody", "drainage", "高层", "方便"])
def test_ordinary(word: str) -> None:
    assert word in ordinary()


@pytest.mark.parametrize("word", ["marcus", "helen", "bristol", "zbyszko", "张伟", "王女士"])
def test_names_are_not(word: str) -> None:
    assert word not in ordinary(2.5)


def test_leeway_takes_in_what_is_often_capitalized() -> None:
    assert "street" not in ordinary()
    assert ordinary() < ordinary(2.5)
    assert {"street", "council"} <= ordinary(2.5)
