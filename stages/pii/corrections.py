"""What people corrected of an anonymized conversation: a stretch is personal after all, or is not; data/review/personal.jsonl.

A line names conversation, turn and characters, never the words, nor a hash of them: whoever counts through all phone numbers
reads a phone number's hash. A conversation's id is the hash of all that was said in it, so the characters are the same ones
wherever that conversation is. A correction counts for every occurrence of the stretch in the conversation.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, model_validator

from stages.core.row import Row
from stages.pii.gold import occurrences
from stages.pii.values.spans import PiiKind, Span, bare, settle
from stages.reviews import settlement
from stages.reviews.spoken import Moment, Who
from stages.rows.dialogue import Dialogue

if TYPE_CHECKING:
    from stages.pii.anonymizer import Found  # half a second to import, for what only reads lines

Said = PiiKind | Literal["nothing"]
Values = Mapping[tuple[PiiKind, str], str]  # by which each find goes, by kind and words


class Correction(Row):
    """Characters start..end of a turn of the conversation `id`, as ingested, are personal data of this kind, or nothing of the kind.

    The conversation's context counts as the turn after the last one. Several lines about one stretch, wherever in the
    conversation they point to it, are settled as all decisions are, but that while reviewers disagree care goes before voices:
    what any of them calls personal is masked until somebody settles it.
    """

    turn: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int
    kind: Said
    reason: str = Field("", exclude_if=lambda value: not value)  # never the words themselves
    settles: bool = Field(False, exclude_if=lambda value: not value)
    withdrawn: bool = Field(False, exclude_if=lambda value: not value)  # the reviewer's earlier lines no longer count
    reviewer: Who
    time: Moment

    @model_validator(mode="after")
    def _not_empty(self) -> "Correction":
        if self.end <= self.start:
            raise ValueError("end is not after start")
        return self

    @property
    def verdict(self) -> Hashable:
        """What the stretch is."""
        return self.kind

    @property
    def care(self) -> int:
        """What may be personal is masked."""
        return int(self.kind != "nothing")


class Settled(NamedTuple):
    """What people say of one conversation: the correction that holds by stretch, and how many lines point beside its text."""

    by_stretch: Mapping[str, Correction]
    stale: int


def texts_of(dialogue: Dialogue) -> list[str]:
    """Return the texts that a correction's turns count through."""
    return [*(turn.text for turn in dialogue.turns), *([dialogue.context] if dialogue.context else [])]


def by_stretch(dialogue: Dialogue, history: Iterable[Correction]) -> dict[str, list[Correction]]:
    """Return the lines about a conversation, as ingested, by the words they point to; under "" those that point beside the text."""
    texts, found = texts_of(dialogue), defaultdict[str, list[Correction]](list)
    for row in history:
        inside = row.turn < len(texts) and row.end <= len(texts[row.turn])
        words = texts[row.turn][row.start : row.end] if inside else ""
        found[words if words.strip() else ""].append(row)
    return dict(found)


def settled(dialogue: Dialogue, history: Iterable[Correction]) -> Settled:
    """Return what holds for each stretch of a conversation as ingested."""
    lines = by_stretch(dialogue, history)
    stale = len(lines.pop("", []))
    decided = {words: _holds(rows) for words, rows in lines.items()}
    return Settled({words: row for words, row in decided.items() if row}, stale)


def _holds(history: Sequence[Correction]) -> Correction | None:
    return settlement.careful(history) if settlement.conflicting(history) else settlement.settled(history)


def corrected(
    texts: Sequence[str], found: "Found", said: Mapping[str, Correction], kinds: Collection[PiiKind]
) -> "Found":
    """Return what the detectors found in these turns as people corrected it; of the kinds that are masked.

    Nothing: what was found within the stretch is let go; a longer find stays. Personal: the stretch is masked, with all that
    it touches, unless a longer find masks it anyway. It is the same datum as a find of its kind in the same words or place.
    """
    if not said:
        return found
    known = {
        (span.kind, text[span.start : span.end]): span.value
        for text, own in zip(texts, found.spans, strict=True)
        for span in own
    }
    turns = enumerate(zip(texts, found.spans, strict=True))
    masked = frozenset(kinds)
    spans = [settle(_turn(_places(n, text, said), own, masked, known)) for n, (text, own) in turns]
    return found._replace(spans=spans)


class _Place(NamedTuple):
    """Where a corrected stretch stands in a turn."""

    start: int
    end: int
    words: str
    kind: Said


def _places(number: int, text: str, said: Mapping[str, Correction]) -> list[_Place]:
    """Return where the stretches stand in a turn as words of their own, and where they were pointed to, even within a word; longest first."""
    return [
        _Place(start, start + len(words), words, row.kind)
        for words, row in sorted(said.items(), key=lambda item: (-len(item[0]), item[0]))
        for start in sorted({*occurrences(text, words), *([row.start] if row.turn == number else [])})
    ]


def _turn(places: Sequence[_Place], found: Sequence[Span], masked: Collection[PiiKind], known: Values) -> list[Span]:
    """Return the spans of one turn."""
    free = [place for place in places if place.kind == "nothing"]
    left = [span for span in found if not any(at.start <= span.start and span.end <= at.end for at in free)]
    for place in places:
        touched = [span for span in left if span.start < place.end and place.start < span.end]
        if place.kind != "nothing" and place.kind in masked and not any(_around(span, place) for span in touched):
            left = [span for span in left if span not in touched]
            left.append(_widened(place, place.kind, touched, known))
    return settle(left)


def _around(span: Span, place: _Place) -> bool:
    """Whether the span holds all of the place, and more."""
    return span.start <= place.start and place.end <= span.end and (span.start, span.end) != (place.start, place.end)


def _widened(place: _Place, kind: PiiKind, touched: Sequence[Span], known: Values) -> Span:
    """Return the place with all that it touches; it is the datum of a find of its kind in the same words or the same place."""
    same = [span.value for span in touched if span.kind == kind]
    value = known.get((kind, place.words)) or next(iter(same), f"said {bare(place.words)}")
    start = min([place.start, *(span.start for span in touched)])
    return Span(start, max([place.end, *(span.end for span in touched)]), kind, value)
