"""Stretches of a conversation: where one is that was chosen, what people say of each, and how the turns look with that."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from stages.cli.review.masks import Segment, segments
from stages.cli.review.queue import Form, Refused
from stages.pii.anonymizer import Found
from stages.pii.corrections import Correction, by_stretch, corrected, settled, texts_of
from stages.pii.gold import occurrences
from stages.pii.masked import Masked
from stages.pii.values.spans import KINDS, PiiKind, Span
from stages.reviews.settlement import conflicting, standing
from stages.rows.dialogue import PARTY_NAMES, Dialogue

FIGURES = 9  # of a place in a text; longer numbers are none


class Shown(NamedTuple):
    """A turn in stretches; the context that came with a conversation is its last one."""

    number: int
    who: str
    party: str
    segments: list[Segment]


class Stretch(NamedTuple):
    """What people say of a stretch: the line that holds, whether they disagree, where it stands, and whether this reviewer said so."""

    words: str
    holds: Correction
    conflict: bool
    places: int
    own: bool


class Place(NamedTuple):
    """Characters start..end of a turn."""

    turn: int
    start: int
    end: int


def turns(row: Dialogue, masked: Masked, lines: Sequence[Correction]) -> list[Shown]:
    """Return the turns with what was masked in them, as people corrected it."""
    texts = texts_of(row)
    before: list[list[Span]] = [[] for _ in texts]
    for span in masked.spans:
        before[span.turn].append(Span(span.start, span.end, cast(PiiKind, span.kind), span.placeholder))
    after = corrected(texts, Found({}, before), settled(row, lines).by_stretch, KINDS).spans
    names = PARTY_NAMES[row.language]
    speakers = [(f"{names[turn.party]} {turn.speaker}".strip(), turn.party) for turn in row.turns]
    speakers += [("Context", "other")] * (len(texts) - len(speakers))
    return [Shown(n, who, party, segments(texts[n], before[n], after[n])) for n, (who, party) in enumerate(speakers)]


def said(row: Dialogue, lines: Sequence[Correction], reviewer: str) -> list[Stretch]:
    """Return what people say of each stretch that somebody spoke of and did not take back."""
    of = by_stretch(row, lines)
    return [
        Stretch(words, line, conflicting(of[words]), places(row, words), reviewer in standing(of[words]))
        for words, line in settled(row, lines).by_stretch.items()
    ]


def places(row: Dialogue, words: str) -> int:
    """Return in how many places of the conversation a stretch stands as words of its own; at least where it was chosen."""
    return max(1, sum(len(occurrences(text, words)) for text in texts_of(row)))


def place(row: Dialogue, form: Form) -> Place:
    """Return the stretch that was chosen, or else where the words that were typed first stand; Refused where there is none."""
    texts, words = texts_of(row), form.get("words", "").strip()
    chosen = [form.get(name, "") for name in ("turn", "start", "end")]
    if all(part.isdecimal() and len(part) <= FIGURES for part in chosen):
        found = Place(*map(int, chosen))
        if found.turn < len(texts) and found.start < found.end <= len(texts[found.turn]):
            there = texts[found.turn][found.start : found.end]
            if words and "".join(words.split()) != "".join(there.split()):  # a field of one line drops line breaks
                raise Refused(
                    "the words are not those at the place that was chosen; choose again, or type the words alone"
                )
            return found
    if not words:
        raise Refused("choose a stretch first: with the mouse, with n, or by typing its words")
    for turn, text in enumerate(texts):
        if starts := occurrences(text, words) or ([text.index(words)] if words in text else []):
            return Place(turn, starts[0], starts[0] + len(words))
    raise Refused("these words do not stand in one turn of the conversation; type them as they are there")
