"""General benchmarks at 0 and 5 shots, and perplexity of held-out general text (§3.4)."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal, get_args

from pydantic import Field

from stages.ports import harness, jsonl, metrics, models
from stages.ports.params import Section
from stages.ports.stage import run
from stages.records.benchmark import Choice, Loss, Outcome, Passage, Question
from stages.records.row import Language

Suite = Literal["small", "mmlu", "ceval", "cmmlu"]


class Bench(Section):
    """What to ask."""

    section: ClassVar[str] = "bench"

    suites: tuple[Suite, ...]  # small: data/bench/small | mmlu, ceval, cmmlu: the official ones, from the hub
    shots: tuple[int, ...] = Field(min_length=1)  # answered questions shown before each
    limit: int = Field(ge=0)  # questions for each subject, spread evenly; 0: all
    batch_size: int = Field(ge=1)  # questions in one batch


def bench(scorer: harness.Scorer, data: Path, params: Bench) -> Iterator[Outcome]:
    """Yield what the model made of every question, by suite, shots and subject, then of every passage."""
    for suite in params.suites:
        for shots in params.shots:
            yield from _suite(scorer, suite, data, shots, params.limit)
    yield from scorer.losses(jsonl.read(data / "general_text.jsonl", Passage), "bench: text")


def _suite(scorer: harness.Scorer, suite: Suite, data: Path, shots: int, limit: int) -> Iterator[Outcome]:
    if suite == "small":
        shown, asked = (jsonl.read(data / "small" / f"{split}.jsonl", Question) for split in ("dev", "test"))
        return harness.outcomes(scorer, suite, harness.own(shown, asked, shots), shots, limit)
    return harness.outcomes(scorer, suite, harness.official(suite, shots), shots, limit, harness.OFFICIAL[suite][1])


def summary(outcomes: Sequence[Outcome], params: Bench, model: str) -> dict[str, object]:
    """Return what metrics/general/<model>.json holds: accuracy by suite and shots, then perplexity by language."""
    found: dict[str, object] = {"model": model}
    for suite in params.suites:
        rows = [row for row in outcomes if row.suite == suite]
        found[suite] = {f"{shots}_shot": _accuracy([r for r in rows if r.shots == shots]) for shots in params.shots}
    return found | {"text": _perplexity([row for row in outcomes if isinstance(row.result, Loss)])}


def _accuracy(rows: Sequence[Outcome]) -> dict[str, object]:
    choices = [row.result for row in rows if isinstance(row.result, Choice)]
    n = len(choices)
    return {
        "n": n,
        "accuracy": sum(c.right for c in choices) / n if n else None,
        "chance": sum(1 / len(c.log_probabilities) for c in choices) / n if n else None,
        "right_log_probability": sum(c.log_probabilities[c.gold] for c in choices) / n if n else None,
        "by_language": {
            language: {"n": len(group), "accuracy": sum(c.right for c in group) / len(group)}
            for language in get_args(Language)
            if (group := [row.result for row in rows if row.language == language and isinstance(row.result, Choice)])
        },
    }


def _perplexity(rows: Sequence[Outcome]) -> dict[str, object]:
    found: dict[str, object] = {}
    for language in get_args(Language):
        losses = [row.result for row in rows if row.language == language and isinstance(row.result, Loss)]
        if losses:
            nll, tokens = sum(loss.nll for loss in losses), sum(loss.tokens for loss in losses)
            bits = nll / math.log(2) / sum(loss.characters for loss in losses)
            found[language] = {
                "n": len(losses),
                "tokens": tokens,
                "perplexity": math.exp(nll / tokens),
                "bits_per_character": bits,
            }
    return found


def main(model: Path, data: Path, target: Path, report: Path) -> None:
    """Ask the model in `model`."""
    params = Bench.load()
    outcomes = list(bench(harness.Scorer(model, params.batch_size), data, params))
    jsonl.write(target, outcomes)
    metrics.write(report, summary(outcomes, params, models.identity(model)))


if __name__ == "__main__":
    run(main)
