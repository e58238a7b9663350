"""Numbers said in groups, over several turns if need be, after somebody asked for one: "07700, oh what is it?" "900 629."."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.pii.values import cues
from stages.pii.values.dictation.groups import Piece
from stages.pii.values.spans import PiiKind
from stages.pii.values.written_numbers import TIGHT

APART = 3  # turns from one group to the next
KINDS: tuple[PiiKind, ...] = ("phone", "bank_card", "id_number", "account")
LONGEST: dict[PiiKind, int] = {"phone": 13, "bank_card": 19, "id_number": 18, "account": 16}
PHONE = re.compile(r"0\d{8,11}|(?:86|0086)?1\d{10}|(?:44|61|353)\d{9,10}")
AMERICAN = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}")
LOCAL = ((3, 4), (4, 4))  # a number of a town, or of one that is a country
NATIONAL = ((3, 3, 4), (1, 3, 3, 4), (3, 7), (6, 4), (3, 3, 2, 2))  # how Americans group theirs
NATIONAL_LEAST = 9  # digits of a phone number with its area
IDENTITY = {
    9: ((3, 2, 4), (3, 3, 3)),
    10: ((3, 3, 4),),
    15: (),
    18: (),
}  # digits, and how they are grouped if it matters
CARD = range(13, 20)
ACCOUNT = range(6, 17)
PAUSE = 80  # characters before a piece in which what leads to it may begin
AREA = re.compile(r"\b(?:area|country|dial(?:l?ing)?) code(?: is|['’]s)? $|区号是?$", re.IGNORECASE)
LEAD = re.compile(
    r"(?:^|[.?!。？！] ?)(?:[\s,，、.…]|\b(?:yeah|yes|yep|ok(?:ay)?|right|so|um|uh|er|then|and|it['’]?s|it is|that['’]s|sorry|no|hang on|wait|got it)\b|[嗯对好呃啊哦是的那]|不对|等等|等一下|然后|接着|[后下前]面|中间|再)*$",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """A number and the pieces in which it was said, read-backs of a part included."""

    kind: PiiKind
    digits: str
    pieces: tuple[Piece, ...]


def find(turns: list[str], pieces: Sequence[Piece]) -> Iterator[Said]:
    """Yield the numbers that the pieces make, which stand in the order of the talk."""
    used: set[Piece] = set()
    for n, piece in enumerate(pieces):
        if piece in used or len(piece.digits) > LONGEST["bank_card"] or not _may_begin(pieces, n):
            continue
        for kind in _asked(turns, piece):
            said = _from(turns, kind, pieces[n:])
            if not said or len(said.pieces) == len(piece.groups) == 1:
                continue
            if _is_plain(said) or _answers(turns, piece):
                used.update(said.pieces)
                yield said
                break


def _may_begin(pieces: Sequence[Piece], n: int) -> bool:
    """Whether a piece and those after it have the digits of a number: the words around are looked at only then."""
    size, groups, turn = 0, 0, pieces[n].turn
    for piece in pieces[n:]:
        if piece.turn - turn > APART:
            break
        size, groups, turn = size + len(piece.digits), groups + len(piece.groups), piece.turn
        if size >= ACCOUNT.start and groups > 1:
            return True
    return False


def _asked(turns: list[str], piece: Piece) -> list[PiiKind]:
    """Return the kinds of number that the talk is about before the piece, the latest first; none for the number of a paper."""
    around = cues.around(turns, piece.turn, piece.start, piece.end)
    if around[:1] == [None] and not AREA.search(turns[piece.turn][: piece.start]):
        return []
    return list(dict.fromkeys(kind for kind in around if kind in KINDS))[:2]


def _is_plain(said: Said) -> bool:
    """Whether the digits alone make a phone number, whoever asked for it and however long ago."""
    return said.kind == "phone" and len(said.digits) >= NATIONAL_LEAST


def _answers(turns: list[str], piece: Piece) -> bool:
    """Whether the piece follows on a cue of its turn, or begins the turn."""
    text = turns[piece.turn]
    if _leads(text, 0, piece.start):
        return True
    return any(kind in KINDS and gap <= TIGHT for kind, gap in cues.before(text, piece.start)[:1])


def _from(turns: list[str], kind: PiiKind, pieces: Sequence[Piece]) -> Said | None:
    """Return the number of this kind that begins with the first piece, if it comes to a plausible end."""
    members, lengths, digits = [pieces[0]], [len(g.digits) for g in pieces[0].groups], pieces[0].digits
    best = Said(kind, digits, tuple(members)) if _is_whole(kind, digits, lengths) else None
    for piece in pieces[1:]:
        if piece.turn - members[-1].turn > APART:
            break
        if piece.turn != members[-1].turn and piece.digits in digits and len(piece.digits) > 1:
            members.append(piece)  # read back
        elif best or not _goes_on(turns, members[-1], piece) or len(digits) + len(piece.digits) > LONGEST[kind]:
            break
        else:
            members.append(piece)
            digits += piece.digits
            lengths += [len(g.digits) for g in piece.groups]
        if _is_whole(kind, digits, lengths):
            best = Said(kind, digits, tuple(members))
    return best


def _goes_on(turns: list[str], last: Piece, piece: Piece) -> bool:
    """Whether nothing is said before the piece, in its turn or since the last one, but what fills a pause."""
    since = last.end if piece.turn == last.turn else 0
    return _leads(turns[piece.turn], since, piece.start)


def _leads(text: str, since: int, start: int) -> bool:
    """Whether what fills a pause is all there is from `since`, or the end of a sentence, up to `start`, over `PAUSE` characters at most."""
    if start - since <= PAUSE:
        return bool(LEAD.search(text[since:start]))
    return bool(LEAD.search(text, start - PAUSE, start))  # where it is cut no turn begins: ^ is the beginning of `text`


def _is_whole(kind: PiiKind, digits: str, lengths: Sequence[int]) -> bool:
    """Whether so many digits, so grouped, are a number of the kind."""
    if kind == "phone":
        national = tuple(lengths) in NATIONAL and AMERICAN.fullmatch(digits)
        return bool(PHONE.fullmatch(digits) or national) or (tuple(lengths) in LOCAL and digits[0] in "23456789")
    if kind == "bank_card":
        return len(digits) in CARD and min(lengths) > 1
    if kind == "id_number":
        grouped = IDENTITY.get(len(digits))
        return grouped is not None and (not grouped or tuple(lengths) in grouped)
    return len(digits) in ACCOUNT and min(lengths) > 1
