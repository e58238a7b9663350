"""A pattern that waits is the pattern that it will be."""

import re

import pytest

from stages.pii.patterns.deferred import Deferred


def test_it_finds_what_the_compiled_pattern_finds() -> None:
    text = "Ab12 cd34"
    waits, compiled = Deferred(r"([a-z]+) (\d\d)", re.IGNORECASE | re.VERBOSE), re.compile(r"([a-z]+)(\d\d)", re.I)
    for place in range(len(text)):
        assert str(waits.match(text, place)) == str(compiled.match(text, place))
        assert str(waits.search(text, place, 7)) == str(compiled.search(text, place, 7))
        assert str(waits.search(text, place)) == str(compiled.search(text, place))
    assert [found.groups() for found in waits.finditer(text)] == [("Ab", "12"), ("cd", "34")]


def test_it_is_compiled_when_it_is_first_looked_for_and_once() -> None:
    waits = Deferred("(")
    with pytest.raises(re.error):
        waits.search("")
    good = Deferred("a")
    assert "compiled" not in vars(good)
    assert good.search("a")
    assert good.compiled is good.compiled
