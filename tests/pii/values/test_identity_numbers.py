"""Identity numbers by form, check digit and the word before them."""

import pytest

from stages.pii.values import identity_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("CPF 529.982.247-25", "529.982.247-25"),
        ("12345678Z", "12345678Z"),
        ("X-2482300-W", "X-2482300-W"),
        ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),
        ("2341 2341 2346", "2341 2341 2346"),
        ("19811218-9876", "19811218-9876"),
        ("131052-308T", "131052-308T"),
        ("S1234567D", "S1234567D"),
        ("A123456(3)", "A123456(3)"),
        ("A123456789", "A123456789"),
        ("AB 12 34 56 C is my NI", "AB 12 34 56 C"),
        ("passport no. k0077412", "k0077412"),
        ("my passport number is 912803456", "912803456"),
        ("driver's license D123-4567-8901", "D123-4567-8901"),
        ("my NHS number is 943 476 5919", "943 476 5919"),
        ("护照号码是 EJ1234567", "EJ1234567"),
        ("证号 119901198506121236", "119901198506121236"),  # of a county that is in no list
        ("港澳通行证C12345678", "C12345678"),
        ("身份证：320311770706001", "320311770706001"),
    ],
)
def test_found(text: str, number: str) -> None:
    assert (number, "id_number") in {(text[s.start : s.end], s.kind) for s in identity_numbers.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-26",
        "12345678A",
        "2341 2341 2347",
        "S1234567A",
        "A123456(4)",
        "A123456780",
        "131052-308U",
        "the passport office opens at 9",
        "a licence for 2 years",
        "2023 2024 2025",
    ],
)
def test_a_wrong_check_digit_or_no_number(text: str) -> None:
    assert not list(identity_numbers.find(text))
