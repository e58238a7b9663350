"""What a recipe makes of the model on conversations that it did not train on, none of them of the test set: where `finetune` is decided.

    python -m benchmarks.tuning --folder /tmp/tuning --rows 60 --epochs 1 3 --learning-rate 5e-5 2e-4

Of the labelled rows of the training side (`data/labels/train.jsonl`, without those called low or faulty, and those that stage `select` trains
on in no case: in other languages, too long) those of every `--validation`th conversation, by the hash of its id, are put aside; the first
`--rows` of the others, by a hash too, are trained on by the code of stage `finetune`. Stages predict, score and compare then answer the rows
put aside with base and trained model as they would the test set. Prints a JSON line for each combination of rows, epochs, learning rate and
seed: paired changes with their intervals. What is in the folder already is not made again, so a killed run goes on, and another combination
may be asked for; a call with other labels, another base, other params or rows put aside needs a folder of its own (FOLDER/options.json says
what this one was made with). The weights are deleted once they have answered.
"""

import argparse
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from benchmarks.saving import trained
from benchmarks.workspace import ROOT, claim, stage
from stages.catalog.download import sha256
from stages.core import jsonl, metrics
from stages.core.errors import DialInsightError
from stages.core.params import load_all
from stages.core.row import content_id
from stages.evaluation import compare, predict, score
from stages.rows.label_quality import LabelQuality
from stages.rows.sample import LabeledSample, Reference
from stages.rows.training import Example, TrainingRow
from stages.samples.rows.brief import Briefs
from stages.samples.select import Select, misfits
from stages.text import tokenizers
from stages.training.trainer.settings import Finetune

LEFT_OUT = frozenset({"low", "faulty"})
TOLD = ("format", "label", "facts", "words", "length", "loop", "order", "reference_similarity", "nll_per_character")
OWN = {  # of each combination, or of this benchmark
    f"params.yaml: {name}" for name in ("finetune.epochs", "finetune.learning_rate", "finetune.seed", "predict.rows")
}


class Combination(NamedTuple):
    """One training."""

    rows: int
    epochs: int
    learning_rate: float
    seed: int

    @property
    def name(self) -> str:
        """Its folder."""
        return f"n{self.rows}-e{self.epochs}-lr{self.learning_rate:g}-s{self.seed}"


class Parts(NamedTuple):
    """The training side's rows, apart by conversation."""

    training: list[LabeledSample]
    validation: list[LabeledSample]


def apart(rows: Sequence[LabeledSample], every: int) -> Parts:
    """Put the rows of every `every`th conversation aside; both parts in the order of a hash of their ids."""
    ordered = sorted(rows, key=lambda row: content_id(row.id))
    aside = {row.dialogue for row in rows if int(content_id("tuning", row.dialogue), 16) % every == 0}
    return Parts(
        [row for row in ordered if row.dialogue not in aside], [row for row in ordered if row.dialogue in aside]
    )


def labelled(labels: Path, qualities: Path, params: Select, tokenizer: str) -> list[LabeledSample]:
    """Return the labelled rows that are not known to be bad and that stage select may train on, whatever the others are."""
    grades = {row.id: row.quality for row in jsonl.stream(qualities, LabelQuality)}
    rows = [row for row in jsonl.stream(labels, LabeledSample) if grades.get(row.id) not in LEFT_OUT]
    briefs, any_grade = Briefs.of(rows, tokenizer), params.model_copy(update={"floor": "low"})
    reasons = misfits(briefs, ["no_fault"] * len(rows), any_grade)
    return [row for row, reason in zip(rows, reasons, strict=True) if reason is None]


def made_with(options: argparse.Namespace) -> dict[str, object]:
    """Return what all results of a folder hang on, by name: what no combination says."""
    files = {name: getattr(options, name) for name in ("labels", "qualities")}
    files |= {f"base/{path.name}": path for path in sorted(options.base.glob("*.safetensors"))}
    hashes = {f"sha256 of {name}": sha256(path) for name, path in files.items()}
    given = {f"--{name}": getattr(options, name) for name in ("validation", "answered")}
    params = dict(flat(load_all(ROOT / "params.yaml")))
    return {**given, **hashes, **{name: value for name, value in params.items() if name not in OWN}}


def flat(values: Mapping[str, Any], above: str = "params.yaml: ") -> Iterator[tuple[str, object]]:
    """Yield each param with its dotted name."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def scores(folder: Path, name: str, model: Path) -> Path:
    """Return what stage score says of the model's answers to the rows put aside."""
    target = folder / f"{name}.scores.jsonl"
    if not target.exists():
        none, grading = folder / "none.jsonl", folder / "grading.json"
        answers, report = folder / f"{name}.answers.jsonl", folder / f"{name}.domain.json"
        stage(folder, predict.main, source=folder / "validation.jsonl", model=model, target=answers)
        asked = {"labels": folder / "validation.jsonl", "predictions": answers, "grades": none, "grading": grading}
        stage(folder, score.main, **asked, stored=folder / "stored", target=target, report=report)
    return target


def example(row: LabeledSample) -> Example:
    """Return what is trained on."""
    return Example(id=row.id, messages=TrainingRow.of(row, "no_fault").messages)


def result(combination: Combination, options: argparse.Namespace, parts: Parts) -> dict[str, Any]:
    """Return how the model trained so compares with the base."""
    folder: Path = options.folder
    report = folder / f"{combination.name}.comparison.json"
    if not report.exists():
        model, started = folder / combination.name, time.process_time()
        spent = dict[str, int]()  # of a training that was killed after it, nobody knows
        if not (model / "config.json").exists():
            rows = [example(row) for row in parts.training[: combination.rows]]
            changes = {name: value for name, value in combination._asdict().items() if name != "rows"}
            trained(rows, Finetune.load().model_copy(update=changes), options.base, model)
            spent["training_cpu_seconds"] = round(time.process_time() - started)
        base, tuned = scores(folder, "base", options.base), scores(folder, combination.name, model)
        stage(folder, compare.main, base=base, model=tuned, report=report)
        metrics.write(report, metrics.read(report) | spent)
        shutil.rmtree(model)
    told: dict[str, Any] = metrics.read(report)
    return told


def combinations(options: argparse.Namespace, most: int) -> Iterator[Combination]:
    """Yield what is asked for; more rows than there are become all."""
    rows = dict.fromkeys(min(each, most) for each in options.rows)
    for each in product(rows, options.epochs, options.learning_rate, options.seeds):
        yield Combination(*each)


def prepared(options: argparse.Namespace) -> Parts:
    """Write what the stages read into the folder, and return the rows."""
    folder: Path = options.folder
    rows = labelled(options.labels, options.qualities, Select.load(), tokenizers.chosen())
    claim(folder, made_with(options))
    parts = apart(rows, options.validation)
    jsonl.write(folder / "validation.jsonl", parts.validation[: options.answered or None])
    jsonl.write(folder / "none.jsonl", [])
    references = [Reference(id=row.id, answer=row.answer, author=row.author) for row in parts.validation]
    jsonl.write(folder / "stored/references.jsonl", references)
    jsonl.write(folder / "stored/instructions.jsonl", [])
    metrics.write(folder / "grading.json", {"judge": None, "why_no_grades": "no judge: llm.judge is null"})
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["predict"]["rows"] = 0
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
    return parts


def main() -> None:
    """Train, answer and compare, and print a line for each combination."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--labels", type=Path, default=Path("data/labels/train.jsonl"))
    parser.add_argument("--qualities", type=Path, default=Path("data/quality/labels.jsonl"))
    parser.add_argument("--base", type=Path, default=Path("models/base"))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--validation", type=int, default=5, help="every how many conversations one is put aside")
    parser.add_argument("--answered", type=int, default=0, help="rows put aside that are answered; 0: all")
    parser.add_argument("--rows", type=int, nargs="+", default=[60])
    parser.add_argument("--epochs", type=int, nargs="+", default=[1])
    parser.add_argument("--learning-rate", type=float, nargs="+", default=[2e-5])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    try:
        parts = prepared(options)
    except DialInsightError as error:
        parser.exit(2, f"{error}\n")
    for each in combinations(options, len(parts.training)):
        found = result(each, options, parts)
        told = {name: found["measures"].get(name) for name in TOLD}
        print(json.dumps({**each._asdict(), "validation_rows": found["rows"], **told}), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
