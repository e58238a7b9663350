"""Fine-tuning on one GPU in bfloat16, each shipped config of one GPU beside stock TRL: tokens a second, MFU and peak memory, in ten minutes.

    python -m benchmarks.gpu --shape qwen2.5-0.5b                                                     # random weights: as fast as others
    dial-insight repro base -S base.source=qwen2.5-coder-0.5b && python -m benchmarks.gpu --base models/base

Prints a JSON line on the machine, then one for each config, in the order of `ways`, all on the same invented rows of half to one and a half
times `--tokens` tokens, each in a process of its own: `tokens_s` without padding, questions and answers, of the steps after the first WARM;
`mfu`, operations (`benchmarks.training.operations`; what activation checkpointing computes again does not count) over the GPU's peak; `peak_gib`
that tensors took; `loss` of the last step. It ends within `--minutes`: each config has its share of what is left, stops after the step in
which that ends; what was not reached is said, and the status is then 1, as where a config failed. `--dry` runs the same on the CPU, with a
tiny model and no meaning.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
import transformers
import trl
from transformers import TrainerCallback

from benchmarks import training
from benchmarks.random_model import SHAPES, shaped
from stages.core.row import Record
from stages.models import loading
from stages.training.trainer import launch as launching
from stages.training.trainer import sft
from stages.training.trainer.feasible import GIB
from stages.training.trainer.packing import packed_sequences

LAUNCHES = Path("stages/training/launch")
WARM = 2  # steps that do not count: kernels are chosen, memory is taken
GRACE_S = 20.0  # for a config's last step and its end
LEAST_S = 30.0  # with less than this a config does not start
DRY: dict[str, Any] = {"shape": "tiny", "steps": 4, "batch_size": 2, "micro_batch": 2, "tokens": 150}
# 10^12 operations a second in bfloat16 without sparsity, by torch's name of the device: NVIDIA's data sheets, half of what is given with sparsity
PEAKS = {
    "NVIDIA H200": 989.0,
    "NVIDIA H100 80GB HBM3": 989.0,
    "NVIDIA A100-SXM4-40GB": 312.0,
    "NVIDIA A100-SXM4-80GB": 312.0,
    "NVIDIA A100 80GB PCIe": 312.0,
    "NVIDIA L40S": 362.0,
}


class Way(NamedTuple):
    """One way to train: by stock TRL or this project, in a plain process or under a launch file, rows alone or packed."""

    name: str
    kind: str  # of benchmarks.training.KINDS
    launch: Path | None


class Task(Record):
    """What the process of one way is given."""

    job: sft.Job
    kind: str
    until: float  # seconds since the epoch


class Trained(Record):
    """What it answers: steps and tokens of all of them, the rate of those that count, if there was one."""

    steps: int
    tokens: int
    tokens_s: float | None
    peak_gib: float
    loss: float
    attention: str


class Clock(TrainerCallback):  # type: ignore[misc]
    """Notes when each step ended and how many tokens had been read, and ends the training in time."""

    def __init__(self, until: float) -> None:
        """End it after the step in which `until` passes."""
        self.until = until
        self.seen: list[tuple[float, int]] = []

    def on_step_end(self, args: object, state: Any, control: Any, **_: object) -> None:  # noqa: ANN401 - transformers is untyped
        """Wait for what the GPU still has to do."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seen.append((time.perf_counter(), int(state.num_input_tokens_seen)))
        control.should_training_stop = control.should_training_stop or time.time() >= self.until

    def rate(self) -> float | None:
        """Return tokens a second of the steps after the first WARM."""
        if len(self.seen) <= WARM:
            return None
        (started, before), (ended, after) = self.seen[WARM - 1], self.seen[-1]
        return (after - before) / (ended - started)


def ways(dry: bool) -> Iterator[Way]:
    """Yield stock TRL, this process, and each launch file of one GPU; a file with packing too where FlashAttention makes it cheap."""
    yield Way("stock TRL", "stock", None)
    yield Way("this process", "ours", None)
    for path in sorted(LAUNCHES.glob("*.yaml")):
        launch = launching.read(LAUNCHES, path.stem)
        if launch.processes == 1 and not launch.on_cpu:
            yield Way(path.stem, "ours", path)
            if dry or sft.has_packed_attention():
                yield Way(f"{path.stem}, packing", "packed", path)


def words_for(tokens: int, base: Path) -> int:
    """Return for how many words an invented row has about `tokens` tokens, question and answer, in the base's tokenizer."""
    short, long = sft.lengths([training.invented(0, 100), training.invented(0, 300)], base)
    return max(
        1, round(100 * tokens / (long - short))
    )  # row 0 has half of its words, twice: one token more a word and token


def jobs(options: argparse.Namespace, folder: Path) -> tuple[dict[str, sft.Job], list[int]]:
    """Return the training of each kind, and the tokens of each row."""
    words = words_for(options.tokens, options.base)
    rows = [training.invented(n, words) for n in range(options.steps * options.batch_size)]
    lengths = sft.lengths(rows, options.base)
    # A pack takes the memory of the rows that are in it at once otherwise.
    options.max_length = max(options.micro_batch * options.tokens, *lengths)
    plain = training.job_of(rows, options, folder, packed=False)
    packed = plain.model_copy(update={"packed_sequences": packed_sequences(lengths, options.max_length)})
    return {"stock": plain, "ours": plain, "packed": packed}, lengths


def work(place: Path) -> None:
    """Train as the task in the file `place` says, and write the answer beside it."""
    task = Task.model_validate_json(place.read_text(encoding="utf-8"))
    clock = Clock(task.until)
    trainer = training.trainer_of(task.job, task.kind, clock)
    trainer.train()
    peak = (
        torch.cuda.max_memory_allocated()
        if torch.cuda.is_available()
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    trained = Trained(
        steps=len(clock.seen),
        tokens=clock.seen[-1][1],
        tokens_s=clock.rate(),
        peak_gib=peak / GIB,
        loss=[entry["loss"] for entry in trainer.state.log_history if "loss" in entry][-1],
        attention=trainer.model.config._attn_implementation,
    )
    place.with_suffix(".result").write_text(trained.model_dump_json(), encoding="utf-8")


def run(way: Way, job: sft.Job, seconds: float, folder: Path) -> Trained | str:
    """Train in a process of its own for at most `seconds`, or return why nothing came of it."""
    place = folder / f"{way.name}.task"
    task = Task(job=job, kind=way.kind, until=time.time() + seconds - GRACE_S)
    place.write_text(task.model_dump_json(), encoding="utf-8")
    launcher = ["-m", "accelerate.commands.launch", "--config_file", str(way.launch)] if way.launch else []
    command = [sys.executable, *launcher, "-m", "benchmarks.gpu", "--worker", str(place)]
    with subprocess.Popen(command, stdout=sys.stderr, start_new_session=True) as process:
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"had not ended after {seconds:.0f} s and was stopped"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    result = place.with_suffix(".result")
    if status or not result.is_file():
        return f"ended with status {status}; what it said above tells why"
    return Trained.model_validate_json(result.read_text(encoding="utf-8"))


def told(trained: Trained, each: float, peak: float | None) -> dict[str, object]:
    """Return the figures of a way; a token takes `each` operations, and the GPU makes `peak` · 10^12 a second, if that is known."""
    rate = trained.tokens_s
    return {
        "tokens_s": round(rate) if rate else None,
        "mfu": round(rate * each / (peak * 1e12), 3) if rate and peak else None,
        "peak_gib": round(trained.peak_gib, 2),
        "loss": round(trained.loss, 4),
        **trained.model_dump(include={"steps", "tokens", "attention"}),
    }


def say(line: dict[str, object]) -> None:
    """Print a line of the result."""
    print(json.dumps(line), flush=True)  # noqa: T201 - the result


def measured(options: argparse.Namespace, folder: Path, end: float) -> bool:
    """Say all lines until `end`, of time.monotonic(); whether every way was reached and none failed."""
    options.base = options.base or shaped(options.shape, folder / "base")
    job, lengths = jobs(options, folder)
    gpu = None if options.dry else torch.cuda.get_device_name()
    peak = options.peak_tflops or PEAKS.get(gpu or "")
    versions = {module.__name__: module.__version__ for module in (torch, transformers, trl)}
    row = {"rows": len(lengths), "tokens": sum(lengths), "longest": max(lengths), "batch_size": options.batch_size}
    model = {"parameters": loading.parameters(options.base), "dtype": sft.product_dtype()}
    say({"gpu": gpu, "peak_tflops": peak, **versions, **model, **row, "micro_batch": options.micro_batch})
    good, waiting = True, list(ways(options.dry))
    while waiting:
        seconds = (end - time.monotonic()) / len(waiting)
        if seconds < LEAST_S + GRACE_S:
            break
        way = waiting.pop(0)
        found = run(way, job[way.kind], seconds, folder)
        if isinstance(found, str):
            good = False
            say({"config": way.name, "failed": found})
        else:
            say({"config": way.name, **told(found, training.operations(options.base, lengths) / sum(lengths), peak)})
    if waiting:
        say({"not_reached": [way.name for way in waiting], "remedy": "more --minutes, or fewer --steps"})
    return good and not waiting


def main(arguments: Sequence[str] | None = None) -> None:
    """Refuse a machine without such a GPU; else measure, and end with status 1 if a config failed or was not reached."""
    end = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--base", type=Path, help="a model's folder, as stage base writes it")
    what.add_argument("--shape", choices=SHAPES, help="a model of this shape with random weights")
    what.add_argument("--dry", action="store_true", help="a tiny model for a few steps on the CPU")
    what.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--steps", type=int, default=100, help="at most, of each config")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--micro-batch", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=1000, help="of a row, on average")
    parser.add_argument("--peak-tflops", type=float, help=f"of a GPU that is none of {', '.join(PEAKS)}")
    options = parser.parse_args(arguments)
    if options.worker:
        return work(options.worker)
    # One: with several, transformers would spread each batch over all of them.
    os.environ["CUDA_VISIBLE_DEVICES"] = (
        "" if options.dry else os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    )
    if options.dry:
        vars(options).update(DRY)
    elif sft.product_dtype() != "bfloat16":
        raise SystemExit("benchmarks.gpu: no CUDA device with bfloat16 here; --dry runs the same on the CPU")
    with TemporaryDirectory() as folder:
        if not measured(options, Path(folder), end + options.minutes * 60):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
