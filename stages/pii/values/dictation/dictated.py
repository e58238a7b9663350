"""What is dictated over the turns of a talk, beside what the other detectors find turn by turn."""

from collections.abc import Sequence

from stages.pii.values.dictation import groups, handles, joined, lettered, repeated
from stages.pii.values.spans import Mask, Span, settle
from stages.pii.values.written_numbers import narrow

OPEN = ("door_code", "password", "phone", "account", "bank_card", "id_number")  # of which a group may be taken for one
WHOLE = 9  # digits from which a number is no group of another


def find(turns: Sequence[str], spans: Sequence[list[Span]]) -> list[list[Span]]:
    """Return the spans of each turn with those that only the talk as a whole tells: numbers in groups, parts, what is spelled."""
    texts = [narrow(text) for text in turns]
    closed = [Mask((s.start, s.end) for s in own if _is_closed(texts[n], s)) for n, own in enumerate(spans)]
    free = [
        piece
        for turn, text in enumerate(texts)
        for piece in groups.pieces(turn, text)
        if closed[turn].is_free(piece.start, piece.end)
    ]
    added: list[list[Span]] = [[] for _ in texts]
    said = set[groups.Piece]()
    for number in joined.find(texts, free) if free else ():
        said.update(number.pieces)
        for piece in number.pieces:
            value = number.digits[-WHOLE:] if number.kind == "phone" else number.digits
            added[piece.turn].append(Span(piece.start, piece.end, number.kind, value))
    rest = [piece for piece in free if piece not in said]
    if rest:
        numbers = repeated.known(texts, [[*added[n], *own] for n, own in enumerate(spans)])
        for turn, span in repeated.find(texts, rest, numbers):
            added[turn].append(span)
    for turn, span in (*handles.find(texts, spans), *lettered.find(texts, spans)):
        if closed[turn].is_free(span.start, span.end) or span.kind in handles.KINDS:
            added[turn].append(span)
    return [settle([*added[n], *_renamed(own, added[n])]) if added[n] else own for n, own in enumerate(spans)]


def _renamed(own: list[Span], added: list[Span]) -> list[Span]:
    """Return the spans less what the added ones say otherwise: a group taken for a number, a code with a part of one in it."""
    renamed = []
    for span in own:
        if any(one.start <= span.start and span.end <= one.end and one.kind in repeated.NUMBERS for one in added):
            continue
        inside = (
            one for one in added if one.kind in repeated.NUMBERS and span.start <= one.start < one.end <= span.end
        )
        number = next(inside, None) if span.kind in repeated.WHOLLY else None
        renamed.append(span._replace(kind=number.kind, value=number.value) if number else span)
    return renamed


def _is_closed(text: str, span: Span) -> bool:
    """Whether what stands there is something else than a group of digits that waits for the rest."""
    return span.kind not in OPEN or len(groups.figures(text[span.start : span.end])) >= WHOLE
