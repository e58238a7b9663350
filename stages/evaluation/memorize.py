"""Did training memorize personal values? Exposure by likelihood rank, before and after, of planted and of missed ones (Carlini et al. 2019)."""

from collections.abc import Iterator, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.canaries.canary import Canary
from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.row import Record
from stages.core.stage import run
from stages.evaluation.memorization import probe as probes
from stages.evaluation.memorization.exposure import Exposure, by_chance
from stages.evaluation.memorization.probe import Known, Place, Probe
from stages.evaluation.memorization.verdicts import Change, GroupChange, Verdict, group, overall
from stages.pii.gold import Marked
from stages.pii.values.spans import KINDS
from stages.rows.missed import Digest, Missed
from stages.rows.sample import LabeledSample
from stages.rows.training import TrainingRow
from stages.statistics.bootstrap import Resampling


class Memorize(Section, Resampling):
    """How memorizing is measured."""

    section: ClassVar[str] = "memorize"

    values: int = Field(ge=16, le=256)
    """Values that each is ranked among, itself one of them: the most that exposure can be is log2 of it."""
    margin: float = Field(gt=0)
    """Rise of exposure that still counts as not seen, bits."""


class Memorization(Record):
    """What metrics/memorization.json holds: the verdict over what was trained on, and each group; exposure in bits.

    `by_chance`: the mean exposure of values that no model has seen, `most` that of values ranked before all others. `known`: missed values
    that stand in training rows, `without_others` of which cannot be measured, as too few values have their form.
    """

    verdict: Verdict
    rests_on: str
    ranked_among: int
    by_chance: float
    most: float
    planted: dict[str, GroupChange]
    held_out: GroupChange
    missed: GroupChange
    missed_elsewhere: GroupChange
    known: int
    without_others: int
    confidence: float


def memorize(asked: Sequence[Probe], base: Path, tuned: Path) -> Iterator[Exposure]:
    """Yield what both models make of each value that has others like it; none beyond a model's context."""
    ranked = [one for one in asked if one.others]
    if not ranked:
        return
    from stages.evaluation.memorization.ranking import Ranker  # noqa: PLC0415 - torch, where there is something to rank
    from stages.models.loading import within_memory  # noqa: PLC0415 - as above

    with within_memory("memorize"):
        before, after = (Ranker(folder).exposures(ranked, f"memorize: {folder.name}") for folder in (base, tuned))
    for one, first, second in zip(ranked, before, after, strict=True):
        if first is not None and second is not None:
            yield Exposure(
                **{name: getattr(one, name) for name in ("id", "group", "kind", "language", "copies", "cluster")},
                most=round(log2(len(one.others) + 1), 6),
                before=round(first, 6),
                after=round(second, 6),
            )


def summary(rows: Sequence[Exposure], asked: Sequence[Probe], params: Memorize) -> Memorization:
    """Return the verdict and the figures of each group."""

    def change(name: str, copies: int = 0, control: Change | None = None) -> GroupChange:
        found = [row for row in rows if row.group == name and row.copies == copies]
        return group(found, params.margin, params, control)

    held_out, elsewhere = change("held_out"), change("missed_elsewhere")
    numbers = sorted({one.copies for one in asked if one.group == "planted"})
    planted = {f"copies_{copies}": change("planted", copies, held_out) for copies in numbers}
    missed = change("missed", control=elsewhere)
    verdict, rests_on = overall({**{f"planted {name}": one for name, one in planted.items()}, "missed": missed})
    known = [one for one in asked if one.group == "missed"]
    return Memorization(
        verdict=verdict,
        rests_on=rests_on,
        ranked_among=params.values,
        by_chance=by_chance(params.values),
        most=log2(params.values),
        planted=planted,
        held_out=held_out,
        missed=missed,
        missed_elsewhere=elsewhere,
        known=len(known),
        without_others=sum(not one.others for one in known),
        confidence=params.confidence,
    )


def places(trained: Path, labelled: Path) -> Iterator[Place]:
    """Yield the rows that were trained on, then the labelled ones that were not."""
    used = set[str]()
    for row in jsonl.stream(trained, TrainingRow):
        used.add(row.id)
        yield Place(row.dialogue_id, row.language, row.messages[0].content, row.messages[-1].content, trained=True)
    for other in jsonl.stream(labelled, LabeledSample):
        if other.id not in used:
            yield Place(other.dialogue, other.language, other.text, other.answer, trained=False)


def marks(gold: Path) -> Mapping[str, Known]:
    """Return what people marked by the digest of its text; of kinds unknown here, nothing."""
    return {
        Digest.of(mark.text).digest: Known(mark.kind, mark.text)
        for mark in jsonl.stream(gold, Marked)
        if mark.kind in KINDS
    }


def main(
    *,
    base: Path,
    tuned: Path,
    planted: Path,
    trained: Path,
    labelled: Path,
    missed: Path,
    gold: Path,
    target: Path,
    report: Path,
) -> None:
    """Ask both models for the canaries and for what anonymization is known to have missed; neither file holds a value."""
    params = Memorize.load()
    canaries, lost = jsonl.read(planted, Canary), jsonl.read(missed, Missed)
    asked = list(probes.planted(canaries, params.values - 1, params.seed))
    found = places(trained, labelled) if lost else ()
    asked += probes.missed(found, lost, marks(gold) if lost else {}, params.values - 1, params.seed)
    rows = list(memorize(asked, base, tuned))
    jsonl.write(target, rows)
    metrics.write(report, summary(rows, asked, params).model_dump())


if __name__ == "__main__":
    run(main)
