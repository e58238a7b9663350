"""Hold out the dialogues of the test set, which a file in Git names; all others are trained on, except what gives these away (§3.1)."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.progress import note
from stages.core.stage import run
from stages.rows.dialogue import Dialogue, HeldOut
from stages.similarity.pairs import between
from stages.similarity.vectors import count_vectors
from stages.text.tokenizers import QWEN

AT_ONCE = 4096  # dialogues compared with those of the test set in one product


class SplitParams(Section):
    """What stays out of training because it is like a dialogue of the test set."""

    section: ClassVar[str] = "split"
    near_duplicate: float = Field(gt=0, le=1)
    """Dialogues with at least this cosine of token counts to a test dialogue are dropped from training."""


def near(dialogues: Sequence[Dialogue], others: Sequence[Dialogue], threshold: float) -> set[str]:
    """Return the ids of those `dialogues` that have at least this cosine of token counts to one of the `others`."""
    texts = ["\n".join(turn.text for turn in row.turns) for row in (*dialogues, *others)]
    vectors, known = count_vectors(texts, QWEN), np.arange(len(dialogues), len(texts))
    found = set[int]()
    if len(known):
        for start in range(0, len(dialogues), AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, len(dialogues)))
            found.update(between(vectors, rows, known, threshold)[0].tolist())
    return {dialogues[row].id for row in found}


def split(
    dialogues: Sequence[Dialogue], held_out: Collection[str], params: SplitParams
) -> Iterator[Dialogue | Dropped]:
    """Yield one outcome for each dialogue that is not held out, by id, in order: a training dialogue, or why it is none."""
    test = [row for row in dialogues if row.id in held_out]
    rest = [row for row in dialogues if row.id not in held_out]
    alike, groups = near(rest, test, params.near_duplicate), {row.group for row in test} - {""}
    for row in rest:
        if row.group in groups:
            yield Dropped(id=row.id, reason=Reason.GROUP_OF_TEST)
        elif row.id in alike:
            yield Dropped(id=row.id, reason=Reason.NEAR_TEST)
        else:
            yield row


def main(*, source: Path, held_out: Path, train: Path, test: Path, ledger: Path) -> None:
    """Read dialogues and which are tested on; write both sides, the dropped beside the train side, and the ledger."""
    dialogues, ids = jsonl.read(source, Dialogue), jsonl.by_id(held_out, HeldOut)
    tested = [row for row in dialogues if row.id in ids]
    missing = len(ids) - len({row.id for row in tested})
    jsonl.write(test, tested)
    jsonl.write_outcomes(
        train,
        split(dialogues, ids, SplitParams.load()),
        ledger,
        len(dialogues) - len(tested),
        {"test": len(tested), "missing_test_dialogues": missing},
    )
    if missing:
        note(
            f"split: {missing} of {len(ids)} dialogues of {held_out} are not in {source}, so their test rows are lost; "
            "put their files back into data/raw as they were, or take their lines out"
        )


if __name__ == "__main__":
    run(main)
