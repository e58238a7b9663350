"""A training in this process, or in many under `accelerate launch` with one of its config files.

`python -m stages.training.trainer.launch --job JOB.json` is what each process of a launch runs; `result.json` beside it is their answer.
"""

import ctypes
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import torch
from pydantic import ConfigDict, Field, ValidationError, model_validator

from stages.core import yaml_text
from stages.core.errors import InputError, ModelError, ParamsError
from stages.core.files import atomic
from stages.core.jsonl import faults
from stages.core.progress import note
from stages.core.row import Record
from stages.core.stage import run
from stages.training.trainer import sft

JOB, RESULT = "job.json", "result.json"
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
SHARDING = {"FSDP", "DEEPSPEED"}


class DeepSpeed(Record):
    """What is read of a config's `deepspeed_config`."""

    model_config = ConfigDict(extra="ignore")

    offload_optimizer_device: str | None = None


class Config(Record):
    """What is read of an Accelerate config file; all else is Accelerate's to read."""

    model_config = ConfigDict(extra="ignore")

    distributed_type: str
    use_cpu: bool
    num_machines: int = Field(ge=1)
    num_processes: int = Field(ge=1)  # of all machines together
    deepspeed_config: DeepSpeed | None = None

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.num_processes % self.num_machines:
            raise ValueError("num_processes, of all machines together, must be a multiple of num_machines")
        return self


class Launch(Record):
    """What the stage needs to know of an Accelerate config file; without a file: this process alone."""

    config: Path | None = None
    processes: int = 1
    machines: int = 1
    on_cpu: bool = True
    shards: int = 1  # parts into which the weights are cut
    offloaded: bool = False  # parameters and optimizer are in the machine's memory


def read(folder: Path, name: str) -> Launch:
    """Return the launch that `name` stands for in `folder`; an empty name is this process alone."""
    if not name:
        return Launch(on_cpu=not torch.cuda.is_available())
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
        raise ParamsError(f"params.yaml: finetune.launch: {path} is not there; use one of {known}, or leave it empty")
    config = _config(path)
    return Launch(
        config=path,
        processes=config.num_processes,
        machines=config.num_machines,
        on_cpu=config.use_cpu,
        shards=config.num_processes if config.distributed_type in SHARDING else 1,
        offloaded=config.deepspeed_config is not None and config.deepspeed_config.offload_optimizer_device == "cpu",
    )


def _config(path: Path) -> Config:
    """Return an Accelerate config; one that is none is refused, as it would end in Accelerate's traceback."""
    try:
        return Config.model_validate(yaml_text.load(path.read_text(encoding="utf-8")) or {})
    except yaml_text.NotYaml as error:
        place, fault = f"{path}:{error.line}" if error.line else str(path), f"not YAML ({error.problem})"
    except UnicodeDecodeError:
        place, fault = str(path), "not YAML (not UTF-8)"
    except ValidationError as error:
        place, fault = str(path), f"no config of Accelerate's: {faults(error)}"
    raise InputError(f"{place}: {fault}; mend it, or make it anew: accelerate config --config_file {path}")


def refuse_missing_devices(launch: Launch) -> None:
    """Refuse a launch on more GPUs than this machine has."""
    wanted, there = launch.processes // launch.machines, torch.cuda.device_count()
    if launch.config and not launch.on_cpu and there < wanted:
        raise ModelError(
            f"{launch.config}: wants {wanted} GPUs on each machine, here are {there}; choose another finetune.launch or change num_processes"
        )


def train(job: sft.Job, launch: Launch) -> sft.TrainingResult:
    """Carry out `job` as `launch` says."""
    if launch.config is None:
        return sft.train(job)
    place, result = job.checkpoints / JOB, job.checkpoints / RESULT
    result.unlink(missing_ok=True)
    _write(place, job)
    command = ["accelerate.commands.launch", "--config_file", str(launch.config)]
    worker = ["-m", __name__, "--job", str(place)]
    if launch.machines > 1:
        note(f"finetune: on machine N of 1 to {launch.machines - 1}, run now: {_shown(command, worker)}")
    # Descriptors stay open: should a launch outlive its stage, it holds its checkpoints until it ends.
    done = subprocess.run(
        [sys.executable, "-m", *command, *worker], check=False, close_fds=False, preexec_fn=_end_with_parent
    )
    if done.returncode or not result.is_file():
        raise ModelError(
            f"{launch.config}: the launch ended with status {done.returncode}; what it said above tells why"
        )
    return sft.TrainingResult.model_validate_json(result.read_text(encoding="utf-8"))


def _end_with_parent() -> None:
    """Have Linux end this process when the one that started it is gone, be it killed; elsewhere it goes on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _shown(command: list[str], worker: list[str]) -> str:
    return " ".join(["python -m", *command, "--machine_rank N", *worker])


def _write(target: Path, value: Record) -> None:
    with atomic(target) as file:
        file.write(value.model_dump_json())


def main(*, job: Path) -> None:
    """Take part in the job in the file `job`; the first process writes the answer."""
    trained = sft.train(sft.Job.model_validate_json(job.read_text(encoding="utf-8")))
    if sft.is_first():
        _write(job.with_name(RESULT), trained)


if __name__ == "__main__":
    run(main)
