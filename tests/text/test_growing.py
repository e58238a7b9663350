"""A text that goes on costs its new parts alone, and nothing that was asked for before changes what is found."""

from hypothesis import given
from hypothesis import strategies as st

from stages.answers import facts, formats, grounding, numerals
from stages.text import languages
from stages.text.growing import TEXTS_AT_HAND, Growing, in_a_row, lines

TALK = st.lists(
    st.sampled_from(
        [
            "Customer: Twenty",
            "Provider: five, on 3 May. Not",
            "1. stated",
            "2.",
            "## 12 days",
            "服务者: 三百二十万，周六看房",
            "客户: 王先生说[PERSON_1]",
            "Customer [PERSON_2]: in March, [PHONE_1]",
            "1.[PHONE_1]",
            "Other: half a million ",
            "",
            "  ",
        ]
    ),
    min_size=1,
    max_size=8,
)


def test_only_what_was_added_is_looked_at() -> None:
    looked_at = list[str]()

    def part(text: str) -> tuple[str, ...]:
        looked_at.append(text)
        return (text.upper(),)

    grows = Growing(part, in_a_row)
    assert grows("a\nb") == ("A", "B")
    assert grows("a\nb\nc\nd") == ("A", "B", "C", "D")
    assert looked_at == ["a", "b", "c", "d"]
    assert grows("a\nbb") == ("A", "BB")  # goes on within a line: no beginning of lines


def test_no_more_texts_are_held_than_there_is_room_for() -> None:
    grows = Growing(str.upper, lines)
    for number in range(3 * TEXTS_AT_HAND):
        assert grows(f"a\n{number}") == f"A\n{number}"
    assert len(grows._known) == TEXTS_AT_HAND


@given(TALK)
def test_a_talk_that_grows_holds_what_it_holds_when_it_is_looked_at_anew(talk: list[str]) -> None:
    functions = (
        languages._units,
        languages._marks,
        languages._vocabulary,
        grounding._words,
        grounding._without_placeholders,
        numerals._stated,
        numerals._read,
        facts._said,
        facts._plain,
    )
    for cut in range(1, len(talk) + 1):
        text = "\n".join(talk[:cut])
        for function in functions:
            grown = function(text)
            function._known.clear()
            assert function(text) == grown, text


@given(TALK)
def test_what_stands_between_turns_is_looked_at_as_if_by_itself(talk: list[str]) -> None:
    """Numbers of lists take up the end of their line, so not every line break is a border."""
    text = "\n".join(talk)
    assert facts.plain(text) == formats.UNSAID.sub(
        " ", grounding.NUMBERING.sub(" ", grounding.PLACEHOLDER.sub(" ", text))
    )
    turns = numerals.TURN.split(text)
    assert numerals.stated(text) == frozenset[float]().union(*map(numerals._stated_in_turn, turns))
    words = (value for turn in turns for readings in numerals.spelled(turn) for value in readings)
    assert numerals.read(text) == numerals.stated(text).union(words)
