"""Base against tuned, paired, with intervals: whether general ability collapsed and the domain score rose (§3.5)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import DialInsightError
from stages.core.params import Section
from stages.core.row import Language, Record
from stages.core.stage import run
from stages.evaluation.retention.changes import (
    AccuracyChange,
    DivergenceVerdict,
    LikelihoodChange,
    NoScores,
    PerplexityChange,
    ScoreChange,
    accuracy_change,
    divergence,
    likelihood_change,
    perplexity_change,
    score_change,
)
from stages.evaluation.retention.seen import Seen
from stages.evaluation.retention.verdicts import Conclusion, Verdict, conclusion
from stages.evaluation.rows import domain
from stages.evaluation.rows.domain import SIMILARITY, Measure
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Formulation, PassageLoss
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.pair import Pair, paired
from stages.evaluation.rows.score import Score
from stages.statistics.bootstrap import Resampling

ItemResult = TypeVar("ItemResult", ChoiceResult, PassageLoss)
Answer = tuple[str, Pair[ChoiceResult]]  # the question's subject, and what both models made of it


class Retain(Section, Resampling):
    """What counts as a collapse."""

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
    gate: Literal["report", "fail"]
    """What a collapsed model does: `report` it, or `fail` the stage."""


class _Measured(Record):
    measure: Measure
    rows: int


class DomainChange(ScoreChange, _Measured):  # the fields of the last base come first
    """Of the domain score: the `measure` that it is, over `n` of the `rows` that both models answered."""


class Retention(Conclusion):
    """What metrics/retention.json holds: the conclusion, then each measure that it may rest on, and the domain beside it.

    Where the domain score is the judge's grade, reference similarity stands beside it in `similarity`. `left_out` counts, by suite,
    the items that no measure counts, as training rows hold them.
    """

    accuracy: dict[str, AccuracyChange]
    right_answer: dict[str, LikelihoodChange]
    text: dict[Language, PerplexityChange]
    kl: dict[Language, DivergenceVerdict]
    disagreement: dict[Language, DivergenceVerdict]
    other_formulation: dict[str, AccuracyChange]
    domain: DomainChange | NoScores
    similarity: DomainChange | NoScores | None
    left_out: dict[str, int]
    confidence: float


def retain(
    outcomes: Sequence[Pair[BenchmarkOutcome]],
    drifts: Sequence[Drift],
    scores: Sequence[Pair[Score]],
    params: Retain,
    hits: Sequence[Hit] = (),
) -> Retention:
    """Return what changed in general ability and in the domain, and the verdict on the former, without the items in `hits`."""
    left_out = Seen(hits).left_out(outcomes)
    outcomes, drifts = Seen(hits).others(outcomes, drifts)
    accuracy, other_formulation, right_answer = _answers(outcomes, params)
    text = _texts(outcomes, params)
    kl, disagreement = _drift(drifts, params)
    measure = domain.of_pairs(scores)
    verdicts: dict[str, Verdict] = {
        **{f"accuracy {name}": change.verdict for name, change in accuracy.items()},
        **{f"right_answer {name}": change.verdict for name, change in right_answer.items()},
        **{f"text {language}": change.verdict for language, change in text.items()},
        **{f"kl {language}": change.verdict for language, change in kl.items()},
        **{f"disagreement {language}": change.verdict for language, change in disagreement.items()},
    }
    return Retention(
        **conclusion(verdicts, params.tail).model_dump(),
        accuracy=accuracy,
        right_answer=right_answer,
        text=text,
        kl=kl,
        disagreement=disagreement,
        other_formulation=other_formulation,
        domain=_domain(scores, measure, params),
        similarity=None if measure == SIMILARITY else _domain(scores, SIMILARITY, params),
        left_out=left_out,
        confidence=params.confidence,
    )


def _results(
    outcomes: Iterable[Pair[BenchmarkOutcome]], kind: type[ItemResult]
) -> Iterable[tuple[BenchmarkOutcome, Pair[ItemResult]]]:
    """Yield the items of one kind, as the base has them, and both models' results."""
    for base, tuned in outcomes:
        if isinstance(base.result, kind) and isinstance(tuned.result, kind):
            yield base, Pair(base.result, tuned.result)


def _answers(
    outcomes: Sequence[Pair[BenchmarkOutcome]], params: Retain
) -> tuple[dict[str, AccuracyChange], dict[str, AccuracyChange], dict[str, LikelihoodChange]]:
    """Return by suite and shots: the accuracy in the formulation that suits the base better, the other, and likelihoods."""
    groups: dict[str, dict[Formulation, list[Answer]]] = {}
    for item, results in _results(outcomes, ChoiceResult):
        group = groups.setdefault(f"{item.suite}_{item.shots}_shot", {})
        group.setdefault(item.formulation, []).append((item.subject, results))
    counted: dict[str, AccuracyChange] = {}
    aside: dict[str, AccuracyChange] = {}
    likelihoods: dict[str, LikelihoodChange] = {}
    for name, formulations in groups.items():
        for kind, answers in sorted(formulations.items(), key=lambda item: -sum(_rights(item[1]).base)):
            (aside if name in counted else counted)[name] = _accuracy(kind, answers, params)
            if answers[0][1].base.characters:
                likelihoods[name] = _likelihood(answers, params)
    return counted, aside, likelihoods


def _rights(answers: Sequence[Answer]) -> Pair[list[int]]:
    return Pair([both.base.right for _, both in answers], [both.model.right for _, both in answers])


def _accuracy(formulation: Formulation, answers: Sequence[Answer], params: Retain) -> AccuracyChange:
    return accuracy_change(
        formulation,
        *_rights(answers),
        [subject for subject, _ in answers],
        sum(1 / len(both.base.log_probabilities) for _, both in answers) / len(answers),
        params.margin,
        params,
    )


def _likelihood(answers: Sequence[Answer], params: Retain) -> LikelihoodChange:
    return likelihood_change(
        [_per_character(both.base) for _, both in answers],
        [_per_character(both.model) for _, both in answers],
        [subject for subject, _ in answers],
        params.likelihood_margin,
        params,
    )


def _per_character(result: ChoiceResult) -> float:
    """Return the log-probability of the right answer, nats per character."""
    return result.log_probabilities[result.gold] / result.characters[result.gold]


def _texts(outcomes: Sequence[Pair[BenchmarkOutcome]], params: Retain) -> dict[Language, PerplexityChange]:
    groups: dict[Language, list[Pair[PassageLoss]]] = {}
    for item, losses in _results(outcomes, PassageLoss):
        groups.setdefault(item.language, []).append(losses)
    return {
        language: perplexity_change(
            [base.nll for base, _ in losses],
            [tuned.nll for _, tuned in losses],
            [base.tokens for base, _ in losses],
            params.perplexity_margin,
            params,
        )
        for language, losses in groups.items()
    }


def _drift(
    drifts: Sequence[Drift], params: Retain
) -> tuple[dict[Language, DivergenceVerdict], dict[Language, DivergenceVerdict]]:
    """Return KL and disagreement by language."""
    groups: dict[Language, list[Drift]] = {}
    for row in drifts:
        groups.setdefault(row.language, []).append(row)
    kl: dict[Language, DivergenceVerdict] = {}
    disagreement: dict[Language, DivergenceVerdict] = {}
    for language, rows in groups.items():
        tokens = [row.tokens for row in rows]
        kl[language] = divergence([row.kl for row in rows], tokens, params.kl_margin, params)
        apart = [row.tokens - row.agree for row in rows]
        disagreement[language] = divergence(apart, tokens, params.disagreement_margin, params)
    return kl, disagreement


def _domain(scores: Sequence[Pair[Score]], measure: Measure, params: Retain) -> DomainChange | NoScores:
    rows = domain.known(scores, measure)
    change = score_change(
        [base for base, _, _ in rows], [tuned for _, tuned, _ in rows], [dialogue for *_, dialogue in rows], params
    )
    if isinstance(change, NoScores):
        return change
    return DomainChange(measure=measure, rows=len(scores), **change.model_dump())


def points(retention: Retention) -> list[dict[str, object]]:
    """Return the rows of the plot: accuracies in percent, grade and reference similarity in percent of 10, for both models."""
    shown: dict[str, tuple[int, AccuracyChange | DomainChange]] = {
        f"{name.replace('_', ' ')}, accuracy %": (100, change) for name, change in retention.accuracy.items()
    }
    for change in (retention.domain, retention.similarity):
        if isinstance(change, DomainChange):
            shown[f"domain, {change.measure.replace('_', ' ')}, % of 10"] = (10, change)
    return [
        {"measure": name, "model": model, "score": round(factor * value, 2)}
        for name, (factor, change) in shown.items()
        for model, value in (("base", change.base), ("tuned", change.tuned))
    ]


def main(
    *,
    base: Path,
    tuned: Path,
    drift: Path,
    base_scores: Path,
    tuned_scores: Path,
    report: Path,
    plot: Path,
    overlap: Path | None = None,
) -> None:
    """Compare, without the items of `overlap`; with gate `fail`, a collapse ends the stage after its metrics are written."""
    params = Retain.load()
    outcomes = paired(jsonl.stream(base, BenchmarkOutcome), jsonl.stream(tuned, BenchmarkOutcome), tuned)
    scores = paired(jsonl.stream(base_scores, Score), jsonl.stream(tuned_scores, Score), tuned_scores)
    hits = jsonl.read(overlap, Hit) if overlap else []
    retention = retain(outcomes, jsonl.read(drift, Drift), scores, params, hits)
    metrics.write(report, retention.model_dump())
    metrics.write(plot, points(retention))
    if params.gate == "fail" and retention.verdict == "collapsed":
        raise DialInsightError(
            f"{report}: general ability collapsed; lower finetune.learning_rate or epochs, mix in general data, or set retain.gate: report"
        )


if __name__ == "__main__":
    run(main)
