"""A model against the base model on the same test rows: each measure with its paired interval, by task, scene, format and language (§3.4)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.row import Record
from stages.core.stage import run
from stages.evaluation.rows import domain
from stages.evaluation.rows.domain import GRADE, SIMILARITY, Measure
from stages.evaluation.rows.pair import Pair, paired
from stages.evaluation.rows.score import Parts, Score
from stages.statistics.bootstrap import Resampling, ratio

Sum = tuple[float, float]  # a measure's sum over what it is counted in, and how much that is

NLL = "nll_per_character"
ATOMIC = "atomic"
SIDES = {"seen": False, "unseen": True}
NAMES = (GRADE, SIMILARITY, *Parts.model_fields, ATOMIC, NLL)


class Compare(Section, Resampling):
    """How sure the intervals are; whole dialogues are drawn."""

    section: ClassVar[str] = "compare"


class MeasureChange(Record):
    """A measure's mean for both models over `n` rows, and model − base with its interval; None without rows."""

    n: int
    base: float | None = None
    model: float | None = None
    delta: float | None = None
    low: float | None = None
    high: float | None = None


class ModelComparison(Record):
    """What metrics/comparison/<model>.json holds: every measure over all rows, the domain score by group.

    `measure` is the domain score: the judge's grade, over the rows where it graded both answers, or reference similarity.
    Deltas are model − base: above zero is better, but for `nll_per_character`, where below is.
    """

    rows: int
    dialogues: int
    confidence: float
    measure: Measure
    measures: dict[str, MeasureChange]
    by_task: dict[str, MeasureChange]
    by_scene: dict[str, MeasureChange]
    by_format: dict[str, MeasureChange]
    by_language: dict[str, MeasureChange]
    by_requirement: dict[str, dict[str, MeasureChange]]
    """Every measure by whether the requirement is `seen` in training or `unseen`; empty where there is one kind of rows only."""


def compare(pairs: Sequence[Pair[Score]], resampling: Resampling) -> ModelComparison:
    """Return how a model's scores differ from the base's."""
    measure = domain.of_pairs(pairs)
    return ModelComparison(
        rows=len(pairs),
        dialogues=len({pair.base.dialogue for pair in pairs}),
        confidence=resampling.confidence,
        measure=measure,
        measures={name: change(pairs, name, resampling) for name in NAMES},
        by_task=_by(pairs, lambda score: score.task, measure, resampling),
        by_scene=_by(pairs, lambda score: score.scene, measure, resampling),
        by_format=_by(pairs, lambda score: score.format, measure, resampling),
        by_language=_by(pairs, lambda score: score.language, measure, resampling),
        by_requirement=_by_requirement(pairs, resampling),
    )


def _by_requirement(pairs: Sequence[Pair[Score]], resampling: Resampling) -> dict[str, dict[str, MeasureChange]]:
    sides = {name: [pair for pair in pairs if pair.base.unseen == unseen] for name, unseen in SIDES.items()}
    if not all(sides.values()):
        return {}
    return {name: {each: change(side, each, resampling) for each in NAMES} for name, side in sides.items()}


def _by(
    pairs: Sequence[Pair[Score]], group: Callable[[Score], str], measure: Measure, resampling: Resampling
) -> dict[str, MeasureChange]:
    names = sorted({group(pair.base) for pair in pairs})
    return {name: change([pair for pair in pairs if group(pair.base) == name], measure, resampling) for name in names}


def change(pairs: Sequence[Pair[Score]], name: str, resampling: Resampling) -> MeasureChange:
    """Return how a measure differs over the rows where it says something of both answers.

    Where all rows are of one dialogue the interval is null: nothing can be said.
    """
    both = [(_value(pair.base, name), _value(pair.model, name), pair.base.dialogue) for pair in pairs]
    rows = [(base, model, dialogue) for base, model, dialogue in both if base and model]
    if not rows:
        return MeasureChange(n=0)
    weights = [weight for (_, weight), _, _ in rows]
    differences = [model - base for (base, _), (model, _), _ in rows]
    difference = ratio(differences, weights, [dialogue for _, _, dialogue in rows], resampling)
    return MeasureChange(
        n=len(rows),
        base=sum(base for (base, _), _, _ in rows) / sum(weights),
        model=sum(model for _, (model, _), _ in rows) / sum(weights),
        delta=difference.value,
        low=difference.low,
        high=difference.high,
    )


def _value(score: Score, name: str) -> Sum | None:
    """Return a measure of one answer, counted in rows, or the reference's likelihood, counted in its characters."""
    if name == NLL:
        return (score.likelihood.nll, score.likelihood.characters) if score.likelihood else None
    if name == ATOMIC:
        return (score.atomic.f1, 1.0) if score.atomic else None
    share = getattr(score if name in (GRADE, SIMILARITY) else score.parts, name)
    return None if share is None else (share, 1.0)


def main(*, base: Path, model: Path, report: Path) -> None:
    """Compare the scores of two models."""
    pairs = paired(jsonl.stream(base, Score), jsonl.stream(model, Score), model)
    metrics.write(report, compare(pairs, Compare.load()).model_dump())


if __name__ == "__main__":
    run(main)
