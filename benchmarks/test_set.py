"""What new conversations, and the anonymizer's mistakes, do to the test set; before stands for the rules of version 0.2.0.

    python benchmarks/test_set.py growth       # references left after conversations came to data/raw
    python benchmarks/test_set.py privacy      # test prompts that hold a piece of personal data which a person marked

Before, the hash of a dialogue's id said whether it is tested on, near-duplicates followed the smallest id among them, and the
detectors masked all dialogues. New conversations are made of turns drawn from the shipped ones: no two turns of one in the same place.
"""

import argparse
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from stages.cli import cards
from stages.core import jsonl
from stages.core.row import content_id
from stages.dialogues.anonymize import Anonymize, anonymize
from stages.dialogues.split import SplitParams, split
from stages.pii.gold import Marked, by_dialogue
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.prompt import Prompt
from stages.rows.sample import Reference
from stages.similarity.near_duplicates import groups
from stages.similarity.vectors import count_vectors
from stages.text.tokenizers import QWEN

SHARE, TEST, VERSION = 0.31, Path("data/test"), "current"


def made(shipped: Sequence[Dialogue], count: int, scene: str | None) -> Iterator[Dialogue]:
    """Yield new conversations of one scene, or of all."""
    for number in range(count):
        draw = Random(f"{scene}/{number}")
        like = draw.choice([row for row in shipped if scene in (None, row.scene)])
        others = [row for row in shipped if row.language == like.language and row.scene == like.scene]
        turns = tuple(draw.choice(draw.choice(others).turns) for _ in like.turns)
        key = content_id(*(turn.text for turn in turns))
        yield like.model_copy(update={"id": key, "key": f"new-{number}", "turns": turns})


def copies(shipped: Sequence[Dialogue], held_out: set[str]) -> Iterator[Dialogue]:
    """Yield each test dialogue once more, with a turn at its end that somebody forgot to cut off."""
    for row in shipped:
        if row.id in held_out:
            last = row.turns[-1].model_copy(update={"text": "ok"})
            yield row.model_copy(update={"id": content_id(row.id, "copy"), "turns": (*row.turns, last)})


def by_hash(rows: Sequence[Dialogue]) -> tuple[set[str], int]:
    """Return the ids that are tested on, and how many are not trained on, by the rule of version 0.2.0."""
    texts = ["\n".join(turn.text for turn in row.turns) for row in rows]
    labels = groups(count_vectors(texts, QWEN), 0.95).tolist()
    leader: dict[int, str] = {}
    for label, row in zip(labels, rows, strict=True):
        leader[label] = min(leader.get(label, row.id), row.id)
    at = {
        label: int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big") / 2**56 for label, key in leader.items()
    }
    test = {row.id for label, row in zip(labels, rows, strict=True) if at[label] < SHARE}
    return test, len(test)


def growth(domain: str) -> Iterator[str]:
    """Yield references left, and conversations not trained on, for several additions to data/raw."""
    shipped = cards.holdings(domain).dialogues
    held_out = {row.id for row in jsonl.read(TEST / domain / "dialogues.jsonl", HeldOut)}
    references = jsonl.by_id(TEST / domain / VERSION / "references.jsonl", Reference)
    asked = [
        row.dialogue for row in jsonl.read(TEST / domain / VERSION / "prompts.jsonl", Prompt) if row.pair in references
    ]

    def by_file(rows: Sequence[Dialogue]) -> tuple[set[str], int]:
        test = [row for row in rows if row.id in held_out]
        kept = sum(isinstance(row, Dialogue) for row in split(rows, test, SplitParams(near_duplicate=0.95)))
        return {row.id for row in test}, len(rows) - kept

    scene = min({row.scene for row in shipped})
    additions: dict[str, Callable[[], Iterator[Dialogue]]] = {
        "nothing": lambda: iter(()),
        f"100 of scene {scene}": lambda: made(shipped, 100, scene),
        "100 of all scenes": lambda: made(shipped, 100, None),
        f"2,000 of scene {scene}": lambda: made(shipped, 2000, scene),
        "2,000 of all scenes": lambda: made(shipped, 2000, None),
        "a near-copy of each test dialogue": lambda: copies(shipped, held_out),
    }
    yield "| added | references left, before | after | withheld from training, before | after |\n|---|---|---|---|---|"
    for name, further in additions.items():
        rows = [*shipped, *further()]
        found = [side(rows) for side in (by_hash, by_file)]
        left = [f"{sum(dialogue in test for dialogue in asked)} of {len(asked)}" for test, _ in found]
        withheld = [f"{count} of {len(rows)}" for _, count in found]
        yield f"| {name} | {left[0]} | {left[1]} | {withheld[0]} | {withheld[1]} |"


def holds(text: str, piece: str) -> bool:
    """Whether the piece stands in the text, as a word of its own if it is Latin."""
    return bool(
        re.search(rf"(?<![A-Za-z0-9]){re.escape(piece)}(?![A-Za-z0-9])", text) if piece.isascii() else piece in text
    )


def privacy(domain: str) -> Iterator[str]:
    """Yield how many test prompts hold a marked piece, masked by the detectors and by the marks."""
    shipped = cards.holdings(domain).dialogues
    held_out = {row.id for row in jsonl.read(TEST / domain / "dialogues.jsonl", HeldOut)}
    tested = [row for row in shipped if row.id in held_out]
    marks = by_dialogue(row for row in jsonl.read(Path("data/raw/pii_gold.jsonl"), Marked) if row.field == "text")
    asked = [row.dialogue for row in jsonl.read(TEST / domain / VERSION / "prompts.jsonl", Prompt)]
    every = by_dialogue(jsonl.read(Path("data/raw/pii_gold.jsonl"), Marked))
    yield "| masked by | test prompts with a marked piece | dialogues | pieces |\n|---|---|---|---|"
    for name, ids in (("the detectors (before)", set[str]()), ("the marks (after)", held_out)):
        rows = [row.dialogue for row in anonymize(tested, Anonymize.load(), ids, every)]
        left = {
            row.id: {mark.text for mark in marks.get(row.key, []) if holds(row.render(), mark.text)} for row in rows
        }
        prompts, talks = sum(bool(left[dialogue]) for dialogue in asked), sum(map(bool, left.values()))
        pieces = sum(map(len, left.values()))
        yield f"| {name} | {prompts} of {len(asked)} | {talks} of {len(rows)} | {pieces} |"


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=("growth", "privacy"))
    parser.add_argument("--domain", default="real_estate")
    options = parser.parse_args()
    for line in {"growth": growth, "privacy": privacy}[options.table](options.domain):
        print(line, flush=True)  # noqa: T201 - the table


if __name__ == "__main__":
    main()
