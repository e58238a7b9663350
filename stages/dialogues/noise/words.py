"""What goes wrong within a turn: words heard for others, lost or put in, marks and capitals that are not there."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Literal

from stages.core.row import Language
from stages.dialogues.noise import english, homophones
from stages.dialogues.noise.rates import Rates
from stages.dialogues.noise.tokens import Token

Slip = Literal["none", "substitution", "deletion", "insertion"]

FILLERS: dict[Language, tuple[str, ...]] = {
    "en": ("uh", "um", "so", "like", "and"),
    "zh": ("呃", "嗯", "啊", "那", "就"),
}
REPEATED = 0.5  # of what a recognizer puts in, the word once more; else a filler: our choice


def slipped(pieces: Sequence[Token], language: Language, rates: Rates, draw: Random) -> list[Token]:
    """Return the pieces as they came through; each word has at most one slip, and one word at least is left."""
    others = [_misheard(piece, rates.spoken, draw) for piece in pieces]
    slips = _placed([_drawn(rates, draw) if piece.is_unit else "none" for piece in pieces], pieces, others)
    made = list[Token]()
    for piece, slip, other in zip(pieces, slips, others, strict=True):
        if slip == "deletion":
            _close(made, piece.behind)
        elif slip == "substitution" and other:
            made.append(piece._replace(text=other))
        elif slip == "insertion":
            made += _doubled(piece, language, rates.spoken, draw)
        else:
            made.append(piece)
    return _unmarked(made, rates, draw)


def _misheard(piece: Token, spoken: bool, draw: Random) -> str | None:
    """Return what is heard or typed instead of a piece; None where nothing is like it."""
    if not piece.is_unit:
        return None
    mishear = homophones.misheard if piece.kind == "han" else english.misheard
    return mishear(piece.text, spoken, draw)


def _drawn(rates: Rates, draw: Random) -> Slip:
    at = draw.random()
    if at < rates.substitution:
        return "substitution"
    if at < rates.substitution + rates.deletion:
        return "deletion"
    return "insertion" if at < rates.substitution + rates.deletion + rates.insertion else "none"


def _placed(drawn: Sequence[Slip], pieces: Sequence[Token], others: Sequence[str | None]) -> list[Slip]:
    """Return the slips where they can be made.

    A word that nothing sounds like passes its slip on to the next that something does, else to the last before. A word put in
    before one that is lost would be a substitution, so the two change places. One word of a turn is left.
    """
    slips, waiting = list[Slip](drawn), 0
    for order in (range(len(slips)), range(len(slips) - 1, -1, -1)):
        for n in order:
            if slips[n] == "substitution" and not others[n]:
                slips[n], waiting = "none", waiting + 1
            elif waiting and slips[n] == "none" and others[n]:
                slips[n], waiting = "substitution", waiting - 1
    where = [n for n, piece in enumerate(pieces) if piece.is_unit]
    for one, after in pairwise(where):
        if slips[one] == "insertion" and slips[after] == "deletion":
            slips[one], slips[after] = "deletion", "insertion"
    if where and all(slips[n] == "deletion" for n in where):
        slips[where[0]] = "none"
    return slips


def _close(made: list[Token], behind: str) -> None:
    """Let what stood behind a lost piece stand behind the one before it."""
    if made:
        made[-1] = made[-1]._replace(behind=made[-1].behind.rstrip() + behind)


def _doubled(piece: Token, language: Language, spoken: bool, draw: Random) -> list[Token]:
    """Return the piece and what was put in behind it."""
    again = not spoken or draw.random() < REPEATED
    word = piece.text if again else draw.choice(FILLERS[language])
    close = piece.kind == "han" and (again or language == "zh")
    return [piece._replace(behind="" if close else " "), Token(word, "han" if close else "word", piece.behind)]


def _unmarked(pieces: Sequence[Token], rates: Rates, draw: Random) -> list[Token]:
    """Return the pieces without the marks that are lost, and in small letters where capitals are."""
    made = list[Token]()
    for piece in pieces:
        at = draw.random()
        if piece.kind == "mark" and at < rates.punctuation:
            _close(made, piece.behind)
        elif piece.kind == "word" and piece.text != piece.text.lower() and at < rates.case:
            made.append(piece._replace(text=piece.text.lower()))
        else:
            made.append(piece)
    return made
