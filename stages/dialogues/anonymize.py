"""Replace personal data by one typed, numbered pseudonym a datum and dialogue (Table 1)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import tee
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, NamedTuple, TextIO

from pydantic import Field

from stages.core import jsonl, metrics, yaml_files
from stages.core.chunks import Prepared
from stages.core.files import atomic
from stages.core.params import Section
from stages.core.progress import note, track
from stages.core.rowwise import mapped
from stages.core.stage import run
from stages.library.domain_pack import Domain
from stages.pii import ordinary_words, recall
from stages.pii.anonymizer import Found, Recognizers, detected, replaced
from stages.pii.by_marks import marked
from stages.pii.corrections import Correction, corrected, settled, texts_of
from stages.pii.evidence.recognizers import Evidence, Remembering, recognizers
from stages.pii.gold import Marked, Placed, by_dialogue
from stages.pii.masked import Masked
from stages.pii.recall import Original
from stages.pii.values.spans import KINDS, PiiKind
from stages.reviews.settlement import grouped
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.missed import Digest, Missed

FEW = 512  # dialogues, up to which one process is as quick as several
LEEWAY = 2.5  # street, council: written with a capital more often than not, and still no names


class Anonymize(Section):
    """Which personal data is replaced (Table 1)."""

    section: ClassVar[str] = "anonymize"
    kinds: tuple[PiiKind, ...] = Field(min_length=1)
    """Kinds of personal data that become placeholders such as [PERSON_1]."""
    evidence: Evidence
    """Models whose word for a person, a place or a firm the rules weigh, by language; `null`: the rules alone."""


class Anonymized(NamedTuple):
    """A dialogue with placeholders, and what the detectors would replace, in order.

    `by_marks`: a person's marks said what is personal. The detectors still tell which speaker is meant, and which marks without
    an entity are one thing, so a change of theirs may number a placeholder otherwise. `corrected`: what was replaced where
    people corrected the detectors, None where they did not; `marked`: where a person's marks decided.
    """

    dialogue: Dialogue
    detected: list[Placed]
    by_marks: bool
    corrected: list[Placed] | None = None
    marked: list[Placed] | None = None

    @property
    def replaced(self) -> list[Placed]:
        """What the detectors replaced, as people corrected it."""
        return self.detected if self.corrected is None else self.corrected

    @property
    def masked(self) -> Masked:
        """Where the placeholders stand."""
        return Masked(id=self.dialogue.id, spans=tuple(self.replaced if self.marked is None else self.marked))


def anonymize(
    dialogues: Iterable[Dialogue],
    params: Anonymize,
    held_out: Collection[str] = (),
    marks: Mapping[str, Sequence[Marked]] = MappingProxyType({}),
    places: Collection[str] = (),
    corrections: Mapping[str, Sequence[Correction]] = MappingProxyType({}),
) -> Iterator[Anonymized]:
    """Yield each dialogue with placeholders: for what the detectors find, or for what a person marked.

    The marks, by dialogue key, decide in the dialogues of the test set, by id: a fault of the detectors is measured apart
    and damages no test row. Test dialogues without marks are masked as all others are: by the detectors, and by people's
    `corrections`, by id. `places` of the domain are nobody.
    """
    _models(params.evidence)  # a package that is missing is said before any work
    given = (
        Given(row, tuple(marks.get(row.key, ())) if row.id in held_out else (), tuple(corrections.get(row.id, ())))
        for row in dialogues
    )
    work = Prepared(
        partial(_anonymized, frozenset(params.kinds), params.evidence, tuple(places)), partial(_ahead, params.evidence)
    )
    yield from mapped(work, given, few=FEW, named=lambda row: row.dialogue.id)


class Given(NamedTuple):
    """A dialogue, and what people said of it."""

    dialogue: Dialogue
    marks: Sequence[Marked]
    corrections: Sequence[Correction]


def _anonymized(kinds: Set[PiiKind], evidence: Evidence, places: tuple[str, ...], given: Given) -> Anonymized:
    """Return one dialogue with placeholders; the marks that come with it decide, if there are any."""
    dialogue, marks, corrections = given
    find = cache(partial(detected, kinds=kinds, ordinary=_ordinary(places), recognizers=_models(evidence)))
    after, placed = replaced(dialogue, kinds, find)
    if marks:
        after, instead = replaced(dialogue, kinds, partial(_by_marks, marks, kinds, find))
        return Anonymized(after, placed, by_marks=True, marked=instead)
    if corrections:
        said = settled(dialogue, corrections).by_stretch
        after, corrected_too = replaced(dialogue, kinds, partial(_corrected, said, kinds, find))
        return Anonymized(after, placed, by_marks=False, corrected=corrected_too)
    return Anonymized(after, placed, by_marks=False)


def _ahead(evidence: Evidence, rows: Sequence[Given]) -> None:
    """Ask the models that can of all conversations together."""
    for language, recognizer in _models(evidence).items():
        if isinstance(recognizer, Remembering):
            dialogues = (row.dialogue for row in rows if row.dialogue.language == language)
            recognizer.ahead(text for dialogue in dialogues for text in texts_of(dialogue))


@cache
def _ordinary(places: tuple[str, ...]) -> Set[str]:
    return ordinary_words.ordinary(LEEWAY).union(places)


@cache
def _models(evidence: Evidence) -> Recognizers:
    """Return the named-entity models, loaded once a process."""
    return recognizers(evidence)


def _by_marks(
    marks: Sequence[Marked], kinds: Collection[PiiKind], find: Callable[[Dialogue], Found], dialogue: Dialogue
) -> Found:
    return marked(dialogue, marks, kinds, find(dialogue))


def _corrected(
    said: Mapping[str, Correction], kinds: Collection[PiiKind], find: Callable[[Dialogue], Found], dialogue: Dialogue
) -> Found:
    return corrected([turn.text for turn in dialogue.turns], find(dialogue), said, kinds)


def untraced(dialogue: Dialogue) -> Dialogue:
    """Return the dialogue without what it was called where it came from, and without times: ids, files and columns name customers too.

    Its id, which is the hash of what was said, leads back to all of that in ingested.jsonl.
    """
    turns = tuple(turn.model_copy(update={"time": ""}) for turn in dialogue.turns)
    return dialogue.model_copy(update={"key": dialogue.id, "origin": "", "turns": turns})


def missed(dialogue: Dialogue, marks: Sequence[Marked], placed: Sequence[Placed]) -> Missed | None:
    """Return which marked texts stand in the dialogue as before, if any does: what an answer about it must not repeat."""
    hits = recall.hits(marks, _original(dialogue, placed))
    left = sorted({hit.gold.text for hit in hits if not hit.by})
    return Missed(id=dialogue.id, texts=tuple(map(Digest.of, left))) if left else None


def _original(dialogue: Dialogue, placed: Sequence[Placed]) -> Original:
    return Original([*(turn.text for turn in dialogue.turns), dialogue.context], placed)


def _noted(rows: Iterable[Anonymized], spans: TextIO) -> Iterator[Anonymized]:
    """Yield the rows as they come, a line of each in the open file: where it was masked."""
    for row in rows:
        spans.write(row.masked.model_dump_json() + "\n")
        yield row


@dataclass
class Seen:
    """What is kept of the dialogues as they go by: counts, and those that have marks, before and after."""

    held_out: Collection[str]
    marked: Mapping[str, Sequence[Marked]]
    corrections: Mapping[str, Sequence[Correction]]
    people: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    dialogues: int = 0
    by_marks: int = 0
    detected: int = 0
    with_marks: list[tuple[Dialogue, Anonymized]] = field(default_factory=list)

    def add(self, before: Dialogue, row: Anonymized) -> Dialogue:
        """Take one more; return it anonymized."""
        self.dialogues += 1
        self.replaced.update(item.kind for item in row.replaced)
        if row.dialogue.id in self.held_out:
            self.by_marks += row.by_marks
            self.detected += not row.by_marks
        if before.key in self.marked:
            self.with_marks.append((before, row))
        if lines := self.corrections.get(before.id):
            said = settled(before, lines)
            self.people.update(lines=len(lines), stale=said.stale)
            self.people["by_marks" if row.by_marks else "stretches"] += len(said.by_stretch)
        return row.dialogue

    def figures(self, gold: list[Marked]) -> dict[str, object]:
        """Return counts by kind, how the detectors fared in the marked dialogues, and by what the test dialogues were masked."""
        spans: dict[str, int] = {kind: self.replaced[kind] for kind in KINDS if self.replaced[kind]}
        originals = {before.key: _original(before, row.detected) for before, row in self.with_marks}
        return {
            "dialogues": self.dialogues,
            "spans": {**spans, "all": self.replaced.total()},
            "gold": recall.against(gold, originals),
            "test": {"by_marks": self.by_marks, "detected": self.detected},
            **({"corrections": self.corrected()} if self.corrections else {}),
        }

    def corrected(self) -> dict[str, int]:
        """Return how many stretches people corrected, how many a test dialogue's marks decide instead, and how many lines fit no text."""
        gone = sum(map(len, self.corrections.values())) - self.people["lines"]  # of conversations that are not here
        stretches, instead = self.people["stretches"], self.people["by_marks"]
        return {"stretches": stretches, "marks_instead": instead, "stale": self.people["stale"] + gone}


def main(
    *,
    source: Path,
    domain: Path,
    gold: Path,
    reviews: Path,
    held_out: Path,
    target: Path,
    spans: Path,
    left: Path,
    report: Path,
) -> None:
    """Read dialogues, the domain, marks, corrections and which dialogues are tested on.

    Writes anonymized dialogues, where they were masked, what was missed, and figures.
    """
    params, marks = Anonymize.load(), jsonl.read(gold, Marked, by_hand=True)
    tested, by_key = {row.id for row in jsonl.stream(held_out, HeldOut)}, by_dialogue(marks)
    places = yaml_files.load(domain, Domain).places.get("zh", ())
    corrections = grouped(jsonl.stream(reviews, Correction, by_hand=True))
    seen, count = Seen(tested, by_key, corrections), sum(1 for _ in jsonl.lines(source, Dialogue))
    before, dialogues = tee(jsonl.stream(source, Dialogue))  # what is under way is held, and no more
    rows = track(anonymize(dialogues, params, tested, by_key, places, corrections), "anonymize", "dialogues", count)
    with atomic(spans) as beside:
        jsonl.write(target, map(untraced, map(seen.add, before, _noted(rows, beside))))
    lost = (missed(row, by_key[row.key], done.replaced) for row, done in seen.with_marks if not done.by_marks)
    jsonl.write(left, filter(None, lost))
    metrics.write(report, seen.figures(marks))
    if corrections and (stale := seen.corrected()["stale"]):
        note(
            f"anonymize: {stale} of {sum(map(len, corrections.values()))} corrections in {reviews} mask and free nothing: their conversations are "
            "not here, or were edited, which makes others of them; read these again: dial-insight review personal"
        )
    if seen.detected:
        note(
            f"anonymize: {seen.detected} of {len(tested)} test dialogues have no marks in {gold}, so the detectors masked them, "
            "with their mistakes; mark them to keep these out of the test"
        )


if __name__ == "__main__":
    run(main)
