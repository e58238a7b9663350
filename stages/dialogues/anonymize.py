"""Replace personal data by one typed, numbered pseudonym a datum and dialogue (Table 1)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.progress import note, track
from stages.core.stage import run
from stages.pii import ordinary_words, recall
from stages.pii.anonymizer import Found, anonymized, detected, replaced
from stages.pii.by_marks import marked
from stages.pii.gold import Marked, Placed, by_dialogue
from stages.pii.recall import Original
from stages.pii.values.spans import KINDS, PiiKind
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.missed import Digest, Missed

LEEWAY = 2.5  # street, council: written with a capital more often than not, and still no names


class Anonymize(Section):
    """Which personal data is replaced (Table 1)."""

    section: ClassVar[str] = "anonymize"
    kinds: tuple[PiiKind, ...] = Field(min_length=1)
    """Kinds of personal data that become placeholders such as [PERSON_1]."""


class Anonymized(NamedTuple):
    """A dialogue with placeholders, and what the detectors replaced, in order.

    `by_marks`: a person's marks said what is personal. The detectors still tell which speaker is meant, and which marks without
    an entity are one thing, so a change of theirs may number a placeholder otherwise.
    """

    dialogue: Dialogue
    detected: list[Placed]
    by_marks: bool


def anonymize(
    dialogues: Iterable[Dialogue],
    params: Anonymize,
    held_out: Collection[str] = (),
    marks: Mapping[str, Sequence[Marked]] = MappingProxyType({}),
) -> Iterator[Anonymized]:
    """Yield each dialogue with placeholders: for what the detectors find, or for what a person marked.

    The marks, by dialogue key, decide in the dialogues of the test set, by id: a fault of the detectors is measured apart
    and damages no test row. Test dialogues without marks are masked as all others are.
    """
    ordinary, kinds = ordinary_words.ordinary(LEEWAY), frozenset(params.kinds)
    for dialogue in dialogues:
        after, placed = anonymized(dialogue, kinds, ordinary)
        known = marks.get(dialogue.key) if dialogue.id in held_out else None
        if known:
            after, _ = replaced(dialogue, kinds, partial(_by_marks, known, kinds, ordinary))
        yield Anonymized(after, placed, by_marks=bool(known))


def _by_marks(marks: Sequence[Marked], kinds: Collection[PiiKind], ordinary: Set[str], dialogue: Dialogue) -> Found:
    return marked(dialogue, marks, kinds, detected(dialogue, kinds, ordinary))


def missed(dialogue: Dialogue, marks: Sequence[Marked], placed: Sequence[Placed]) -> Missed | None:
    """Return which marked texts stand in the dialogue as before, if any does: what an answer about it must not repeat."""
    hits = recall.hits(marks, _original(dialogue, placed))
    left = sorted({hit.gold.text for hit in hits if not hit.by})
    return Missed(id=dialogue.id, texts=tuple(map(Digest.of, left))) if left else None


def _original(dialogue: Dialogue, placed: Sequence[Placed]) -> Original:
    return Original([*(turn.text for turn in dialogue.turns), dialogue.context], placed)


def figures(
    rows: Sequence[Anonymized], held_out: Collection[str], gold: list[Marked], originals: dict[str, Original]
) -> dict[str, object]:
    """Return counts by kind, how the detectors fared in the marked dialogues, and by what the test dialogues were masked."""
    replaced = Counter(item.kind for row in rows for item in row.detected)
    spans: dict[str, int] = {kind: replaced[kind] for kind in KINDS if replaced[kind]}
    test = [row for row in rows if row.dialogue.id in held_out]
    return {
        "dialogues": len(rows),
        "spans": {**spans, "all": replaced.total()},
        "gold": recall.against(gold, originals),
        "test": {"by_marks": sum(row.by_marks for row in test), "detected": sum(not row.by_marks for row in test)},
    }


def main(*, source: Path, gold: Path, held_out: Path, target: Path, left: Path, report: Path) -> None:
    """Read dialogues, marks and which dialogues are tested on; write anonymized dialogues, what was missed, and figures."""
    params, marks = Anonymize.load(), jsonl.read(gold, Marked)
    dialogues, tested = jsonl.read(source, Dialogue), {row.id for row in jsonl.stream(held_out, HeldOut)}
    by_key = by_dialogue(marks)
    rows = list(track(anonymize(dialogues, params, tested, by_key), "anonymize", "dialogues", len(dialogues)))
    marked = [(before, row) for before, row in zip(dialogues, rows, strict=True) if before.key in by_key]
    jsonl.write(target, (row.dialogue for row in rows))
    lost = (missed(before, by_key[before.key], row.detected) for before, row in marked if not row.by_marks)
    jsonl.write(left, filter(None, lost))
    originals = {before.key: _original(before, row.detected) for before, row in marked}
    found = figures(rows, tested, marks, originals)
    metrics.write(report, found)
    if unmarked := sum(row.dialogue.id in tested and not row.by_marks for row in rows):
        note(
            f"anonymize: {unmarked} of {len(tested)} test dialogues have no marks in {gold}, so the detectors masked them, "
            "with their mistakes; mark them to keep these out of the test"
        )


if __name__ == "__main__":
    run(main)
