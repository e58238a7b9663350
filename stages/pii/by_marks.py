"""Personal data of a dialogue where a person marked it: what it is and whose is the person's word, not the detectors'."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import cast

from stages.pii.anonymizer import Found
from stages.pii.gold import Marked, Place, located
from stages.pii.values.spans import PiiKind, Span, bare, settle
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
    return Found({**speaking, **told}, [settle(found) for found in spans])


def _seen(place: Place, detected: Found) -> list[str]:
    """Return the values of the detectors' stretches of the same kind that touch the place."""
    return [
        span.value
        for span in detected.spans[place.mark.turn]
        if span.kind == place.mark.kind and span.start < place.end and place.start < span.end
    ]
