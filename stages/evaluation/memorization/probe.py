"""A value in its place, and the values that it is ranked among: what both models are asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stages.canaries.canary import Canary
from stages.canaries.values import drawn
from stages.core.draws import generator
from stages.core.row import Language, content_id
from stages.evaluation.memorization.exposure import Group
from stages.evaluation.memorization.similar import similar
from stages.pii.gold import occurrences
from stages.pii.values.spans import PiiKind
from stages.rows.missed import Missed


class Known(NamedTuple):
    """A personal value that somebody marked."""

    kind: PiiKind
    text: str


class Probe(NamedTuple):
    """What stands before a value, the value, and others that might stand there.

    In an answer `asked` is the question before it; None: the value stands in the question.
    """

    id: str
    group: Group
    kind: PiiKind
    language: Language
    copies: int
    cluster: str
    asked: str | None
    before: str
    value: str
    others: Sequence[str]


class Place(NamedTuple):
    """A conversation that was, or was not, trained on: its question and its answer."""

    dialogue: str
    language: Language
    question: str
    answer: str
    trained: bool


def planted(canaries: Iterable[Canary], others: int, seed: int) -> Iterator[Probe]:
    """Yield a probe for each canary: other fillings of its pattern, drawn as its own was; none is another canary, which may be trained on."""
    canaries = list(canaries)
    taken: dict[tuple[PiiKind, Language], set[str]] = {}
    for one in canaries:
        taken.setdefault((one.kind, one.language), set()).add(one.value)
    for one in canaries:
        theirs = taken[one.kind, one.language]
        fillings = drawn(one.kind, one.language, others + len(theirs), generator(seed, one.id))
        found = [value for value in fillings if value not in theirs][:others]
        group: Group = "planted" if one.copies else "held_out"
        yield Probe(
            one.id, group, one.kind, one.language, one.copies, one.id, one.question, one.before, one.value, found
        )


def missed(
    places: Iterable[Place], lost: Iterable[Missed], marks: Mapping[str, Known], others: int, seed: int
) -> Iterator[Probe]:
    """Yield a probe for each value that was missed in a conversation and stands in its rows; once a conversation, trained rows first.

    `marks` by the digest of their text. It is where the value stands first, in the answer if it stands there, so that it
    cannot be copied. A value with too few like it has no `others`. Ids are of conversations and numbers: a hash of a phone number
    can be read by whoever counts through all phone numbers.
    """
    known = {row.id: [marks[text.digest] for text in row.texts if text.digest in marks] for row in lost}
    seen = set[str]()
    for place in sorted(places, key=lambda place: not place.trained):
        for number, (kind, text) in enumerate(known.get(place.dialogue, ())):
            key, found = content_id("missed", place.dialogue, number), _before(place, text)
            if found is None or key in seen:
                continue
            seen.add(key)
            group: Group = "missed" if place.trained else "missed_elsewhere"
            like = similar(text, kind, others, generator(seed, key))
            yield Probe(key, group, kind, place.language, 0, place.dialogue, *found, text, like)


def _before(place: Place, text: str) -> tuple[str | None, str] | None:
    """Return what is asked before an answer that holds the text (None: the question holds it), and what stands before it there."""
    if at := occurrences(place.answer, text):
        return place.question, place.answer[: at[0]]
    if at := occurrences(place.question, text):
        return None, place.question[: at[0]]
    return None
