"""A fine-tune small enough for a test: a few rows, and the stage on them in this process or in one of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from stages.core import jsonl
from stages.rows.training import TrainingRow
from stages.training.finetune import main
from tests.support.labeled_row import plain_row

ROOT = Path(__file__).parents[2]
VALUES: dict[str, object] = {
    "mix": [],
    "epochs": 6,
    "learning_rate": 2.0e-2,
    "batch_size": 4,
    "micro_batch": 2,
    "max_length": 400,
    "packing": "auto",
    "schedule": "cosine",
    "warmup_ratio": 0.0,
    "checkpoint_minutes": 60.0,
    "save_dtype": "float32",
    "interpolate": 1.0,
    "launch": "",
    "seed": 1,
}


CONFIGS = ROOT / "stages" / "training" / "launch"
STAGE = "import runpy; runpy.run_module('stages.training.finetune', run_name='__main__', alter_sys=True)\n"


def row(key: str, question: str, answer: str) -> TrainingRow:
    return TrainingRow.of(plain_row(id=key, task="content_summary", before=question, answer=answer), "high")


ROWS = [row(f"r{n}", f"How many rooms, case {n}?" + " Please." * n, "Two rooms.") for n in range(6)]


def prepared(folder: Path, rows: list[TrainingRow], **changes: object) -> Path:
    (folder / "params.yaml").write_text(json.dumps({"finetune": VALUES | changes}))
    jsonl.write(folder / "train.jsonl", rows)
    return folder / "train.jsonl"


def paths(folder: Path, source: Path, base: Path) -> dict[str, Path]:
    """Return the arguments of the stage."""
    return {
        "source": source,
        "general": folder / "mix",
        "base": base,
        "launch": CONFIGS,
        "target": folder / "tuned",
        "drawn": folder / "mixed.jsonl",
        "report": folder / "training.json",
        "plot": folder / "loss.json",
    }


def run_in(folder: Path, base: Path, rows: list[TrainingRow] = ROWS, **changes: object) -> dict[str, Any]:
    main(**paths(folder, prepared(folder, rows, **changes), base))
    found: dict[str, Any] = json.loads((folder / "training.json").read_text())
    return found


def start(
    folder: Path, base: Path, rows: list[TrainingRow] = ROWS, before: str = "", **changes: object
) -> "subprocess.Popen[str]":
    """Start the stage as DVC does, in a process of its own, which does `before` first if that is given."""
    options = paths(folder, prepared(folder, rows, **changes), base).items()
    command = [sys.executable, *(["-c", before + STAGE] if before else ["-m", "stages.training.finetune"])]
    command += [word for name, path in options for word in (f"--{name}", str(path))]
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=folder, env=os.environ | settings, stderr=subprocess.PIPE, text=True)


def losses(folder: Path) -> list[float]:
    return [point["loss"] for point in json.loads((folder / "loss.json").read_text())]
