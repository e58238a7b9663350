"""The order of a conversation's utterances: by number, else by time, else as they stand; and what contradicts itself."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby, pairwise

OVERLAP = 60.0  # seconds by which one may begin before the one in front of it: people interrupt
DAY = 24 * 3600.0
FARTHEST = 1e11  # seconds from 1970 to the year 5138: a larger number counts parts of them
CHANNEL = 3  # turns of a channel, at least …
CHANGES = 4  # … and changes of speaker in the order of times: fewer are interruptions
TURNED = (
    6 * 3600.0
)  # a list of clocks that only falls, by less than this, is newest first; else every fall is a new day
LONGEST = 80  # characters of a time; patterns for dates are slow on long texts
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]\.?M\.?)?", re.IGNORECASE)
OFFSET = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d+)")  # from the beginning of a recording
DATE = re.compile(
    r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?[,T\s]*(上午|下午|[AP]M)?\s*"
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([AP]\.?M\.?)?",
    re.IGNORECASE,
)
COMPACT = re.compile(r"(?:19|20)\d{10}(?:\d\d(?:\d{3})?)?")  # 20250115103000, without seconds or with milliseconds
NAME = re.compile(r"[^\W\d_]{3}")

WRITTEN = (
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
    *(
        f"{date} {clock}"
        for date in ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
        for clock in ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
    ),
)


class Misplaced(ValueError):
    """An utterance whose number or time contradicts the others; `place` is its index."""

    def __init__(self, place: int, detail: str) -> None:
        """Say what is wrong with the utterance at `place`."""
        super().__init__(detail)
        self.place = place


def in_order(marks: Sequence[tuple[str, str]], speakers: Sequence[str] = ()) -> tuple[list[int], bool]:
    """Return the indexes of utterances, given as (number, time), in their order, and whether times changed it.

    Numbers decide where there are any. Else times do, if all have one: newest first is turned round, and channels that stand one
    after the other are put together; those of a recording within a minute are told by their `speakers`. Where only some have one,
    the order of the file stays, and times must not fall. A clock without a date that falls tells a new day.
    """
    numbers, times = [number for number, _ in marks], moments([time for _, time in marks])
    order = _numbered(numbers) if any(number.strip() for number in numbers) else list(range(len(marks)))
    timed = [(times[place], place) for place in order]
    if all(time is not None for time, _ in timed) and not any(number.strip() for number in numbers):
        return _timed([time for time in times if time is not None], speakers)
    known = [(time, place) for time, place in timed if time is not None]
    for (before, _), (after, place) in pairwise(known):
        if after < before - OVERLAP:
            raise Misplaced(place, "its time lies before that of the one in front of it; mend the order or the times")
    return order, False


def _numbered(numbers: Sequence[str]) -> list[int]:
    seen: dict[float, int] = {}
    for place, number in enumerate(numbers):
        try:
            value = float(number)
        except ValueError:
            value = 0.5
        if not value.is_integer():
            raise Misplaced(place, "its number is missing or not a whole one; number all utterances, or none")
        if value in seen:
            raise Misplaced(place, f"its number is that of turn {seen[value] + 1}; two conversations under one id?")
        seen[value] = place
    return [seen[value] for value in sorted(seen)]


def _timed(times: Sequence[float], speakers: Sequence[str]) -> tuple[list[int], bool]:
    places = list(range(len(times)))
    if all(before <= after for before, after in pairwise(times)):
        return places, False
    if all(before >= after for before, after in pairwise(times)):
        return places[::-1], True
    by_time = sorted(places, key=lambda place: times[place])
    if all(after >= before - OVERLAP for before, after in pairwise(times)) and not _channels(by_time, speakers):
        return places, False
    return by_time, True


def _channels(by_time: Sequence[int], speakers: Sequence[str]) -> bool:
    """Whether each speaker's turns stand together, and by their times the speakers alternate: whoever interrupts, does so here and there."""
    runs = [(speaker, len(list(turns))) for speaker, turns in groupby(speakers)]
    apart = len({speaker for speaker, _ in runs}) == len(runs) and sum(turns >= CHANNEL for _, turns in runs) > 1
    return apart and sum(speakers[before] != speakers[after] for before, after in pairwise(by_time)) >= CHANGES


def moments(texts: Sequence[str]) -> list[float | None]:
    """Return each time in seconds from some beginning, None for what is no time; all count from the same one, or all are None.

    Whether 3/4 is in March or April is decided for all together: as it is possible, and as time does not run backwards.
    """
    stripped = [text.strip() if len(text) <= LONGEST else "" for text in texts]
    for read in (_compact, _number, _offset, _clock, _day_first, _month_first):
        found = [read(text) for text in stripped]
        if any(time is not None for time in found):
            break
    if read is _day_first:
        other = [_month_first(text) for text in stripped]
        found = min(found, other, key=lambda times: (times.count(None), _falls(times)))
    return _over_days(found) if read is _clock else found


def _falls(times: Sequence[float | None]) -> int:
    return sum(after < before for before, after in pairwise(time for time in times if time is not None))


def _compact(text: str) -> float | None:
    if not COMPACT.fullmatch(text):
        return None
    try:
        moment = datetime.strptime(text[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() + int(text[14:] or 0) / 1000


def _number(text: str) -> float | None:
    if not NUMBER.fullmatch(text) or len(text) >= 40:
        return None
    seconds = float(text)
    while abs(seconds) >= FARTHEST:  # milli-, micro- or nanoseconds
        seconds /= 1000
    return seconds


def _offset(text: str) -> float | None:
    found = OFFSET.fullmatch(text) if len(text) < 40 else None
    if not found:
        return None
    hours, minutes, seconds, part = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{part}")


def _clock(text: str) -> float | None:
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    return _hours(int(found[1]), found[4] or "") * 3600 + int(found[2]) * 60 + int(found[3] or 0)


def _hours(hours: int, half: str) -> int:
    """Return the hour of 24 for one of a half of the day: AM, p.m., 上午, 下午; the hour itself without one."""
    half = half.replace(".", "").upper()
    return hours % 12 + 12 * (half in ("PM", "下午")) if half else hours


def _over_days(times: Sequence[float | None]) -> list[float | None]:
    """Add a day wherever a clock falls, unless the whole list stands newest first."""
    known = [time for time in times if time is not None]
    steps = [after - before for before, after in pairwise(known)]
    if len(steps) > 2 and max(steps) <= 0 and -sum(steps) < TURNED:
        return list(times)
    days, last, out = 0.0, None, list[float | None]()
    for time in times:
        if time is not None:
            days += DAY * (last is not None and time < last - OVERLAP)
            last = time
        out.append(None if time is None else time + days)
    return out


def _day_first(text: str) -> float | None:
    return _date(text, day_first=True)


def _month_first(text: str) -> float | None:
    return _date(text, day_first=False)


def _date(text: str, *, day_first: bool) -> float | None:
    try:
        if len(text) >= 10 and text[4] == "-":
            made = datetime.fromisoformat(text)
            return (made if made.tzinfo else made.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        pass
    if not (found := DATE.match(text)):
        return _written_out(text)
    first, second, third, before, hour, minute, second_of, part, behind = found.groups()
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    else:
        year = int(third) + (2000 if len(third) < 3 else 0)
        day, month = (int(first), int(second)) if day_first else (int(second), int(first))
    hours = _hours(int(hour), before or behind or "")
    try:
        made = datetime(year, month, day, hours, int(minute), int(second_of or 0), tzinfo=UTC)
    except ValueError:
        return None
    return made.timestamp() + float(f"0.{part or 0}")


@lru_cache(maxsize=4096)
def _written_out(text: str) -> float | None:
    """Return the time of a date with its month's name, as e-mails and reports write it."""
    if not NAME.search(text):  # trying all patterns on what has no month's name takes longer than all else
        return None
    for pattern in WRITTEN:
        try:
            made = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).timestamp()
    return None
