"""What a model must lose to be called collapsed: the retention verdict on the base saved again, on light and on heavy tuning, and on damage.

    python -m benchmarks.margins --rows data/train/train.jsonl --base models/base --folder /tmp/margins

Four models are made from the base by the code of stage `finetune`: `copy`, saved again without a step; `light`, on the first `--first` of `--rows` at `--rate` (by
default the training of benchmarks/short_training.py, whatever params.yaml says); `heavy`, at ten times the learning rate; `damaged`, eight steps at 1e-3 on one sentence. Stages bench (every question of
the small benchmark, cloze, no shots), drift and retain then say of each what they would say of a tuned model. Prints a JSON line a model. What is in
the folder already is not made again.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks import short_training
from benchmarks.saving import examples_of, saved, trained
from benchmarks.workspace import ROOT, stage
from stages.core import jsonl
from stages.evaluation import bench, drift, retain
from stages.rows.training import Example, Message

KINDS = ("copy", "light", "heavy", "damaged")
SENTENCE = "The flat is nice. " * 4
STEPS = 8


def made(kind: str, options: argparse.Namespace) -> Path:
    """Return the folder of the model called `kind`, made if it is not there."""
    target: Path = options.folder / kind
    if (target / "config.json").exists():
        return target
    recipe = short_training.recipe(options)
    if kind == "copy":
        saved(options.base, options.base, target, "float32", 1)
    elif kind == "damaged":
        changes = {
            "learning_rate": 1e-3,
            "batch_size": 1,
            "micro_batch": 1,
            "schedule": "constant",
            "warmup_ratio": 0.0,
        }
        says = [Message(role="user", content="How is it?"), Message(role="assistant", content=SENTENCE)]
        rows = [Example(id=str(number), messages=says) for number in range(STEPS)]
        trained(rows, recipe.model_copy(update={**changes, "epochs": 1}), options.base, target)
    else:
        changes = {} if kind == "light" else {"learning_rate": 10 * recipe.learning_rate}
        trained(examples_of(short_training.rows(options)), recipe.model_copy(update=changes), options.base, target)
    return target


def outcomes(folder: Path, name: str, model: Path) -> Path:
    """Return what stage bench found of the model."""
    target = folder / f"{name}.jsonl"
    if not target.exists():
        data = ROOT / "data/bench"
        report = folder / f"{name}.json"
        stage(folder, bench.main, model=model, data=data, official=data / "official", target=target, report=report)
    return target


def judged(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the retention of the model called `kind`."""
    folder, model = options.folder, made(kind, options)
    none, apart, report = folder / "none.jsonl", folder / f"{kind}.drift.jsonl", folder / f"{kind}.retention.json"
    jsonl.write(none, [])
    base, tuned = outcomes(folder, "base", options.base), outcomes(folder, kind, model)
    texts = ROOT / "data/bench/general_text.jsonl"
    if not apart.exists():
        noted = folder / f"{kind}.drift.json"
        stage(folder, drift.main, base=options.base, tuned=model, source=texts, target=apart, report=noted)
    plot = folder / f"{kind}.scores.json"
    scores = {"base_scores": none, "tuned_scores": none}
    stage(folder, retain.main, base=base, tuned=tuned, drift=apart, **scores, report=report, plot=plot)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Make, measure and judge each model, and print its line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    short_training.add_arguments(parser)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["bench"] |= {"shots": [0], "formulations": ["cloze"], "limit": 0}
    short_training.claim(options)
    with (options.folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
    for kind in KINDS:
        found = judged(kind, options)
        measures = {name: found[name] for name in ("accuracy", "right_answer", "text", "kl", "disagreement")}
        print(json.dumps({"model": kind, "verdict": found["verdict"], **measures}), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
