"""Replace personal data by one typed, numbered pseudonym a datum and dialogue (Table 1)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.progress import track
from stages.core.stage import run
from stages.pii import ordinary_words, recall
from stages.pii.anonymizer import anonymized
from stages.pii.gold import Marked, Placed
from stages.pii.recall import Original
from stages.pii.values.spans import KINDS, PiiKind
from stages.rows.dialogue import Dialogue

LEEWAY = 2.5  # street, council: written with a capital more often than not, and still no names


class Anonymize(Section):
    """Which personal data is replaced (Table 1)."""

    section: ClassVar[str] = "anonymize"
    kinds: tuple[PiiKind, ...] = Field(min_length=1)
    """Kinds of personal data that become placeholders such as [PERSON_1]."""


def anonymize(dialogues: Iterable[Dialogue], params: Anonymize) -> Iterator[tuple[Dialogue, list[Placed]]]:
    """Yield each dialogue with placeholders and what they stand for in the original, in order."""
    ordinary = ordinary_words.ordinary(LEEWAY)
    for dialogue in dialogues:
        yield anonymized(dialogue, frozenset(params.kinds), ordinary)


def figures(
    dialogues: int, replaced: Counter[str], gold: list[Marked], originals: dict[str, Original]
) -> dict[str, object]:
    """Return counts by kind, and how the marked dialogues fared."""
    spans: dict[str, int] = {kind: replaced[kind] for kind in KINDS if replaced[kind]}
    return {
        "dialogues": dialogues,
        "spans": {**spans, "all": replaced.total()},
        "gold": recall.against(gold, originals),
    }


def main(*, source: Path, gold: Path, target: Path, report: Path) -> None:
    """Read dialogues and marks, write anonymized dialogues and figures."""
    params, marks = Anonymize.load(), jsonl.read(gold, Marked)
    dialogues = jsonl.read(source, Dialogue)
    wanted, replaced = {mark.dialogue for mark in marks}, Counter[str]()
    originals: dict[str, Original] = {}

    def rows() -> Iterator[Dialogue]:
        tracked = track(anonymize(dialogues, params), "anonymize", "dialogues", len(dialogues))
        for before, (after, placed) in zip(dialogues, tracked, strict=True):
            replaced.update(item.kind for item in placed)
            if before.key in wanted:
                originals[before.key] = Original([*(turn.text for turn in before.turns), before.context], placed)
            yield after

    jsonl.write(target, rows())
    metrics.write(report, figures(len(dialogues), replaced, marks, originals))


if __name__ == "__main__":
    run(main)
