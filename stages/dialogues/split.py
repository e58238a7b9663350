"""Divide dialogues into train and test by hash of their ids, near-duplicates on one side (§3.1)."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import LedgerError
from stages.core.params import Section
from stages.core.stage import run
from stages.rows.dialogue import Dialogue
from stages.similarity.near_duplicates import groups
from stages.similarity.vectors import count_vectors
from stages.text.tokenizers import QWEN


class SplitParams(Section):
    """How dialogues are divided into train and test."""

    section: ClassVar[str] = "split"
    test_share: float = Field(ge=0, lt=1)
    """Share of the dialogues that are tested on, by hash of their ids."""
    near_duplicate: float = Field(gt=0, le=1)
    """Dialogues with at least this cosine of token counts stay on one side."""


def leaders(dialogues: Sequence[Dialogue], threshold: float) -> list[str]:
    """Return for each dialogue the smallest id among its near-duplicates and theirs; its own when it has none."""
    texts = ["\n".join(turn.text for turn in dialogue.turns) for dialogue in dialogues]
    labels = groups(count_vectors(texts, QWEN), threshold).tolist()
    smallest: dict[int, str] = {}
    for label, dialogue in zip(labels, dialogues, strict=True):
        smallest[label] = min(smallest.get(label, dialogue.id), dialogue.id)
    return [smallest[label] for label in labels]


def is_test(key: str, share: float) -> bool:
    """Whether the hash of `key`, as a number in [0, 1), is below `share`: no other row has a say in it."""
    # Not a draw of stages.core.draws: no seed may move the test set, whose references people wrote for these dialogues.
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big") / 2**56 < share


def split(dialogues: Sequence[Dialogue], params: SplitParams) -> tuple[list[Dialogue], list[Dialogue], int]:
    """Return train and test in the order of `dialogues`, and the number of groups with more than one member."""
    heads = leaders(dialogues, params.near_duplicate)
    sides = [is_test(head, params.test_share) for head in heads]
    train = [dialogue for dialogue, test in zip(dialogues, sides, strict=True) if not test]
    test = [dialogue for dialogue, test in zip(dialogues, sides, strict=True) if test]
    return train, test, sum(1 for size in Counter(heads).values() if size > 1)


def main(*, source: Path, train: Path, test: Path, ledger: Path) -> None:
    """Read `source`, write both sides and the ledger."""
    dialogues = jsonl.read(source, Dialogue)
    trained, held_out, shared = split(dialogues, SplitParams.load())
    kept = jsonl.write(train, trained), jsonl.write(test, held_out)
    if sum(kept) != len(dialogues):
        raise LedgerError(
            f"{source}: {len(dialogues)} rows in, {sum(kept)} out; this is a bug in split, please report it"
        )
    metrics.write(ledger, {"in": len(dialogues), "train": kept[0], "test": kept[1], "near_duplicate_groups": shared})


if __name__ == "__main__":
    run(main)
