"""A conversation as it comes through a recognizer, or from under hasty thumbs: a noisy version of it, the same on every machine.

Nobody in the text reacts to a slip: what is said next was said to what was meant. Rates and their sources: docs/noise.md.
"""

from collections.abc import Mapping, Sequence
from random import Random

from stages.core.draws import generator
from stages.core.row import Language
from stages.dialogues.noise.rates import Rates
from stages.dialogues.noise.tokens import Token, joined, tokens
from stages.dialogues.noise.words import slipped
from stages.rows.dialogue import Dialogue, Turn


def noisy(dialogue: Dialogue, rates: Mapping[Language, Rates], seed: int) -> tuple[Turn, ...]:
    """Return the turns of a noisy version; what happens to a turn hangs on the seed, the dialogue's key and the turn's place alone.

    Where joined and swapped turns would leave a party nothing to say, none of this dialogue's is joined or swapped.
    """
    own = rates[dialogue.language]
    made = _turns(dialogue, own, seed)
    if {turn.party for turn in made} != {turn.party for turn in dialogue.turns}:
        made = _turns(dialogue, own.model_copy(update={"join": 0.0, "swap": 0.0}), seed)
    return tuple(made)


def _turns(dialogue: Dialogue, rates: Rates, seed: int) -> list[Turn]:
    made = list[Turn]()
    for n, turn in enumerate(dialogue.turns):
        draw = generator(seed, dialogue.key, n)
        moved, given = draw.random(), draw.random()
        texts = _texts(turn.text, dialogue.language, rates, draw)
        if n and moved < rates.join and dialogue.turns[n - 1].party != turn.party:
            made[-1] = made[-1].model_copy(update={"text": _together(made[-1].text, texts[0], dialogue.language)})
            texts = texts[1:]
        speaker = _other(dialogue.turns, n) if given < rates.swap else turn
        who = {"party": speaker.party, "speaker": speaker.speaker}
        made += [turn.model_copy(update={**who, "text": text}) for text in texts]
    return made


def _texts(text: str, language: Language, rates: Rates, draw: Random) -> list[str]:
    """Return what is read of a turn, in one or two parts; a turn without words is read as it is."""
    before, pieces = tokens(text)
    if not any(piece.is_unit for piece in pieces):
        return [text]
    parts = list[str]()
    for part in _parts(pieces, rates.split, draw):
        parts.append(joined(before, slipped(part, language, rates, draw)))
        before = ""
    return parts


def _parts(pieces: Sequence[Token], rate: float, draw: Random) -> list[Sequence[Token]]:
    """Return the pieces, or at this rate what is before and behind a mark with words on both sides."""
    units = [n for n, piece in enumerate(pieces) if piece.is_unit]
    ends = [n for n, piece in enumerate(pieces) if piece.kind == "mark" and units[0] < n < units[-1]]
    if draw.random() >= rate or not ends:
        return [pieces]
    end = draw.choice(ends) + 1
    return [pieces[:end], pieces[end:]]


def _other(turns: Sequence[Turn], place: int) -> Turn:
    """Return the nearest turn of another party, the one before rather than the one behind; the turn itself where there is none."""
    own = turns[place]
    near = sorted(range(len(turns)), key=lambda n: (abs(n - place), n))
    return next((turns[n] for n in near if turns[n].party != own.party), own)


def _together(text: str, more: str, language: Language) -> str:
    apart = language == "en" or (text[-1].isascii() and more[0].isascii())
    return f"{text} {more}" if apart else text + more
