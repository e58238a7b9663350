"""Personal data of a dialogue where a person marked it: what it is and whose is the person's word, not the detectors'."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import cast

from stages.pii.anonymizer import Found
from stages.pii.gold import Marked, Place, located
from stages.pii.values.spans import Mask, PiiKind, Span, bare, settle
from stages.rows.dialogue import Dialogue


def marked(dialogue: Dialogue, marks: Sequence[Marked], kinds: Collection[PiiKind], detected: Found) -> Found:
    """Return the marked stretches of these kinds, and who speaks.

    Marks say who a person is (`entity`), but not who a speaker is, nor which spellings of a number belong together. Where no
    line about the speaker field says it, a speaker is the one whom most stretches name that the detectors took for this
    speaker; a datum without an entity is the one that the detectors took it for, else its bare letters and digits.
    """
    wanted = [mark for mark in marks if mark.kind in kinds]
    texts = [turn.text for turn in dialogue.turns]
    spans: list[list[Span]] = [[] for _ in dialogue.turns]
    votes = defaultdict[str, Counter[str]](Counter)
    for place in (place for place in located(marks, texts) if place.mark.kind in kinds):
        seen = _seen(place, detected)
        value = place.mark.entity or (seen[0] if len(set(seen)) == 1 else bare(place.mark.text))
        spans[place.mark.turn].append(Span(place.start, place.end, cast(PiiKind, place.mark.kind), value))
        if place.mark.kind == "person":
            for person in seen:
                votes[person][value] += 1
    speaking = {
        field: votes[person].most_common(1)[0][0] if votes[person] else f"speaker {person}"
        for field, person in detected.speaking.items()
    }
    told = {mark.text: mark.entity for mark in wanted if mark.field == "speaker"}
    return Found({**speaking, **told}, [_apart(found, text) for found, text in zip(spans, texts, strict=True)])


def _apart(spans: Sequence[Span], text: str) -> list[Span]:
    """Return spans that do not overlap and leave nothing of any in clear: of a shorter one that runs into a longer, what is beside it."""
    kept = settle(spans)
    mask = Mask((span.start, span.end) for span in kept)
    for span in sorted(set(spans) - set(kept)):
        for n in range(span.start, span.end):
            if text[n].isalnum() and mask.is_free(n, n + 1):
                end = next((m for m in range(n, span.end) if not mask.is_free(m, m + 1)), span.end)
                kept.append(span._replace(start=n, end=n + len(text[n:end].rstrip())))
                mask.take(n, end)
    return sorted(kept)


def _seen(place: Place, detected: Found) -> list[str]:
    """Return the values of the detectors' stretches of the same kind that touch the place."""
    return [
        span.value
        for span in detected.spans[place.mark.turn]
        if span.kind == place.mark.kind and span.start < place.end and place.start < span.end
    ]
