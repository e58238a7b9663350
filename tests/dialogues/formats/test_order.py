"""The order of utterances: numbers, times, and what contradicts itself."""

import pytest

from stages.dialogues.formats.order import Misplaced, in_order, moments


def order(*marks: str | tuple[str, str]) -> list[int]:
    return in_order([mark if isinstance(mark, tuple) else ("", mark) for mark in marks])[0]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2025-01-01 10:00", "2025-01-01 10:01", "2025-01-01 10:01"], [0, 1, 2]),
        (["2025-01-01 10:02", "2025-01-01 10:01", "2025-01-01 10:01", "2025-01-01 09:59"], [3, 2, 1, 0]),
        (["2025-01-15T10:30:00Z", "2025-01-15T12:31:00+02:00"], [0, 1]),  # a minute later, in another zone
        (["2025/1/15 上午11:30", "2025/1/15 下午1:30"], [0, 1]),
        (["1/15/25, 11:30 AM", "1/15/25, 1:30 PM"], [0, 1]),
        (["31/01/2025, 23:59", "01/02/2025, 00:01"], [0, 1]),  # days first
        (["1/31/25, 23:59", "2/1/25, 00:01"], [0, 1]),  # months first
        (["15.01.2025 10:30", "14.01.2025 10:30"], [1, 0]),
        (["1736936400", "1736936300"], [1, 0]),
        (["1000", "9000", "4000"], [0, 2, 1]),  # two channels, one behind the other
        (["00:00:01.0", "00:03:05.5", "00:00:02,25"], [0, 2, 1]),
        (["2025-01-01 10:00:00", "2025-01-01 10:00:20", "2025-01-01 10:00:10"], [0, 1, 2]),  # people interrupt
        (["1736936400", "1736936420", "1736936410"], [0, 1, 2]),  # seconds
        (["1736936400000", "1736936420000", "1736936410000"], [0, 1, 2]),  # milliseconds
        (["1736936400000000", "1736936580000000", "1736936490000000"], [0, 2, 1]),  # microseconds, 90 seconds back
        (["20250115103000", "20250115103300", "20250115103130"], [0, 2, 1]),  # a date without signs, 90 seconds back
        (["202501151030", "202501151033", "202501151031"], [0, 2, 1]),
        (["20250115105930000", "20250115110010500", "20250115110000000"], [0, 1, 2]),  # ten seconds back
        (["10:30", "09:15", "11:00"], [0, 1, 2]),  # no dates: another day
        (["23:59:50", "00:00:10"], [0, 1]),
        (["20:41", "11:37"], [0, 1]),
        (["10:33", "10:32", "10:31", "10:30"], [3, 2, 1, 0]),
        (["10:33 AM", "10:32 AM", "10:31 a.m.", "10:30 am"], [3, 2, 1, 0]),
        (["Wed, 15 Jan 2025 10:31:00 +0000", "Wed, 15 Jan 2025 10:30:00 +0000"], [1, 0]),
        (["Jan 15, 2025 1:30 PM", "January 15, 2025 11:30 AM"], [1, 0]),
        (["15 Jan 2025 10:31", "14 Jan 2025 10:31:30"], [1, 0]),
        (["soon", "later"], [0, 1]),
        (["", ""], [0, 1]),
        (["2025-13-45 10:00", "2025-01-01 09:00"], [0, 1]),
    ],
)
def test_times_tell_the_order_where_all_have_one(times: list[str], expected: list[int]) -> None:
    assert order(*times) == expected


def test_channels_of_a_short_recording_are_told_by_their_speakers() -> None:
    """Of eight turns within half a minute, one channel behind the other; with a turn or two out of place, the file's order stays."""
    times = ["0.4", "6.1", "13.0", "21.5", "3.2", "9.9", "17.3", "26.0"]
    marks = [("", time) for time in times]
    assert in_order(marks, ["agent"] * 4 + ["customer"] * 4) == ([0, 4, 1, 5, 2, 6, 3, 7], True)
    announced = [("", "0"), *marks], ["system"] + ["agent"] * 4 + ["customer"] * 4
    assert in_order(*announced) == ([0, 1, 5, 2, 6, 3, 7, 4, 8], True)
    assert in_order(marks, ["agent", "customer"] * 4) == (list(range(8)), False)
    assert in_order(marks, [""] * 8) == in_order(marks) == (list(range(8)), False)
    interrupted = [("", time) for time in ("0.4", "6.1", "13.0", "11.2", "17.3", "26.0")]
    assert in_order(interrupted, ["agent"] * 3 + ["customer"] * 3) == (list(range(6)), False)


def test_a_minute_is_a_minute_in_milliseconds_too() -> None:
    assert order(("1", "1736936400000"), ("2", "1736936399700"), ("3", "1736936460000")) == [0, 1, 2]
    with pytest.raises(Misplaced, match="its time lies before"):
        order(("1", "1736936400000"), ("2", "1736936339000"))


def test_what_times_changed_is_told() -> None:
    assert in_order([("", "2025-01-01 10:02"), ("", "2025-01-01 10:01")]) == ([1, 0], True)
    assert in_order([("2", ""), ("1.0", "")]) == ([1, 0], False)


@pytest.mark.parametrize(
    ("marks", "place", "says"),
    [
        ([("1", ""), ("2", ""), ("1", "")], 2, "is that of turn 1"),
        ([("1", ""), ("1.0", "")], 1, "is that of turn 1"),
        ([("1", ""), ("", "")], 1, "missing or not a whole one"),
        ([("1", ""), ("1.5", "")], 1, "missing or not a whole one"),
        ([("1", ""), ("nan", "")], 1, "missing or not a whole one"),
        ([("1", ""), ("inf", "")], 1, "missing or not a whole one"),
        ([("1", "2025-01-01 10:02"), ("2", "2025-01-01 10:00")], 1, "its time lies before"),
        ([("", "2025-01-01 10:02"), ("", ""), ("", "2025-01-01 10:00")], 2, "its time lies before"),
    ],
)
def test_contradictions_have_a_place(marks: list[tuple[str, str]], place: int, says: str) -> None:
    with pytest.raises(Misplaced, match=says) as caught:
        in_order(marks)
    assert caught.value.place == place


def test_times_of_several_kinds_are_not_compared() -> None:
    assert moments(["10:30", "2025-01-01 10:00"]) == [10.5 * 3600, None]
