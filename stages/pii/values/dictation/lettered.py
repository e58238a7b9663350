"""Parts of what has letters and digits, said again: of a plate "KP21 VXE" the "VXE?", of 14 Copse Road the "14a. Got it."."""

import re
from collections.abc import Iterator, Sequence

from stages.pii.values.dictation.repeated import AFTER, BEFORE
from stages.pii.values.spans import Mask, PiiKind, Span, bare

LETTERED: frozenset[PiiKind] = frozenset({"plate", "id_number", "account"})
NEAR = 4  # turns from the whole to a part of it
HOUSE_NEAR = 2
PART = re.compile(r"(?<![A-Za-z0-9-])(?=[0-9]*[A-Z])[A-Z0-9]+(?![A-Za-z0-9'’-])", re.ASCII)
LEAST, LONG = 3, 4  # signs of a part that stands by itself in the whole, of an end that does not
HOUSE = re.compile(r"(?P<number>\d{1,4})[A-Za-z]?(?= )", re.ASCII)
HOUSE_SAID = re.compile(r"(?P<number>\d{1,4})(?P<letter>[A-Za-z])?(?![A-Za-z0-9'’.,-]\w)(?![A-Za-z0-9])", re.ASCII)


def find(turns: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Span]]:
    """Yield the parts of plates, papers and house numbers near to where the whole stands, with their turn."""
    for said, own in enumerate(spans):
        wholes: dict[tuple[PiiKind, str], list[Span]] = {}
        for span in own:
            text = turns[said][span.start : span.end]
            if span.kind == "address" and (house := HOUSE.match(text)):
                yield from _houses(turns, said, span, house["number"])
            elif span.kind in LETTERED and not bare(text).isdigit():
                wholes.setdefault((span.kind, span.value), []).append(span)
        for same in wholes.values():
            yield from _parts(turns, said, same)


def _around(turns: Sequence[str], turn: int, near: int) -> range:
    return range(max(0, turn - near), min(len(turns), turn + near + 1))


def _parts(turns: Sequence[str], said: int, same: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Yield the parts of a datum, which stands in its turn once or more often, outside of where it stands; said twice, each time is a part of the other."""
    texts = {turns[said][span.start : span.end] for span in same}
    own = {bare(part) for text in texts for part in PART.findall(text)}
    wholes = tuple({bare(text) for text in texts})
    whole = Mask((span.start, span.end) for span in same if len(same) == 1)
    for turn in _around(turns, said, NEAR):
        for match in PART.finditer(turns[turn]):
            signs = bare(match.group())
            if len(signs) < LEAST or (turn == said and not whole.is_free(match.start(), match.start() + 1)):
                continue
            if (signs in own or (len(signs) >= LONG and any(one.endswith(signs) for one in wholes))) and _is_alone(
                turns[turn], *match.span()
            ):
                yield turn, Span(*match.span(), same[0].kind, same[0].value)


def _houses(turns: Sequence[str], said: int, span: Span, number: str) -> Iterator[tuple[int, Span]]:
    """Yield a house number with its letter at the beginning of a turn, near to the address: "14a. The a matters"."""
    for turn in _around(turns, said, HOUSE_NEAR):
        match = HOUSE_SAID.match(turns[turn]) if turn != said else None
        if match and match["letter"] and match["number"] == number and AFTER.match(turns[turn], match.end()):
            yield turn, Span(*match.span(), "address", span.value)


def _is_alone(text: str, start: int, end: int) -> bool:
    return bool(BEFORE.search(text[max(0, start - 40) : start]) and AFTER.match(text, end))
