"""Ways to damage a file of conversations: in its bytes, its lines, its JSON, its encoding."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

ODD: list[Any] = [None, True, 0, -1, 1.5, 1e308, 10**400, "", " ", "\ud83d", "\u200b", "</s>", "NaN", "2.02501E+13", [], {}, [[]], [None], {"text": {"text": 1}}, "x" * 300, "2025-13-45T99:99", "１２３", "٣", "²", "½", "9" * 400, "1e400", "nan", "inf", "-", "24:61", "0000-00-00 00:00", "9999-12-31T23:59:59-23:59", "@file", "*", "."]  # fmt: skip
KEYS = ["id", "messages", "role", "content", "turns", "party", "text", "speaker", "utterance", "from", "value", "log", "name", "history", "conversation_id", "transcripts", "phrases", "users", "comments", "author", "body", "source", "date", "time", "type", "language", "context", "group", "scene", "data", "", "*", "0"]  # fmt: skip
BYTES = [b"\0", b"\xff", b"\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b",", b";", b"{", b"]", b"\\", b"\\ud800", b"-->", b"WEBVTT\n", b"NOTE\nid: \n\n", b"sep=", b": ", b"[", b"\x1b", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xc2\x85", b"\t", b"|", b"<v >", b"<", b"&#0;", b"&#xD800;", b"&#99999999999;", b"01/01/2025, 10:00 - "]  # fmt: skip
LONG = [b" ", b"<", b"[", b"a", b"1", b":", b"\t", b'"', b"{\\", b"-", b"</", b"\xe4\xbd\xa0", b"1/1/", b"a: ", b"\n", b"(", b"&", b"0:"]  # fmt: skip
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig", "latin-1", "utf-32", "utf-7", "big5", "cp1252"]
LENGTHS = (50, 2_000, 30_000)
TIMES = (1, 1, 1, 1, 2, 2, 3, 5)  # damages, mostly few: what is read goes further than what is refused at once


def damaged(raw: bytes, draw: random.Random, others: Sequence[bytes]) -> bytes:
    """Return the bytes after one to five damages; `others` are files that a part may come from."""
    for _ in range(draw.choice(TIMES)):
        way = draw.choice(WAYS)
        raw = way(raw, draw) if way is not _spliced else _spliced(raw, draw, others)
    return raw


def _values(raw: bytes, draw: random.Random) -> bytes:
    """Exchange values, or move a value from one place to another."""
    return _reworked(
        raw, draw, lambda holder, key, value: holder.__setitem__(key, draw.choice([draw.choice(ODD), value]))
    )


def _keys(raw: bytes, draw: random.Random) -> bytes:
    """Call members of objects otherwise."""

    def rename(holder: Any, key: Any, _: object) -> None:  # noqa: ANN401 - JSON
        if isinstance(holder, dict):
            holder[draw.choice([*KEYS, str(key).upper(), f"{key} "])] = holder.pop(key)

    return _reworked(raw, draw, rename)


def _wrapped(raw: bytes, draw: random.Random) -> bytes:
    """Put values into lists and objects, or take out what was in one."""

    def wrap(holder: Any, key: Any, _: object) -> None:  # noqa: ANN401 - JSON
        value = holder[key]
        inner = (
            list(value.values())
            if isinstance(value, dict)
            else value[0]
            if isinstance(value, list) and value
            else value
        )
        holder[key] = draw.choice([[value], {"text": value}, [value, value], inner, {draw.choice(KEYS): value}])

    return _reworked(raw, draw, wrap)


def _reworked(raw: bytes, draw: random.Random, change: Callable[[Any, Any, Any], None]) -> bytes:
    """Apply `change` to some places of the JSON of a file or of one of its lines."""
    lines = raw.split(b"\n")
    number = draw.randrange(len(lines)) if _json(raw) is None else -1
    document = [_json(raw if number < 0 else lines[number])]
    if document[0] is None:
        return raw
    places = [*_places(document)]
    for holder, key in draw.sample(places, min(len(places), draw.randint(1, 4))):
        donor, other = draw.choice(places)
        if key in (holder if isinstance(holder, dict) else range(len(holder))):
            taken = donor.get(other) if isinstance(donor, dict) else donor[other]
            change(holder, key, taken if not isinstance(taken, (dict, list)) else None)
    try:
        made = json.dumps(document[0], indent=draw.choice([None, 1]), ensure_ascii=draw.choice([True, False]))
        lines[number:] = [made.encode("utf-8", "surrogatepass")] + (lines[number + 1 :] if number >= 0 else [])
    except (ValueError, RecursionError):
        return raw
    return lines[-1] if number < 0 else b"\n".join(lines)


def _json(raw: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _places(document: list[Any]) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    stack: list[Any] = [document]
    while stack:
        item = stack.pop()
        members = list(item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ())
        found += [(item, key) for key, _ in members]
        stack += [member for _, member in members]
    return found


def _cut(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    return raw[:start] + raw[start + draw.choice([1, 2, 12, len(raw)]) :]


def _put(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    return raw[:start] + draw.choice(BYTES) * draw.randint(1, 3) + raw[start:]


def _flipped(raw: bytes, draw: random.Random) -> bytes:
    found = bytearray(raw)
    for _ in range(draw.randint(1, 4) if raw else 0):
        found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    return bytes(found)


def _double(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randint(0, len(raw))
    part = raw[start : start + draw.randint(1, 60)]
    return raw[:start] + part * draw.choice([2, 2, 2, 200]) + raw[start + len(part) :]


def _long(raw: bytes, draw: random.Random) -> bytes:
    """Put in a run that makes a careless pattern slow."""
    start = draw.randint(0, len(raw))
    return raw[:start] + draw.choice(LONG) * draw.choice(LENGTHS) + raw[start:]


def _lines(raw: bytes, draw: random.Random) -> bytes:
    """Take out, repeat, exchange or turn round lines."""
    lines = raw.split(b"\n")
    one, two = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(5):
        case 0:
            del lines[one]
        case 1:
            lines.insert(one, lines[two])
        case 2:
            lines[one], lines[two] = lines[two], lines[one]
        case 3:
            lines.reverse()
        case _:
            lines = [*lines, *lines]
    return draw.choice([b"\n", b"\n", b"\r\n", b"\r", b"\n\n"]).join(lines)


def _encoded(raw: bytes, draw: random.Random) -> bytes:
    try:
        return raw.decode().encode(draw.choice(ENCODINGS))
    except UnicodeError:
        return raw


def _deep(raw: bytes, draw: random.Random) -> bytes:
    """Wrap the whole in brackets or objects, a few times or so often that a reader's stack would not hold it."""
    times = draw.choice([1, 2, 3, 4, 50, 3_000])
    before, after = draw.choice([(b"[", b"]"), (b'{"data": ', b"}"), (b'{"id": 1, "turns": [', b"]}")])
    return before * times + raw.strip() + after * times


def _spliced(raw: bytes, draw: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """Put a part of another file into this one, or one behind the other."""
    other = draw.choice(others) if others else raw
    start, place = draw.randint(0, len(other)), draw.choice([0, len(raw), draw.randint(0, len(raw))])
    return raw[:place] + other[start : start + draw.choice([20, 200, len(other)])] + raw[place:]


WAYS: tuple[Callable[..., bytes], ...] = (_values, _values, _keys, _wrapped, _cut, _put, _flipped, _double, _long, _lines, _encoded, _deep, _spliced)  # fmt: skip
