"""Base against tuned, paired, with intervals: whether general ability collapsed and the domain score rose (§3.5)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import DialInsightError, InputError
from stages.core.params import Section
from stages.core.row import Row
from stages.core.stage import run
from stages.evaluation.retention import verdicts as retention
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, PassageLoss
from stages.evaluation.rows.score import Score

R = TypeVar("R", bound=Row)
Pair = tuple[R, R]


class Retain(Section):
    """How much may be lost after training and still count as retained."""

    section: ClassVar[str] = "retain"

    margin: float = Field(gt=0, lt=1)
    """Loss of accuracy that still counts as retained."""
    likelihood_margin: float = Field(gt=0)
    """Loss of the right answers' log-probability that still counts, nats per character."""
    perplexity_margin: float = Field(gt=0)
    """Rise of perplexity on general text that still counts, as a share of the base's."""
    kl_margin: float = Field(gt=0)
    """KL(base‖tuned) on general text that still counts, nats per token."""
    disagreement_margin: float = Field(gt=0, lt=1)
    """Share of that text's tokens at which the models may prefer different ones."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of each interval."""
    resamples: int = Field(ge=100)
    """Draws of the paired bootstrap."""
    seed: int
    """Of the bootstrap."""
    gate: Literal["report", "fail"]
    """What a collapsed model does: `report` it, or `fail` the stage."""

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


def retain(
    outcomes: Sequence[Pair[BenchmarkOutcome]], drifts: Sequence[Drift], scores: Sequence[Pair[Score]], params: Retain
) -> dict[str, Any]:
    """Return what metrics/retention.json holds; its first keys are the overall verdict and the measures it rests on."""
    counted, aside, likelihoods = _answers(outcomes, params)
    general = {
        "accuracy": counted,
        "right_answer": likelihoods,
        "text": _texts(outcomes, params),
        **_drift(drifts, params),
    }
    verdicts = {f"{kind} {name}": row["verdict"] for kind, rows in general.items() for name, row in rows.items()}
    domain = retention.score_change(
        [base.reference_similarity for base, _ in scores],
        [tuned.reference_similarity for _, tuned in scores],
        [base.dialogue for base, _ in scores],
        params.plan,
    )
    concluded = retention.conclusion(verdicts, params.plan)
    return {**concluded, **general, "other_formulation": aside, "domain": domain, "confidence": params.confidence}


Answered = tuple[ChoiceResult, ChoiceResult, str]  # base, tuned, subject
Table = dict[str, Any]


def _answers(outcomes: Sequence[Pair[BenchmarkOutcome]], params: Retain) -> tuple[Table, Table, Table]:
    """Return by suite and shots: the accuracy in the formulation that suits the base better, the other, and likelihoods."""
    groups: dict[str, dict[str, list[Answered]]] = {}
    for base, tuned in outcomes:
        if isinstance(base.result, ChoiceResult) and isinstance(tuned.result, ChoiceResult):
            group = groups.setdefault(f"{base.suite}_{base.shots}_shot", {})
            group.setdefault(base.formulation, []).append((base.result, tuned.result, base.subject))
    counted, aside, likelihoods = Table(), Table(), Table()
    for name, formulations in groups.items():
        for kind, rows in sorted(formulations.items(), key=lambda item: -sum(base.right for base, _, _ in item[1])):
            (aside if name in counted else counted)[name] = {"formulation": kind} | _accuracy(rows, params)
            if rows[0][0].characters:
                likelihoods[name] = _likelihood(rows, params)
    return counted, aside, likelihoods


def _accuracy(rows: Sequence[Answered], params: Retain) -> Table:
    return retention.accuracy_change(
        [base.right for base, _, _ in rows],
        [tuned.right for _, tuned, _ in rows],
        [subject for _, _, subject in rows],
        sum(1 / len(base.log_probabilities) for base, _, _ in rows) / len(rows),
        params.margin,
        params.plan,
    )


def _likelihood(rows: Sequence[Answered], params: Retain) -> Table:
    return retention.likelihood_change(
        [base.log_probabilities[base.gold] / base.characters[base.gold] for base, _, _ in rows],
        [tuned.log_probabilities[tuned.gold] / tuned.characters[tuned.gold] for _, tuned, _ in rows],
        [subject for _, _, subject in rows],
        params.likelihood_margin,
        params.plan,
    )


def _texts(outcomes: Sequence[Pair[BenchmarkOutcome]], params: Retain) -> Table:
    groups: dict[str, list[tuple[PassageLoss, PassageLoss]]] = {}
    for base, tuned in outcomes:
        if isinstance(base.result, PassageLoss) and isinstance(tuned.result, PassageLoss):
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


def _drift(drifts: Sequence[Drift], params: Retain) -> Table:
    groups: dict[str, list[Drift]] = {}
    for row in drifts:
        groups.setdefault(row.language, []).append(row)
    found: dict[str, Table] = {"kl": {}, "disagreement": {}}
    for language, rows in groups.items():
        tokens = [row.tokens for row in rows]
        kl, apart = [row.kl for row in rows], [row.tokens - row.agree for row in rows]
        found["kl"][language] = retention.divergence(kl, tokens, params.kl_margin, params.plan)
        found["disagreement"][language] = retention.divergence(apart, tokens, params.disagreement_margin, params.plan)
    return found


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


def main(
    *, base: Path, tuned: Path, drift: Path, base_scores: Path, tuned_scores: Path, report: Path, plot: Path
) -> None:
    """Compare; with gate `fail`, a collapse ends the stage after its metrics are written."""
    params = Retain.load()
    outcomes = paired(jsonl.stream(base, BenchmarkOutcome), jsonl.stream(tuned, BenchmarkOutcome), tuned)
    scores = paired(jsonl.stream(base_scores, Score), jsonl.stream(tuned_scores, Score), tuned_scores)
    found = retain(outcomes, jsonl.read(drift, Drift), scores, params)
    metrics.write(report, found)
    metrics.write(plot, points(found))
    if params.gate == "fail" and found["verdict"] == "collapsed":
        raise DialInsightError(
            f"{report}: general ability collapsed; lower finetune.learning_rate or epochs, mix in general data, or set retain.gate: report"
        )


if __name__ == "__main__":
    run(main)
