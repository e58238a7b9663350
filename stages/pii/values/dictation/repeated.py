"""Parts of a number that the talk has said in whole: read back, corrected, misheard by a digit, spoken of as "the 833"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from stages.pii.values import cues
from stages.pii.values.dictation.groups import YEAR, Group, Piece, figures
from stages.pii.values.spans import PiiKind, Span

NUMBERS: dict[PiiKind, int] = {
    "phone": 7,
    "bank_card": 7,
    "id_number": 7,
    "account": 6,
}  # digits from which one has parts
WHOLLY: dict[PiiKind, int] = {
    "door_code": 4,
    "password": 4,
    "wechat": 4,
    "email": 4,
    "qq": 5,
}  # that is only said again
FAR, NEAR, NEXT = (
    20,
    6,
    3,
)  # turns from where the number was said: four digits of its end, of another part, three or misheard ones
ROUNDS = 3  # a part said again is a place from which to count, too
LEAST = 3
BEFORE = re.compile(
    r"(?:^|[.,，。、?？!！;；:：…\n]\s?)(?:\s|[,，]|\b(?:yeah|yes|yep|no|not|nope|or|ok(?:ay)?|right|so|sorry|and|um|uh|then|it['’]?s|it is|is it|that['’]s|was it|is that|try|still|the|oh)\b"
    r"|[嗯对好呃啊哦是的那]|不是|就是|还是|应该|然后|后面|最后|尾号)*$",
    re.IGNORECASE,
)
LEADS = re.compile(
    r"\b(?:the|not|or|try|say|said|was|ending|ends in|on) $|(?:尾号|不是|还是|那个|后面)$", re.IGNORECASE
)
AFTER = re.compile(
    r"\s?(?:$|[.,，。、?？!！;；…\n]|(?:one|not|or|yeah|yes|right|got)\b|对|吗|吧|呢|不是|那个|的)", re.IGNORECASE
)
NOT_DIGIT = re.compile(r"\D")


class Known(NamedTuple):
    """A number of the talk: its digits, between which of them a group ends, and the turns it was said in."""

    kind: PiiKind
    value: str
    digits: str
    ends: frozenset[int]
    turns: set[int]


def known(turns: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Known]:
    """Return the numbers found so far, in the order of their first mention."""
    found: dict[tuple[PiiKind, str], Known] = {}
    for turn, own in enumerate(spans):
        for span in own:
            if span.kind not in NUMBERS and span.kind not in WHOLLY:
                continue
            said = turns[turn][span.start : span.end]
            digits = max(NOT_DIGIT.sub("", span.value), figures(said), key=len)
            if len(digits) >= NUMBERS.get(span.kind, WHOLLY.get(span.kind, 0)):
                ends = frozenset(accumulate(len(part) for part in re.split(r"\D+", said) if part.isdigit()))
                one = found.setdefault((span.kind, span.value), Known(span.kind, span.value, digits, ends, set()))
                one.turns.add(turn)
    return list(found.values())


def find(turns: Sequence[str], pieces: Sequence[Piece], numbers: Sequence[Known]) -> Iterator[tuple[int, Span]]:
    """Yield the pieces and groups that are a part of a number, with their turn; `pieces` are those that nobody has yet."""
    left = [unit for piece in pieces for unit in _units(piece)]
    for _ in range(ROUNDS if numbers else 0):
        found = [(unit, one) for unit in left if (one := _whose(turns, unit.turn, unit.group, numbers))]
        for unit, one in found:
            one.turns.add(unit.turn)
            yield unit.turn, Span(unit.group.start, unit.group.end, one.kind, one.value)
        taken = {unit.piece for unit, _ in found}
        left = [unit for unit in left if unit.piece not in taken]
        if not found:
            break


class _Unit(NamedTuple):
    """A group, or a piece taken for one, of the piece that begins at this turn and character."""

    turn: int
    piece: tuple[int, int]
    group: Group


def _units(piece: Piece) -> Iterator[_Unit]:
    """Yield the piece as one group, and its groups, if it has several."""
    place = piece.turn, piece.start
    yield _Unit(piece.turn, place, _whole(piece))
    for group in piece.groups if len(piece.groups) > 1 else ():
        yield _Unit(piece.turn, place, group)


def _whole(piece: Piece) -> Group:
    """Return the piece as one group."""
    return Group(piece.start, piece.end, piece.digits, any(group.spoken for group in piece.groups))


def _whose(turns: Sequence[str], turn: int, group: Group, numbers: Iterable[Known]) -> Known | None:
    """Return the number that the group is a part of: exactly rather than misheard, and the nearest."""
    if len(group.digits) < LEAST:
        return _echoed(turns, turn, group, numbers)
    if len(group.digits) == LEAST and group.digits.endswith("00"):
        return _echoed(turns, turn, group, numbers) if not group.spoken else None  # rather a sum
    near = sorted(((min(abs(turn - said) for said in one.turns), n, one) for n, one in enumerate(numbers)))
    for gap, _, one in near:
        if _is_part(turns[turn], group, one, gap):
            return one
    alone = _is_alone(turns[turn], group)
    heard = (one for gap, _, one in near if gap <= NEXT and alone and _is_misheard(group.digits, one))
    return next(heard, None)


def _echoed(turns: Sequence[str], turn: int, group: Group, numbers: Iterable[Known]) -> Known | None:
    """Return the number of the turn before of which this turn begins with a part: with its last two digits, or a group of it."""
    if not (
        len(group.digits) >= LEAST - 1
        and BEFORE.match(turns[turn][: group.start])
        and AFTER.match(turns[turn], group.end)
    ):
        return None
    before = (one for one in numbers if one.kind in NUMBERS and turn - 1 in one.turns)
    return next(
        (
            one
            for one in before
            if one.digits.endswith(group.digits) or (_starts(group.digits, one) and group.digits[2:])
        ),
        None,
    )


def _is_part(text: str, group: Group, one: Known, gap: int) -> bool:
    """Whether the group is the end of the number, or another part of it, at a distance that its length allows."""
    digits, whole = group.digits, one.digits
    if one.kind in WHOLLY:
        said = digits == whole or (one.kind in {"wechat", "email"} and len(digits) >= WHOLLY[one.kind])
        return said and whole.endswith(digits) and gap <= NEAR and _is_alone(text, group)
    if digits not in whole:
        return False
    if whole.endswith(digits):
        if len(digits) > LEAST:
            return gap <= FAR
        return (gap <= NEAR and _is_alone(text, group)) or _is_called(text, group)
    if len(digits) > LEAST or whole.startswith(digits) or _starts(digits, one):
        return gap <= (NEAR if len(digits) > LEAST else NEXT) and _is_alone(text, group)
    return False


def _starts(digits: str, one: Known) -> bool:
    """Whether the number has a group that begins so."""
    return any(one.digits.startswith(digits, end) for end in one.ends)


def _is_called(text: str, group: Group) -> bool:
    """Whether a phone is spoken of by the end of its number: "ring you on the 833"."""
    before = text[: group.start]
    return bool(LEADS.search(before[-12:])) and [kind for kind, _ in cues.before(before, len(before))][:1] == ["phone"]


def _is_misheard(digits: str, one: Known) -> bool:
    """Whether one digit of an end, a beginning or a group of the number is another, or two side by side change places."""
    if one.kind not in NUMBERS or YEAR.fullmatch(digits) or digits.endswith("00"):
        return False
    places = {len(one.digits) - len(digits), *one.ends, *({0} if len(digits) > LEAST else ())}
    return any(_differs_little(digits, one.digits[place : place + len(digits)]) for place in places if place >= 0)


def _differs_little(heard: str, said: str) -> bool:
    if len(heard) != len(said):
        return False
    other = [n for n, (left, right) in enumerate(zip(heard, said, strict=True)) if left != right]
    if len(other) == 1:
        return True
    swapped = len(other) == 2 and other[1] == other[0] + 1
    return swapped and heard[other[0]] == said[other[1]] and heard[other[1]] == said[other[0]]


def _is_alone(text: str, group: Group) -> bool:
    """Whether the group is a clause of its own, or stands where one points at a number: "the 775 one"."""
    before = text[max(0, group.start - 40) : group.start]
    return bool((BEFORE.search(before) or LEADS.search(before)) and AFTER.match(text, group.end))
