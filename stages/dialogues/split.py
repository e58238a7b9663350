"""Hold out the dialogues of the test set, which a file in Git names; all others are trained on, except what gives these away (§3.1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.progress import note, track
from stages.core.row import content_id
from stages.core.stage import run
from stages.rows.dialogue import Dialogue, HeldOut
from stages.text.languages import runs_of, units

SPAN = 5  # words in a row: what two conversations have in common by chance is shorter


class SplitParams(Section):
    """What stays out of training because it is like a dialogue of the test set."""

    section: ClassVar[str] = "split"
    near_duplicate: float = Field(gt=0, le=1)
    """Dialogues that share at least this of their runs of words with a test dialogue are dropped from training."""


def runs(row: Dialogue) -> set[tuple[str, ...]]:
    """Return every `SPAN` words in a row (Chinese: characters) of a dialogue, across turns; of a shorter one, all its words."""
    text = "\n".join(turn.text for turn in row.turns)
    return set(runs_of(text, SPAN)) or {tuple(units(text))}


class Overlap:
    """What dialogues share with some others, as a share of the shorter one's runs: the half of a dialogue, copied, is a half.

    Bare token counts, which were compared before, are alike for any two long conversations: of 225 unrelated ones, 30 of them
    of some 2,700 tokens, 20 reached the cosine of .95 that marked a copy; of runs of five words they share at most .02.
    """

    def __init__(self, others: Sequence[Dialogue]) -> None:
        """Look the runs of `others` up once."""
        self._where = defaultdict[tuple[str, ...], list[int]](list)
        self._counts = list[int]()
        for number, row in enumerate(others):
            own = runs(row)
            self._counts.append(len(own))
            for words in own:
                self._where[words].append(number)

    def __call__(self, row: Dialogue) -> float:
        """Return the greatest share of a dialogue with one of the others; 0.0 where there are none."""
        own = runs(row)
        shared = Counter(number for words in own for number in self._where.get(words, ()))
        return max((count / min(self._counts[number], len(own)) for number, count in shared.items()), default=0.0)


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
    overlap = Overlap(test)
    for row in dialogues:
        if row.id in held_out:
            continue
        if row.group in groups:
            yield Dropped(id=row.id, reason=Reason.GROUP_OF_TEST)
        elif overlap(row) >= params.near_duplicate:
            yield Dropped(id=row.id, reason=Reason.NEAR_TEST)
        else:
            yield row


def main(*, source: Path, held_out: Path, train: Path, test: Path, ledger: Path) -> None:
    """Read dialogues and which are tested on; write both sides, the dropped beside the train side, and the ledger.

    The file is read twice: of all dialogues only the tested ones are in memory.
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
