"""A turn in stretches: what was masked in it, and what people's corrections change of that."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.pii.values.spans import PiiKind, Span


class Segment(NamedTuple):
    """A stretch of a turn as the page shows it; plain where it has no kind."""

    text: str
    start: int
    end: int
    kind: str = ""
    state: str = ""  # masked, freed (people say it is nothing) or added (people say that it is personal)


def segments(text: str, before: Sequence[Span], after: Sequence[Span]) -> list[Segment]:
    """Return a turn in stretches: as it was masked `before`, and as people's corrections have it `after`."""
    states = {(span.start, span.end): (span.kind, "freed") for span in before}
    for span in after:
        known = states.get((span.start, span.end))
        states[span.start, span.end] = (span.kind, "masked" if known and known[0] == span.kind else "added")
    covered = [
        (start, end)
        for start, end in states
        if not any(
            start < other.end and other.start < end and (other.start, other.end) != (start, end) for other in after
        )
        or states[start, end][1] != "freed"
    ]
    return list(_filled(text, {place: states[place] for place in sorted(covered)}))


def _filled(text: str, states: dict[tuple[int, int], tuple[PiiKind, str]]) -> Iterator[Segment]:
    here = 0
    for (start, end), (kind, state) in states.items():
        if start > here:
            yield Segment(text[here:start], here, start)
        if start >= here:
            yield Segment(text[start:end], start, end, kind, state)
            here = end
    if here < len(text):
        yield Segment(text[here:], here, len(text))
