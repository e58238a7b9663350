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

    `marks` by the digest of their text. It is where the value stands first in a row, so that it cannot be copied from there; of
    several rows one whose answer says it first, as answers are what is trained on. A value with too few like it has no `others`; one
    that was trained on in another conversation is no control, and left out. Ids are of conversations and numbers: a hash of a phone
    number can be read by whoever counts through all phone numbers.
    """
    known = {row.id: [marks[text.digest] for text in row.texts if text.digest in marks] for row in lost}
    found: dict[str, _Standing] = {}
    for place in sorted(places, key=lambda place: not place.trained):
        for number, value in enumerate(known.get(place.dialogue, ())):
            here, key = _standing(place, value), content_id("missed", place.dialogue, number)
            if here and (key not in found or here.tells_more(found[key])):
                found[key] = here
    learned = {here.value.text for here in found.values() if here.place.trained}
    for key, (place, (kind, text), asked, before) in found.items():
        if not place.trained and text in learned:
            continue
        group: Group = "missed" if place.trained else "missed_elsewhere"
        like = similar(text, kind, others, generator(seed, key))
        yield Probe(key, group, kind, place.language, 0, place.dialogue, asked, before, text, like)


class _Standing(NamedTuple):
    """Where a value stands first in a row: what is asked before the answer (None: it is in the question), and what is before it there."""

    place: Place
    value: Known
    asked: str | None
    before: str

    def tells_more(self, other: "_Standing") -> bool:
        """Whether it is in an answer, and the other, in a row of the same group, in a question."""
        return self.place.trained == other.place.trained and self.asked is not None and other.asked is None


def _standing(place: Place, value: Known) -> _Standing | None:
    if at := occurrences(place.question, value.text):
        return _Standing(place, value, None, place.question[: at[0]])
    if at := occurrences(place.answer, value.text):
        return _Standing(place, value, place.question, place.answer[: at[0]])
    return None
