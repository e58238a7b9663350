"""Personal data is found by its pattern; prices, dates and placeholders are not."""

import pytest

from stages.samples.rules.leaks import leaks

SHOWN = [
    ("email", "write to rosa.m@example.com"),
    ("phone", "call 07700 900123"),
    ("phone", "+44 20 7946 0958"),
    ("phone", "(555) 123-4567 or 555-0134"),
    ("phone", "手机13812345678"),
    ("id_number", "身份证11010519491231002X"),
    ("id_number", "SSN 078-05-1120"),
    ("bank_card", "4111 1111 1111 1111"),
    ("account", "GB82 WEST 1234 5698 7654 32"),
    ("password", "the door code is 4417#"),
    ("password", "密码是abc123"),
    ("phone", "call oh seven seven double zero nine hundred one two three"),
    ("phone", "电话幺三八零零一三八零零零"),
    ("email", "rosa.m at gmail dot com"),
    ("plate", "沪A12345"),
]
INNOCENT = [
    "[PHONE_1] and [EMAIL_1], password [PASSWORD_1]",
    "£1,150,000 in 2025-03-04 at 10:15, 0.85 of it",
    "2023 2024 2025",
    "500-1000 sq ft, 120 130 140",
    "1150000 dollars, 38.5 万",
    "The password was changed twice in 2024.",
]


@pytest.mark.parametrize(("kind", "text"), SHOWN)
def test_shown(kind: str, text: str) -> None:
    assert kind in set(leaks(text))


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent(text: str) -> None:
    assert list(leaks(text)) == []


def test_a_number_that_the_anonymized_conversation_states_is_no_leak() -> None:
    line = "The policy number is WH 40071 882."
    assert list(leaks(line)) == ["account"]
    assert list(leaks(line, "Provider: it is WH 40071 882, keep it.")) == []
    assert list(leaks("write to rosa.m@example.com", "rosa.m@example.com")) == ["email"]
