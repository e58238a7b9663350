"""Base against tuned, paired, with intervals: whether general ability collapsed and the domain score rose (§3.5)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field

from stages.errors import DialInsightError, InputError
from stages.measures import retention
from stages.ports import jsonl, metrics
from stages.ports.params import Section
from stages.ports.stage import run
from stages.records.benchmark import Choice, Loss, Outcome
from stages.records.row import Row
from stages.records.score import Score

R = TypeVar("R", bound=Row)
Pair = tuple[R, R]


class Retain(Section):
    """What counts as a collapse."""

    section: ClassVar[str] = "retain"

    margin: float = Field(gt=0, lt=1)  # loss of accuracy that still counts as retained
    perplexity_margin: float = Field(gt=0)  # rise of perplexity on general text that still counts as retained
    confidence: float = Field(gt=0.5, lt=1)  # of the intervals
    resamples: int = Field(ge=100)  # of the paired bootstrap
    seed: int
    gate: Literal["report", "fail"]  # what a collapse does: say it, or fail the stage

    @property
    def plan(self) -> retention.Plan:
        """The part that the statistics need."""
        return retention.Plan(self.confidence, self.resamples, self.seed)


def paired(base: Iterable[R], tuned: Iterable[R], place: Path) -> list[Pair[R]]:
    """Return the rows of both models by id, in the base's order; both must have answered the same."""
    others = {row.id: row for row in tuned}
    rows = list(base)
    if {row.id for row in rows} != set(others):
        raise InputError(f"{place}: not the rows that the base model has; run `dvc repro` for both models")
    return [(row, others[row.id]) for row in rows]


def retain(outcomes: Sequence[Pair[Outcome]], scores: Sequence[Pair[Score]], params: Retain) -> dict[str, Any]:
    """Return what metrics/retention.json holds; the overall verdict is the worst of the general measures."""
    general = {"accuracy": _accuracies(outcomes, params), "text": _texts(outcomes, params)}
    verdicts = [found["verdict"] for measure in general.values() for found in measure.values()]
    domain = retention.score_change(
        [base.reference_similarity for base, _ in scores],
        [tuned.reference_similarity for _, tuned in scores],
        [base.dialogue for base, _ in scores],
        params.plan,
    )
    return {"verdict": retention.overall(verdicts), **general, "domain": domain, "confidence": params.confidence}


def _accuracies(outcomes: Sequence[Pair[Outcome]], params: Retain) -> dict[str, Any]:
    groups: dict[str, list[tuple[Choice, Choice, str]]] = {}
    for base, tuned in outcomes:
        if isinstance(base.result, Choice) and isinstance(tuned.result, Choice):
            group = groups.setdefault(f"{base.suite}_{base.shots}_shot", [])
            group.append((base.result, tuned.result, base.subject))
    return {
        name: retention.accuracy_change(
            [base.right for base, _, _ in rows],
            [tuned.right for _, tuned, _ in rows],
            [subject for _, _, subject in rows],
            sum(1 / len(base.log_probabilities) for base, _, _ in rows) / len(rows),
            params.margin,
            params.plan,
        )
        for name, rows in groups.items()
    }


def _texts(outcomes: Sequence[Pair[Outcome]], params: Retain) -> dict[str, Any]:
    groups: dict[str, list[tuple[Loss, Loss]]] = {}
    for base, tuned in outcomes:
        if isinstance(base.result, Loss) and isinstance(tuned.result, Loss):
            groups.setdefault(base.language, []).append((base.result, tuned.result))
    return {
        language: retention.perplexity_change(
            [base.nll for base, _ in rows],
            [tuned.nll for _, tuned in rows],
            [base.tokens for base, _ in rows],
            params.perplexity_margin,
            params.plan,
        )
        for language, rows in groups.items()
    }


def points(found: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the rows of the plot: accuracies in percent, the domain score in percent of 10, for both models."""
    shown = {f"{name.replace('_', ' ')}, accuracy %": (100, figures) for name, figures in found["accuracy"].items()}
    shown["domain, reference similarity, % of 10"] = (10, found["domain"])
    return [
        {"measure": name, "model": model, "score": round(factor * figures[model], 2)}
        for name, (factor, figures) in shown.items()
        for model in ("base", "tuned")
        if figures[model] is not None
    ]


def main(base: Path, tuned: Path, base_scores: Path, tuned_scores: Path, target: Path, plot: Path) -> None:
    """Compare; with gate `fail`, a collapse ends the stage after its metrics are written."""
    params = Retain.load()
    outcomes = paired(jsonl.stream(base, Outcome), jsonl.stream(tuned, Outcome), tuned)
    scores = paired(jsonl.stream(base_scores, Score), jsonl.stream(tuned_scores, Score), tuned_scores)
    found = retain(outcomes, scores, params)
    metrics.write(target, found)
    metrics.write(plot, points(found))
    if params.gate == "fail" and found["verdict"] == "collapsed":
        raise DialInsightError(
            f"{target}: general ability collapsed; lower finetune.learning_rate or epochs, mix in general data, or set retain.gate: report"
        )


if __name__ == "__main__":
    run(main)
