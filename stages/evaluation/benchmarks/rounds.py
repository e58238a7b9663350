"""The rounds of a benchmark: what is asked in which way, what a model makes of it, and part of it read a second time (§3.4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.core.row import Language
from stages.evaluation.benchmarks import lm_eval_runner, own_files, tasks
from stages.evaluation.benchmarks.settings import Asking, Bench, Suite
from stages.evaluation.rows.outcome import BenchmarkOutcome, Passage


class Round(NamedTuple):
    """One way of asking a suite."""

    suite: Suite
    split: str
    language: Language | None  # None: each question says its own
    shots: int
    formulation: Asking
    subjects: tasks.Subjects


def rounds(params: Bench, data: Path, official: Path) -> Iterator[Round]:
    """Yield what is to be asked, by suite, shots and formulation."""
    for suite in params.suites:
        if suite == "small":
            shown, asked = (own_files.questions(data, split) for split in own_files.SPLITS)
        else:
            tables, language = tasks.tables(suite, official), tasks.OFFICIAL[suite].language
        for shots in params.shots:
            for formulation in params.formulations:
                if suite == "small":
                    subjects = tasks.own(shown, asked, shots, formulation)
                    yield Round(suite, "test", None, shots, formulation, subjects)
                else:
                    subjects = tasks.official(tables, shots, formulation)
                    yield Round(suite, tables.asked, language, shots, formulation, subjects)


def bench(
    scorer: lm_eval_runner.LmEvalScorer, plan: Sequence[Round], passages: Sequence[Passage], limit: int
) -> Iterator[BenchmarkOutcome]:
    """Yield what the model made of every question, in the order of the plan and by subject, then of every passage."""
    for suite, _, language, shots, formulation, subjects in plan:
        yield from lm_eval_runner.outcomes(scorer, suite, subjects, shots, formulation, limit, language)
    yield from scorer.losses(passages, "bench: text")


def read_again(
    outcomes: Sequence[BenchmarkOutcome],
    scorer: lm_eval_runner.LmEvalScorer,
    plan: Sequence[Round],
    passages: Sequence[Passage],
    params: Bench,
) -> Iterator[BenchmarkOutcome]:
    """Yield the outcomes, one in `params.twice` subjects and passages with what the model makes of them in other batches.

    Subjects are whole, as what their questions share is most of the work.
    """
    part = [of._replace(subjects=dict(list(of.subjects.items())[:: params.twice])) for of in plan]
    second = bench(scorer.in_other_batches(), part, passages[:: params.twice], params.limit)
    results = {row.id: row.result for row in second}
    for row in outcomes:
        yield row.model_copy(update={"again": results.get(row.id)})


def provenance(scorer: lm_eval_runner.LmEvalScorer) -> dict[str, object]:
    """Return how many of the log-likelihoods were recorded, and where; nothing if all were computed."""
    origin, asked, computed = scorer.recorded.origin, len(scorer.scored), len(scorer.computed)
    if origin is None or computed == asked:
        return {}
    where = {"processor": origin.processor, "threads": origin.threads, "date": origin.date}
    return {"recorded": {"log_likelihoods": asked - computed, "of": asked, **where}}
