"""Hold out the dialogues of the test set, which a file in Git names; all others are trained on, except what gives these away (§3.1)."""

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.progress import note, track
from stages.core.row import content_id
from stages.core.stage import run
from stages.rows.dialogue import Dialogue, HeldOut
from stages.similarity.pairs import between
from stages.similarity.vectors import count_vectors
from stages.text.tokenizers import QWEN

AT_ONCE = 2048  # dialogues compared with those of the test set in one product, and held in memory


class SplitParams(Section):
    """What stays out of training because it is like a dialogue of the test set."""

    section: ClassVar[str] = "split"
    near_duplicate: float = Field(gt=0, le=1)
    """Dialogues with at least this cosine of token counts to a test dialogue are dropped from training."""


def near(dialogues: Sequence[Dialogue], others: Sequence[Dialogue], threshold: float) -> set[str]:
    """Return the ids of those `dialogues` that have at least this cosine of token counts to one of the `others`."""
    if not dialogues or not others:
        return set()
    texts = ["\n".join(turn.text for turn in row.turns) for row in (*dialogues, *others)]
    rows, known = np.arange(len(dialogues)), np.arange(len(dialogues), len(texts))
    found = between(count_vectors(texts, QWEN), rows, known, threshold)[0]
    return {dialogues[row].id for row in found.tolist()}


def cases(held_out: Iterable[HeldOut]) -> set[str]:
    """Return the groups of what names a test conversation's id as its customer or case, as a noisy version of it does."""
    return {group for row in held_out if row.key for group in (row.key, content_id(row.key))}


def split(
    dialogues: Iterable[Dialogue], test: Sequence[Dialogue], params: SplitParams, of_test: Set[str] = frozenset()
) -> Iterator[Dialogue | Dropped]:
    """Yield one outcome for each dialogue that is not in the `test` set, in order: a training dialogue, or why it is none.

    What has a group of the test set's dialogues, or one `of_test`, is none.
    """
    held_out, groups = {row.id for row in test}, {row.group for row in test} - {""} | of_test
    rest = (row for row in dialogues if row.id not in held_out)
    while part := list(islice(rest, AT_ONCE)):
        alike = near(part, test, params.near_duplicate)
        for row in part:
            if row.group in groups:
                yield Dropped(id=row.id, reason=Reason.GROUP_OF_TEST)
            elif row.id in alike:
                yield Dropped(id=row.id, reason=Reason.NEAR_TEST)
            else:
                yield row


def main(*, source: Path, held_out: Path, train: Path, test: Path, ledger: Path) -> None:
    """Read dialogues and which are tested on; write both sides, the dropped beside the train side, and the ledger.

    The file is read twice: of all dialogues only a part and the tested ones are in memory at a time.
    """
    params, ids, tested, count = SplitParams.load(), jsonl.by_id(held_out, HeldOut), list[Dialogue](), 0
    for row in jsonl.stream(source, Dialogue):
        count += 1
        tested += [row] if row.id in ids else []
    missing = len(ids) - len({row.id for row in tested})
    jsonl.write(test, tested)
    rows = track(jsonl.stream(source, Dialogue), "split", "dialogues", count)
    jsonl.write_outcomes(
        train,
        split(rows, tested, params, cases(ids.values())),
        ledger,
        count - len(tested),
        {"test": len(tested), "missing_test_dialogues": missing},
    )
    if missing:
        note(
            f"split: {missing} of {len(ids)} dialogues of {held_out} are not in {source}, so their test rows are lost; "
            "put their files back into data/raw as they were, or take their lines out"
        )


if __name__ == "__main__":
    run(main)
