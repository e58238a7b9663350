"""What the calibration gate says of a catalog model as a judge (§3.4): stage calibrate, on all of its tasks or on some.

    python -m benchmarks.judges qwen2.5-coder-1.5b --workspace FOLDER --tasks 4 --samples 1

Asks in a copy of this repository at `--workspace`, with `llm.judge` the model behind llama.cpp, and prints what the stage writes
into metrics/calibration.json. `--tasks` takes that many of the shipped ones, the first of each language: a criterion
that is broken by one answer (the highest grade of a faulty or a bare one, the largest gain by asking) is broken on all tasks
then too; shares, means and ranks of some tasks are those of these alone. Answers are cached: a killed run goes on, and one
with more tasks asks what is new.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks import workspace
from stages.core import jsonl
from stages.evaluation.calibration.items import CalibrationItem

SET = Path("data/calibration/judge.jsonl")


def some(items: Sequence[CalibrationItem], count: int) -> list[CalibrationItem]:
    """Return `count` tasks, rounded up to as many in each language, in the set's order; all, if that is more than there are."""
    languages = sorted({item.language for item in items})
    each = -(-count // len(languages))
    first = [[item for item in items if item.language == language][:each] for language in languages]
    return [item for those in first for item in those]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--tasks", type=int, default=0, help="of the set; 0: all")
    parser.add_argument(
        "--samples", type=int, default=3, help="verdicts averaged where one tells no expectation; 1: it alone"
    )
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    judge = {
        "backend": "llama_cpp",
        "model": options.model,
        "temperature": 0.0,
        "top_p": 1.0,
        "threads": options.threads,
    }
    workspace.prepare(options.workspace, {"llm.judge": judge, "llm.grading.samples": options.samples})
    items = jsonl.read(workspace.ROOT / SET, CalibrationItem)
    jsonl.write(options.workspace / SET, some(items, options.tasks) if options.tasks else items)
    workspace.run(options.workspace, ["calibrate"])
    print((options.workspace / "metrics/calibration.json").read_text(encoding="utf-8"))  # noqa: T201


if __name__ == "__main__":
    main()
