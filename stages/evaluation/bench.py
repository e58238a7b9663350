"""General benchmarks at 0 and 5 shots, and perplexity of held-out general text (§3.4)."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from stages.core import jsonl, metrics
from stages.core.row import Language
from stages.core.stage import run
from stages.evaluation.benchmarks import own_files, recorded
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, PassageLoss
from stages.evaluation.rows.pair import BASE
from stages.evaluation.rows.remote import described

if TYPE_CHECKING:
    from stages.evaluation.benchmarks.rounds import Round

NO_TEXTS = "a chat endpoint tells no probabilities of texts that it is given"


def summary(outcomes: Sequence[BenchmarkOutcome], plan: Sequence["Round"], model: str) -> dict[str, object]:
    """Return what metrics/general/<model>.json holds: figures by suite and shots, then perplexity by language."""
    found: dict[str, dict[str, object]] = {}
    for suite, split, _, shots, *_ in plan:
        rows = [row for row in outcomes if (row.suite, row.shots) == (suite, shots)]
        found.setdefault(suite, {})[f"{shots}_shot"] = {"split": split, **_figures(rows)}
    return {
        "model": model,
        **found,
        "text": _perplexity([row for row in outcomes if isinstance(row.result, PassageLoss)]),
    }


def _figures(rows: Sequence[BenchmarkOutcome]) -> dict[str, object]:
    """Return the accuracy in the better formulation, which one that is (the first of equals), and each one's figures."""
    asked = list(dict.fromkeys(row.formulation for row in rows))
    by_formulation = {name: [row for row in rows if row.formulation == name] for name in asked}
    accuracies = {name: _accuracy(group) for name, group in by_formulation.items()}
    better = max(asked, key=accuracies.__getitem__)
    choices = [row.result for row in by_formulation[better] if isinstance(row.result, ChoiceResult)]
    return {
        "n": len(choices),
        "subjects": len({row.subject for row in rows}),
        "accuracy": accuracies[better],
        "formulation": better,
        "chance": sum(1 / len(choice.log_probabilities) for choice in choices) / len(choices),
        **{name: _formulation(group) for name, group in by_formulation.items()},
    }


def _accuracy(rows: Sequence[BenchmarkOutcome]) -> float:
    return sum(row.result.right for row in rows if isinstance(row.result, ChoiceResult)) / len(rows)


def _formulation(rows: Sequence[BenchmarkOutcome]) -> dict[str, object]:
    """Return accuracy, and the right answer's mean log-probability: a letter's as it is, a text's per character."""
    key = "right_log_probability_per_character" if rows[0].formulation == "cloze" else "right_log_probability"
    worth = [
        row.result.log_probabilities[row.result.gold] / (row.result.characters or [1] * 4)[row.result.gold]
        for row in rows
        if isinstance(row.result, ChoiceResult)
    ]
    return {
        "accuracy": _accuracy(rows),
        key: sum(worth) / len(worth),
        "by_language": {
            language: {"n": len(group), "accuracy": _accuracy(group)}
            for language in get_args(Language)
            if (group := [row for row in rows if row.language == language])
        },
    }


def _perplexity(rows: Sequence[BenchmarkOutcome]) -> dict[str, object]:
    found: dict[str, object] = {}
    for language in get_args(Language):
        losses = [row.result for row in rows if row.language == language and isinstance(row.result, PassageLoss)]
        if losses:
            nll, tokens = sum(loss.nll for loss in losses), sum(loss.tokens for loss in losses)
            bits = nll / math.log(2) / sum(loss.characters for loss in losses)
            found[language] = {
                "n": len(losses),
                "tokens": tokens,
                "perplexity": _exp(nll / tokens),
                "bits_per_character": bits,
            }
    return found


def _exp(nats: float) -> float:
    """Return e to this power; a broken model's perplexity may be beyond any number."""
    try:
        return math.exp(nats)
    except OverflowError:
        return math.inf


def main(*, model: Path, data: Path, official: Path, target: Path, report: Path) -> None:
    """Ask the model in `model`, the base in part twice; `official` holds the published benchmarks that are not to come from the hub.

    An endpoint is not asked: a letter that it writes in a chat would be another measure than the letter's probability.
    """
    params = Bench.load()
    if remote := described(model):
        jsonl.write(target, [])
        metrics.write(report, {"model": remote.model, "why_no_benchmarks": NO_TEXTS})
        return
    from stages.evaluation.benchmarks import lm_eval_runner  # noqa: PLC0415 - lm-eval and torch: seconds, where a model is asked
    from stages.evaluation.benchmarks.rounds import bench, provenance, read_again, rounds  # noqa: PLC0415 - as above
    from stages.models import loading  # noqa: PLC0415 - as above

    plan = list(rounds(params, data, official))  # before anything is computed: what cannot be asked is said now
    passages = own_files.passages(data)
    scorer = lm_eval_runner.SCORERS[params.scorer](model, params.batch_size)
    identity = loading.identity(model)
    scorer.recorded = recorded.load(identity)
    with loading.within_memory("bench", f"lower bench.batch_size, or {loading.OTHERWISE}"):
        outcomes = list(bench(scorer, plan, passages, params.limit))
        if params.twice and model.name == BASE:
            outcomes = list(read_again(outcomes, scorer, plan, passages, params))
    jsonl.write(target, outcomes)
    metrics.write(report, summary(outcomes, plan, identity) | provenance(scorer))


if __name__ == "__main__":
    run(main)
