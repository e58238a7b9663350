"""The frozen test set: stored prompts around their conversations, each with its reference (§3.4; Table 1).

Nothing is drawn: which conversation is asked what, in which words, is a file in Git, so neither new conversations nor a change
of templates, params or models moves a row.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stages.core import jsonl, metrics
from stages.core.dropped import Dropped, Reason
from stages.core.progress import note
from stages.core.stage import run
from stages.rows.dialogue import Dialogue
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Reference
from stages.samples.composition import composition
from stages.samples.provided import provided
from stages.samples.spliced import spliced


def testset(
    prompts: Iterable[Prompt], dialogues: Mapping[str, Dialogue], references: Mapping[str, Reference]
) -> Iterator[LabeledSample | Dropped]:
    """Yield one outcome for each stored prompt, in order: without its conversation or its reference it is dropped."""
    for prompt in prompts:
        talk, reference = dialogues.get(prompt.dialogue), references.get(prompt.pair)
        if talk is None:
            yield Dropped(id=prompt.pair, reason=Reason.NO_DIALOGUE, parents=(prompt.dialogue, prompt.id))
        elif reference is None:
            yield Dropped(id=prompt.pair, reason=Reason.NO_REFERENCE, parents=(prompt.dialogue, prompt.id))
        else:
            yield provided(spliced(prompt, talk), reference)


def main(*, dialogues: Path, stored: Path, target: Path, ledger: Path, plot: Path) -> None:
    """Read a version of the test set and its conversations, write its rows, and how they divide over tasks and formats."""
    prompts = stored / "prompts.jsonl"
    rows, given = jsonl.read(prompts, Prompt), jsonl.by_id(stored / "references.jsonl", Reference)
    unmatched, talks = len(given.keys() - {row.pair for row in rows}), jsonl.by_id(dialogues, Dialogue)
    outcomes = list(testset(rows, talks, given))
    lost = sum(row.dialogue not in talks and row.pair in given for row in rows)
    if lost or unmatched:
        note(
            f"testset: {lost} references have no conversation, {unmatched} no row in {prompts}; put the conversations back into "
            f"data/raw as they were, the rows back into {prompts}, or take the references out"
        )
    orphans = {"references_without_dialogue": lost, "unmatched_references": unmatched}
    jsonl.write_outcomes(target, outcomes, ledger, len(rows), orphans, may_be_empty=True)
    metrics.write(plot, composition("test", (row for row in outcomes if isinstance(row, LabeledSample))))


if __name__ == "__main__":
    run(main)
