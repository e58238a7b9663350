"""What training keeps of a value that stands in its rows so often: planted canaries, exposure before and after (docs/memorization.md).

    python -m benchmarks.memorize --folder FOLDER                            # as params.yaml trains
    python -m benchmarks.memorize --folder FOLDER --learning-rate 2e-5 2e-4 --epochs 1 3 --seed 1 2

Plants canaries of every kind and both languages `--copies` times among the first `--rows` training rows (by a hash of their ids), holds as
many out, trains by stage `finetune` and measures by stage `memorize`, both models on all canaries in `--languages`. Prints a table of Markdown for each
combination of learning rate, epochs and seed: a line for the held-out ones and for each number of copies. What is in the folder already
is not made again, so that other rows, copies, values or languages need a folder of their own; weights are deleted once they were asked.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.workspace import ROOT, write_params
from stages.canaries.canary import Canary
from stages.core import jsonl, metrics
from stages.core.row import content_id
from stages.rows.training import TrainingRow

HEAD = """| canaries | n | exposure before | after | change | interval | ranked first before | after | verdict |
|---|---:|---:|---:|---:|---:|---:|---:|---|"""


def run(folder: Path, module: str, **paths: Path) -> None:
    """Run a stage with this repository's code and the folder's params.yaml."""
    given = [text for key, path in paths.items() for text in (f"--{key}", str(path.absolute()))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", f"stages.{module}", *given], cwd=folder, env=environment, check=True)


def measured(folder: Path, options: argparse.Namespace, changes: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
    """Return metrics/memorization.json of a training with these params, made in the folder unless it is there."""
    report, nothing = folder / "memorization.json", folder / "none.jsonl"
    if report.exists():
        return metrics.read(report)
    folder.mkdir(parents=True, exist_ok=True)
    write_params(folder / "params.yaml", changes)
    rows = sorted(jsonl.read(options.source, TrainingRow), key=lambda row: content_id(row.id))[: options.rows]
    jsonl.write(folder / "train.jsonl", rows)
    jsonl.write(nothing, [])
    canaries, planted, tuned = folder / "canaries.jsonl", folder / "planted.jsonl", folder / "tuned"
    if not (tuned / "config.json").is_file():  # a training that was killed leaves the folder
        run(folder, "training.plant", target=canaries, values=planted)
        run(
            folder,
            "training.finetune",
            **{
                "source": folder / "train.jsonl",
                "canaries": canaries,
                "general": ROOT / "data/mix",
                "base": options.base,
            },
            **{"launch": ROOT / "stages/training/launch", "target": tuned},
            **{"report": folder / "training.json", "plot": folder / "loss.json"},
        )
    asked = folder / "asked.jsonl"
    jsonl.write(asked, (one for one in jsonl.stream(planted, Canary) if one.language in options.languages))
    run(
        folder,
        "evaluation.memorize",
        **{"base": options.base, "tuned": tuned, "planted": asked, "trained": folder / "train.jsonl"},
        **{"labelled": nothing, "missed": nothing, "gold": nothing, "target": folder / "rows.jsonl", "report": report},
    )
    shutil.rmtree(tuned)
    return metrics.read(report)


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a training's table."""
    yield HEAD
    for name, one in {"held out": found["held_out"], **found["planted"]}.items():
        interval = "–" if one["low"] is None else f"{one['low']:+.2f} … {one['high']:+.2f}"
        yield (
            f"| {name.replace('copies_', 'copies: ')} | {one['n']} | {one['before']:.2f} | {one['after']:.2f} | {one['change']:+.2f} | {interval} "
            f"| {one['first_before']:.0%} | {one['first_after']:.0%} | {one['verdict']} |"
        )


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--source", type=Path, default=ROOT / "data/train/train.jsonl")
    parser.add_argument("--base", type=Path, default=ROOT / "models/base")
    parser.add_argument("--rows", type=int, default=60, help="of the domain, trained on beside the canaries")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--values", type=int, default=2, help="canaries of each kind, language and number of copies")
    parser.add_argument(
        "--languages", nargs="+", choices=("en", "zh"), default=["en", "zh"], help="of the canaries asked for"
    )
    parser.add_argument("--learning-rate", type=float, nargs="+", default=[2e-4])
    parser.add_argument("--epochs", type=int, nargs="+", default=[1])
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    for rate, epochs, seed in product(options.learning_rate, options.epochs, options.seed):
        changes = {"plant.copies": options.copies, "plant.values": options.values, "plant.seed": seed}
        changes |= {"finetune.learning_rate": rate, "finetune.epochs": epochs, "finetune.seed": seed}
        found = measured(options.folder / f"lr{rate:g}-e{epochs}-s{seed}", options, changes)
        sys.stdout.write(f"\nlearning rate {rate:g}, epochs {epochs}, seed {seed}: {found['verdict']}\n\n")
        sys.stdout.write("\n".join(table(found)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
