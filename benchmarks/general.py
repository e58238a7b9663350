"""C-Eval, CMMLU and MMLU of any model folders, on a fixed sample of questions: which models stand above chance.

    python -m benchmarks.general --official FOLDER --target FOLDER --questions 0:300 5:150 models/base …

`--official` holds the published CSV (data/bench/official/README.md says how). The sample is the same for every model: of each
suite about as many questions as asked for, spread evenly over its subjects, at least three a subject. Every round (model,
suite, shots, formulation) is written as soon as it is whole, under `--target`, and not asked again: a killed run goes on.
The stage `bench` asks the questions (its scorer `light`); a suite of which only the shown split is here has no 5 shots.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import get_args

from scipy.stats import binomtest

from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.benchmarks import lm_eval_runner, tasks
from stages.evaluation.benchmarks.settings import Asking
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult

LEAST = 3  # questions of a subject: shots are read once a subject
CHANCE = 0.25


def sample(subjects: tasks.Subjects, questions: int) -> tuple[tasks.Subjects, int]:
    """Return the subjects that are asked and how many questions of each: about `questions` in all."""
    names = list(subjects)
    count = min(len(names), -(-questions // LEAST))
    chosen = [names[n] for n in lm_eval_runner.evenly(len(names), count)]
    return {name: subjects[name] for name in chosen}, round(questions / count)


def asked(
    folder: Path, official: Path, target: Path, questions: dict[int, int], batch_size: int
) -> Iterator[tuple[str, int, Asking, list[BenchmarkOutcome]]]:
    """Yield every round of the model in `folder`; the model is loaded when the first open one comes."""
    scorer = None
    for suite in tasks.OFFICIAL:
        tables = tasks.tables(suite, official)
        for shots, wanted in questions.items():
            for formulation in get_args(Asking):
                path = target / f"{folder.name}.{suite}.{shots}.{wanted}.{formulation}.jsonl"
                if not path.exists():
                    try:
                        subjects, limit = sample(tasks.official(tables, shots, formulation), wanted)
                    except InputError:  # nothing but the shown split is here
                        continue
                    scorer = scorer or lm_eval_runner.SharedPrefixScorer(folder, batch_size)
                    language = tasks.OFFICIAL[suite].language
                    jsonl.write(
                        path, lm_eval_runner.outcomes(scorer, suite, subjects, shots, formulation, limit, language)
                    )
                yield suite, shots, formulation, jsonl.read(path, BenchmarkOutcome)


def figures(rows: Sequence[BenchmarkOutcome]) -> dict[str, object]:
    """Return n, accuracy with its Wilson interval, and whether its low end lies above chance."""
    right = [row.result.right for row in rows if isinstance(row.result, ChoiceResult)]
    low, high = binomtest(sum(right), len(right)).proportion_ci(method="wilson")
    return {
        "n": len(right),
        "accuracy": round(fmean(right), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "above_chance": bool(low > CHANCE),
    }


def main() -> None:
    """Measure and print one JSON line a round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--official", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--questions", nargs="+", default=["0:300", "5:150"], metavar="SHOTS:QUESTIONS")
    parser.add_argument("--batch-size", type=int, default=16)
    options = parser.parse_args()
    questions = {int(shots): int(count) for shots, count in (pair.split(":") for pair in options.questions)}
    for folder in options.models:
        for suite, shots, formulation, rows in asked(
            folder, options.official, options.target, questions, options.batch_size
        ):
            line = {"model": folder.name, "suite": suite, "shots": shots, "formulation": formulation, **figures(rows)}
            print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
