"""C-Eval, CMMLU and MMLU of any models, on a fixed sample of questions: which models stand above chance.

    python -m benchmarks.general --official FOLDER --target FOLDER --questions 0:300 5:150 models/base …
    python -m benchmarks.general --official FOLDER --target FOLDER --questions 0:150 qwen2.5-coder-1.5b

`--official` holds the published CSV (data/bench/official/README.md says how). The sample is the same for every model: of each
suite about as many questions as asked for, spread evenly over its subjects, at least three a subject. Every round (model,
suite, shots, formulation) is written as soon as it is whole, under `--target`, and not asked again: a killed run goes on.
A folder is asked as stage `bench` asks it (its scorer `light`), a name of the catalog as it is served: its GGUF file in llama.cpp.
A suite of which only the shown split is here has no 5 shots.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import get_args

from lm_eval.api.model import LM
from scipy.stats import binomtest

from stages.catalog import download
from stages.catalog.catalog import Catalog
from stages.cli.exporting.served import Served
from stages.cli.exporting.through_llama_cpp import FileScorer
from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.benchmarks import lm_eval_runner, recorded, tasks
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


class ServedScorer(FileScorer):
    """A model of the catalog as it is served: its GGUF file rates, in llama.cpp, what llama.cpp makes tokens of."""

    def __init__(self, name: str, threads: int) -> None:
        """Fetch and load the file of `name`."""
        LM.__init__(self)  # lm-eval's bare one: no model is loaded in this process
        self.enable_thinking = False
        self.served = Served(download.gguf(name, name), threads=threads)
        self._max_length = Catalog.load().models[name].context
        self.recorded, self.scored, self.computed = recorded.Scores(None, {}), {}, set()

    def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: object) -> list[int]:
        """Return the tokens of a text."""
        return self.served.tokens(string)


def opened(model: str, batch_size: int, threads: int) -> lm_eval_runner.LmEvalScorer:
    """Return what rates for a name of the catalog, or for a folder."""
    if Catalog.load().get(model):
        return ServedScorer(model, threads)
    return lm_eval_runner.SharedPrefixScorer(Path(model), batch_size)


def asked(
    model: str,
    official: Path,
    target: Path,
    questions: dict[int, int],
    batch_size: int = 16,
    threads: int = 0,
    suites: Sequence[str] = tuple(tasks.OFFICIAL),
    formulations: Sequence[Asking] = get_args(Asking),
) -> Iterator[tuple[str, int, Asking, list[BenchmarkOutcome]]]:
    """Yield every round of `model`, which is loaded when the first open one comes."""
    scorer = None
    for suite in suites:
        tables = tasks.tables(suite, official)
        for shots, wanted in questions.items():
            for formulation in formulations:
                path = target / f"{Path(model).name}.{suite}.{shots}.{wanted}.{formulation}.jsonl"
                if not path.exists():
                    try:
                        subjects, limit = sample(tasks.official(tables, shots, formulation), wanted)
                    except InputError:  # nothing but the shown split is here
                        continue
                    scorer = scorer or opened(model, batch_size, threads)
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON line a round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="FOLDER|NAME")
    parser.add_argument("--official", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--questions", nargs="+", default=["0:300", "5:150"], metavar="SHOTS:QUESTIONS")
    parser.add_argument("--suites", nargs="+", choices=tasks.OFFICIAL, default=list(tasks.OFFICIAL))
    parser.add_argument("--formulations", nargs="+", choices=get_args(Asking), default=get_args(Asking))
    parser.add_argument("--batch-size", type=int, default=16, help="rows at once, of a folder's model")
    parser.add_argument("--threads", type=int, default=0, help="of a served one; 0: one for each core")
    options = parser.parse_args(arguments)
    names = [Path(model).name for model in options.models]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        parser.error(f"two models are called {twice}, by which rounds are kept: ask each into a --target of its own")
    questions = {int(shots): int(count) for shots, count in (pair.split(":") for pair in options.questions)}
    for model in options.models:
        for suite, shots, formulation, rows in asked(
            model,
            options.official,
            options.target,
            questions,
            options.batch_size,
            options.threads,
            options.suites,
            options.formulations,
        ):
            line = {
                "model": Path(model).name,
                "suite": suite,
                "shots": shots,
                "formulation": formulation,
                **figures(rows),
            }
            print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
