"""Write logs of lm-eval whose log-likelihoods are those of stage `bench`: the two runs that docs/retain.md judges.

    python -m benchmarks.lm_eval_logs --source data/outcomes --target docs/retain

lm-eval asks docs/retain/tasks/dial_small.yaml and writes `samples_*.jsonl` as after `lm_eval run --log_samples`; no model is
loaded, as what it would answer stands in data/outcomes/base.jsonl and tuned.jsonl (cloze, 0 shots, float32).
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclopts import run
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

from stages.core import jsonl
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Question

TASKS, TASK = Path("docs/retain/tasks"), "dial_small"
ASKED = Path("data/bench/small/test.jsonl")


class Recorded(LM):  # type: ignore[misc]
    """A model whose log-likelihoods are known, by the question's first line and the choice."""

    def __init__(self, known: dict[tuple[str, str], float]) -> None:
        """Take what is known."""
        super().__init__()
        self.known = known

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
        """Return what stage bench computed; nothing here asks what greedy decoding says."""
        return [(self.known[request.args[0], request.args[1].lstrip()], False) for request in requests]

    def loglikelihood_rolling(self, requests: Sequence[Any]) -> list[float]:
        """Not asked by this task."""
        raise NotImplementedError

    def generate_until(self, requests: Sequence[Any]) -> list[str]:
        """Not asked by this task."""
        raise NotImplementedError


def write(outcomes: Path, target: Path) -> None:
    """Let lm-eval ask the questions that stage bench asked, and log them into `target`."""
    asked = jsonl.read(ASKED, Question)
    numbers = {question.id: number for number, question in enumerate(asked)}
    rows = [
        (row.item, row.result)
        for row in jsonl.stream(outcomes, BenchmarkOutcome)
        if (row.suite, row.shots, row.formulation) == ("small", 0, "cloze") and isinstance(row.result, ChoiceResult)
    ]
    known = {
        (prompt(asked[numbers[item]]), choice): score
        for item, result in rows
        for choice, score in zip(asked[numbers[item]].choices, result.log_probabilities, strict=True)
    }
    tracker = EvaluationTracker(output_path=str(target))
    tracker.date_id = datetime.now().isoformat().replace(":", "-")  # what lm-eval's own command does with the summary
    tracker.general_config_tracker.model_name_sanitized = "bench"
    results = simple_evaluate(
        model=Recorded(known),
        tasks=[TASK],
        samples={TASK: sorted(numbers[item] for item, _ in rows)},
        task_manager=TaskManager(include_path=str(TASKS)),
        bootstrap_iters=0,
        log_samples=True,
    )
    tracker.save_results_samples(TASK, results["samples"][TASK])


def prompt(question: Question) -> str:
    """Return what the task's `doc_to_text` makes of a question."""
    return f"{question.question}\n{'答案：' if question.language == 'zh' else 'Answer:'}"


def main(*, source: Path, target: Path) -> None:
    """Write a folder for the base and one for the tuned model."""
    for name in ("base", "tuned"):
        write(source / f"{name}.jsonl", target / name)


if __name__ == "__main__":
    run(main)
