"""Boxes of post offices and of armed forces."""

import pytest

from stages.pii.values import addresses


@pytest.mark.parametrize(
    "address",
    [
        "PSC 812 Box 45, FPO AE 09627",
        "PSC 41, Box 7780\nAPO, AE 09464",
        "USS Marlin\nFPO AP 96671-1234",
        "uss marlin\nfpo ap 96671",
        "Unit 4402 Box 77\nDPO AE 09213",
        "unit 4402 box 77\ndpo ae 09213",
        "CMR 410, Box 992, APO AE 09096",
        "P.O. Box 4410 Ferry Union\n Apt. 48\n Nuuk\n Greenland 39001",
        "PO Box 77\nSpringfield, IL 62701",
        "Postfach 10 20 30, 70173 Stuttgart",
        "RR 2 Box 114, Salem, MO 65560",
        "BFPO 57",
    ],
)
def test_found_whole(address: str) -> None:
    text = f"Write to me at {address}."
    assert address in [text[s.start : s.end] for s in addresses.find(text)]


@pytest.mark.parametrize("text", ["The box is 40 by 60.", "APO means army post office.", "Unit 4 is sold, box 7 too."])
def test_no_box(text: str) -> None:
    assert addresses.find(text) == []
