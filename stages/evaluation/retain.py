"""Base against tuned, paired, with intervals: whether general ability collapsed and the domain score rose (§3.5)."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import DialInsightError
from stages.core.params import Section
from stages.core.row import Language, Record
from stages.core.stage import run
from stages.evaluation.retention import general
from stages.evaluation.retention.changes import (
    AccuracyChange,
    DivergenceVerdict,
    LikelihoodChange,
    NoScores,
    PerplexityChange,
    ScoreChange,
    divergence,
    score_change,
)
from stages.evaluation.retention.conduct import ConductChange, TooFewAnswers, conduct_changes
from stages.evaluation.retention.general import Answer, Loss, Question
from stages.evaluation.retention.seen import Seen
from stages.evaluation.retention.verdicts import Conclusion, Verdict, conclusion
from stages.evaluation.rows import domain
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.domain import SIMILARITY, Measure
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, PassageLoss
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.pair import Pair, paired
from stages.evaluation.rows.score import Score
from stages.statistics.bootstrap import Resampling


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
    conduct_margin: float = Field(gt=0, lt=1)
    """Loss of right answers to requests of one subject and language (stage conduct) that still counts."""
    conduct_failures: float = Field(ge=0, lt=1)
    """Share of these requests that may be without an answer of one of the models; above it: not measurable."""
    gate: Literal["report", "fail"]
    """What a collapsed model does: `report` it, or `fail` the stage."""


class _Measured(Record):
    measure: Measure
    rows: int


class DomainChange(ScoreChange, _Measured):  # the fields of the last base come first
    """Of the domain score: the `measure` that it is, over `n` of the `rows` that both models were asked."""


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
    conduct: dict[str, ConductChange | TooFewAnswers]
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
    conducts: Sequence[Pair[ConductOutcome]] = (),
    hits: Sequence[Hit] = (),
) -> Retention:
    """Return what changed in general ability, conduct and the domain, and the verdict on the former two, without the items in `hits`."""
    left_out = Seen(hits).left_out(outcomes)
    outcomes, drifts = Seen(hits).others(outcomes, drifts)
    twice = list(_twice(outcomes))
    accuracy, right_answer, other_formulation = general.answers(
        _answers(outcomes), params.margin, params.likelihood_margin, params, [_answers(twice)]
    )
    text = general.texts(_losses(outcomes), params.perplexity_margin, params, [_losses(twice)])
    kl, disagreement = _drift(drifts, params)
    conduct = conduct_changes(conducts, params.conduct_margin, params.conduct_failures, params)
    measure = domain.of_pairs(scores)
    verdicts: dict[str, Verdict] = {
        **{f"accuracy {name}": change.verdict for name, change in accuracy.items()},
        **{f"right_answer {name}": change.verdict for name, change in right_answer.items()},
        **{f"text {language}": change.verdict for language, change in text.items()},
        **{f"kl {language}": change.verdict for language, change in kl.items()},
        **{f"disagreement {language}": change.verdict for language, change in disagreement.items()},
        **{f"conduct {name}{_without(change)}": change.verdict for name, change in conduct.items()},
    }
    return Retention(
        **conclusion(verdicts, params.tail).model_dump(),
        accuracy=accuracy,
        right_answer=right_answer,
        text=text,
        kl=kl,
        disagreement=disagreement,
        conduct=conduct,
        other_formulation=other_formulation,
        domain=_domain(scores, measure, params),
        similarity=None if measure == SIMILARITY else _domain(scores, SIMILARITY, params),
        left_out=left_out,
        confidence=params.confidence,
    )


def _without(change: ConductChange | TooFewAnswers) -> str:
    """Return how many of the items are left out, if any."""
    return f" ({change.failed} of {change.n + change.failed} left out: no answer)" if change.failed else ""


def _twice(outcomes: Iterable[Pair[BenchmarkOutcome]]) -> Iterator[Pair[BenchmarkOutcome]]:
    """Yield the base against itself: what it read again."""
    for base, _ in outcomes:
        if base.again is not None:
            yield Pair(base, base.model_copy(update={"result": base.again}))


def _answers(outcomes: Iterable[Pair[BenchmarkOutcome]]) -> Iterator[tuple[Question, Pair[Answer]]]:
    """Yield the questions, by suite and shots, and what both models made of them."""
    for item, tuned in outcomes:
        if isinstance(item.result, ChoiceResult) and isinstance(tuned.result, ChoiceResult):
            chance = 1 / len(item.result.log_probabilities)
            question = Question(f"{item.suite}_{item.shots}_shot", item.formulation, item.subject, chance)
            yield question, Pair(_answer(item.result), _answer(tuned.result))


def _answer(result: ChoiceResult) -> Answer:
    """Return the answer, with the log-probability of the right choice's text where texts were scored."""
    gold, characters = result.gold, result.characters
    return Answer(result.right, result.log_probabilities[gold] / characters[gold] if characters else None)


def _losses(outcomes: Iterable[Pair[BenchmarkOutcome]]) -> Iterator[tuple[Language, Pair[Loss]]]:
    """Yield the passages by language, and both models' losses."""
    for item, tuned in outcomes:
        if isinstance(item.result, PassageLoss) and isinstance(tuned.result, PassageLoss):
            yield item.language, Pair(*(Loss(result.nll, result.tokens) for result in (item.result, tuned.result)))


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
        again = [row for row in rows if row.noise is not None and row.noise_agree is not None]
        read = sum(row.tokens for row in again)
        noise = sum(row.noise or 0.0 for row in again) / read if read else None
        kl[language] = divergence([row.kl for row in rows], tokens, params.kl_margin, params, noise)
        apart = [row.tokens - row.agree for row in rows]
        noise = 1 - sum(row.noise_agree or 0 for row in again) / read if read else None
        disagreement[language] = divergence(apart, tokens, params.disagreement_margin, params, noise, most=1)
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
    base_conduct: Path | None = None,
    tuned_conduct: Path | None = None,
    overlap: Path | None = None,
) -> None:
    """Compare, without the items of `overlap`, conduct too where both models' is given.

    With gate `fail`, a collapse ends the stage after its metrics are written.
    """
    params = Retain.load()
    outcomes = paired(jsonl.stream(base, BenchmarkOutcome), jsonl.stream(tuned, BenchmarkOutcome), tuned)
    scores = paired(jsonl.stream(base_scores, Score), jsonl.stream(tuned_scores, Score), tuned_scores)
    conducts, hits = _conducts(base_conduct, tuned_conduct), jsonl.read(overlap, Hit) if overlap else []
    retention = retain(outcomes, jsonl.read(drift, Drift), scores, params, conducts, hits)
    metrics.write(report, retention.model_dump())
    metrics.write(plot, points(retention))
    if params.gate == "fail" and retention.verdict == "collapsed":
        raise DialInsightError(
            f"{report}: general ability collapsed; lower finetune.learning_rate or epochs, mix in general data or keep a share of the update (docs/frontier.md), or set retain.gate: report"
        )


def _conducts(base: Path | None, tuned: Path | None) -> list[Pair[ConductOutcome]]:
    if base is None or tuned is None:
        return []
    return paired(jsonl.stream(base, ConductOutcome), jsonl.stream(tuned, ConductOutcome), tuned)


if __name__ == "__main__":
    run(main)
