"""Questions a second of the two scorers of stage `bench`, in one run, and how far their log-probabilities lie apart.

    python benchmarks/bench.py --questions 40 --shots 5

Prints one JSON line; only the ratios count, times are those of this machine at this moment: `ratio` of wall-clock time,
`cpu_ratio` of processor time, which other programs disturb less. Needs models/base (`dvc repro base`). Asked are this
repository's own questions, five a subject as in the default run.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Literal, get_args

from stages.core import jsonl
from stages.evaluation.benchmarks import lm_eval_runner
from stages.evaluation.benchmarks import tasks as benchmark_tasks
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Question

DATA = Path("data/bench/small")
PER_SUBJECT = 5  # bench.limit
Asking = Literal["letter", "cloze"]


def timed(
    scorer: lm_eval_runner.LmEvalScorer, subjects: benchmark_tasks.Subjects, shots: int, asking: Asking
) -> list[BenchmarkOutcome]:
    """Return all outcomes."""
    return list(lm_eval_runner.outcomes(scorer, "small", subjects, shots, asking))


def gap(one: list[BenchmarkOutcome], two: list[BenchmarkOutcome]) -> float:
    """Return the largest difference of two log-probabilities of the same answer, in nats."""
    pairs = [(a.result, b.result) for a, b in zip(one, two, strict=True)]
    return max(
        abs(x - y)
        for a, b in pairs
        if isinstance(a, ChoiceResult) and isinstance(b, ChoiceResult)
        for x, y in zip(a.log_probabilities, b.log_probabilities, strict=True)
    )


def main() -> None:
    """Measure both scorers, in each formulation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--shots", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--model", type=Path, default=Path("models/base"))
    options = parser.parse_args()
    shown, rows = (jsonl.read(DATA / f"{split}.jsonl", Question) for split in ("dev", "test"))
    subjects = list(dict.fromkeys(row.subject for row in rows))[: -(-options.questions // PER_SUBJECT)]
    asked = [row for subject in subjects for row in [row for row in rows if row.subject == subject][:PER_SUBJECT]][
        : options.questions
    ]
    scorers = {name: make(options.model, options.batch_size) for name, make in lm_eval_runner.SCORERS.items()}
    figures: dict[str, object] = {"questions": len(asked), "shots": options.shots}
    for asking in get_args(Asking):
        tasks = benchmark_tasks.own(shown, asked, options.shots, asking)
        found, wall, cpu = {}, {}, {}
        for name, scorer in scorers.items():
            timed(
                scorer, benchmark_tasks.own(shown, asked[:2], options.shots, asking), options.shots, asking
            )  # warm up
            started = time.perf_counter(), time.process_time()
            found[name] = timed(scorer, tasks, options.shots, asking)
            wall[name], cpu[name] = time.perf_counter() - started[0], time.process_time() - started[1]
        light, plain = found["light"], found["lm-eval"]
        figures[asking] = {
            **{f"{name}_per_s": round(len(asked) / wall[name], 2) for name in scorers},
            "ratio": round(wall["lm-eval"] / wall["light"], 2),
            "cpu_ratio": round(cpu["lm-eval"] / cpu["light"], 2),
            "largest_difference": round(gap(light, plain), 4),
            "verdicts_that_differ": sum(_right(a) != _right(b) for a, b in zip(light, plain, strict=True)),
        }
    print(json.dumps(figures))  # noqa: T201 - the result


def _right(outcome: BenchmarkOutcome) -> int:
    return outcome.result.right if isinstance(outcome.result, ChoiceResult) else 0


if __name__ == "__main__":
    main()
