"""Houses of English-speaking places, with unit, hall, box and postcode, over lines and in lower case."""

import pytest

from stages.pii.values import addresses
from tests.pii.values.streets.covered import is_covered


@pytest.mark.parametrize(
    "address",
    [
        "Flat 3, 12 Larch Road, Leeds LS6 2AB",
        "Suite 400, 88 Harbour Street, Toronto, ON M5J 2T3",
        "Suite 12\n455 Marlow Street\nHobart TAS 7000",
        "12 Elm St., Unit 5\nBoston, MA 02116\nUSA",
        "221 Pine Ave Apt 4C, Portland, OR 97201",
        "5th Floor, 10 King Street, London EC2V 8EA",
        "Hall 3, Room 21B, 9 University Avenue, Ithaca, NY 14850",
        "Rosewood Cottage, Mill Lane, Great Tew, Oxfordshire OX7 4AB",
        "c/o Roe, 14 Birch Close, Oxford OX4 2QQ",
        "Unit 7/31 Bondi Road, Bondi NSW 2026",
        "1475 103rd Avenue # B16",
        "22b tanner st",
        "1410 marlow lane",
        "one hundred and twelve Fern Street",
        "House No. 45, Street 12, F-8/3, Islamabad",
    ],
)
@pytest.mark.parametrize("frame", ["I live at {}.", "Ship it to {} please", "Invoice for:\nJane Roe\n{}\nTel 555"])
def test_found_whole(address: str, frame: str) -> None:
    assert is_covered(address, frame.format(address))


@pytest.mark.parametrize(
    "text",
    [
        "The flat has 2 Bedrooms and 1 Bathroom.",
        "It is a 20 minute drive away, 5 minutes down the road.",
        "See Section 4 Article 12 of the Act.",
        "Top 20 songs, chapter 7, Formula 1",
        "a 2 way street with 24 hour parking",
        "We moved to 3 pm Thursday.",
        "Gate 12, Terminal 3, Level 3",
        "The hall is 42,000 B.P. 35,000 B.P. old.",
    ],
)
def test_numbers_beside_capitals_are_no_homes(text: str) -> None:
    assert addresses.find(text) == []


def test_the_next_sentence_is_left_alone() -> None:
    text = "It is at 1890 Fern Avenue. Is everything right?"
    assert [text[s.start : s.end] for s in addresses.find(text)] == ["1890 Fern Avenue"]


@pytest.mark.parametrize("before", ["It's on our own street. ", "They didn't have 'em. ", "The basement. "])
def test_the_sentence_before_is_left_alone(before: str) -> None:
    (span,) = addresses.find(f"{before}4418 Larch Road, go look.")
    assert span.start == len(before)


@pytest.mark.parametrize("padding", range(0, 56, 5))
def test_no_address_begins_inside_a_word(padding: int) -> None:
    text = f"We walked on{' on' * padding} our own street. 4418 Larch Road, past the parapet. 12 Fern Street it was"
    spans = addresses.find(text)
    assert len(spans) == 2
    assert [span for span in spans if text[span.start - 1 : span.start + 1].isalnum()] == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("word", ["L" * 400, "La" * 200])
def test_a_long_word_behind_an_address_takes_no_time(word: str) -> None:
    text = f"12 Maple Street {word}"
    assert [(span.start, span.end) for span in addresses.find(text)] == [(0, 15)]


def test_a_postcode_may_stand_against_its_town() -> None:
    text = "12 Maple Street LondonSW1A 1AA"
    assert [(span.start, span.end) for span in addresses.find(text)] == [(0, len(text))]
