"""Record a model's log-likelihoods of this repository's benchmark, with params.yaml as it is: what stage bench asks, all computed.

    python -m benchmarks.recording --model models/base

Writes data/recorded/likelihoods/MODEL-DIGEST.jsonl, which stage bench reads where the same weights are asked the same; only for
a model that never changes, such as the embedded one. Needs the model (`dvc repro base`); takes what stage bench takes.
"""

import argparse
import platform
from datetime import UTC, datetime
from pathlib import Path

import torch

from stages.core import jsonl
from stages.evaluation.benchmarks import lm_eval_runner, recorded
from stages.evaluation.benchmarks.rounds import bench, rounds
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.rows.outcome import Passage
from stages.models import loading

CPU = Path("/proc/cpuinfo")


def processor() -> str:
    """Return the processor's name, and the widest instructions that torch uses on it; of a GPU its name."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    told = CPU.read_text().splitlines() if CPU.exists() else []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return f"{next(iter(names), platform.processor())}, {torch.backends.cpu.get_cpu_capability()}"


def record(model: Path, data: Path, official: Path, folder: Path) -> Path:
    """Compute all that stage bench asks of `model` and write it to `folder`."""
    params = Bench.load()
    scorer = lm_eval_runner.SCORERS[params.scorer](model, params.batch_size)
    plan = list(rounds(params, data, official))
    list(bench(scorer, plan, jsonl.read(data / "general_text.jsonl", Passage), params.limit))
    origin = recorded.Origin(
        model=loading.identity(model),
        processor=processor(),
        threads=torch.get_num_threads(),
        date=datetime.now(UTC).date().isoformat(),
    )
    return recorded.write(origin, scorer.scored, folder)


def main() -> None:
    """Record the model that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/base"))
    parser.add_argument("--data", type=Path, default=Path("data/bench"))
    parser.add_argument("--official", type=Path, default=Path("data/bench/official"))
    parser.add_argument("--folder", type=Path, default=recorded.FOLDER)
    options = parser.parse_args()
    print(record(options.model, options.data, options.official, options.folder))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
