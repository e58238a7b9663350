"""Addresses down to the house."""

import pytest

from stages.pii.values import addresses


@pytest.mark.parametrize(
    "address",
    [
        "27 Tarn Rise",
        "Flat 9, 52 Ember Street",
        "7/22 Sandpiper Crescent",
        "34-36 Cooper Lane",
        "forty-four Elm Grove",
        "440 Sage Loop, number 12",
        "12 Larch Avenue, Leeds",
        "27a Corn Terrace, LS6",
        "PO Box 1188",
        "18 Jalan Merah #07-03",
        "number 12, Fern Close",
        "朝阳区望京西路12号院3号楼2单元1201室",
        "云杉花园8栋1102",
        "海淀区学院路88号",
    ],
)
def test_found_whole(address: str) -> None:
    text = f"寄到{address}，谢谢。" if address[-1] > "z" or address[0] > "z" else f"We moved to {address}."
    assert address in [text[s.start : s.end] for s in addresses.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The one on Samphire Close, eleven hundred.",
        "Two beds, 94 square metres, 5 minutes to the station.",
        "It has 2 Full baths and 1 Garage.",
        "Rule 28 Form K, section 32 of the Act.",
        "15号左右过户，12号结清，三楼。",
        "89平米，6楼，2015年的房子。",
    ],
)
def test_a_place_is_not_a_home(text: str) -> None:
    assert addresses.find(text) == []


def test_two_spellings_share_a_value() -> None:
    one, other = (addresses.find(text)[0].value for text in ("at 16 Fern Lane, Leeds.", "16 fern lane? 16 Fern Lane!"))
    assert one == other
