"""What a training may cost and what it gains: mix ratio, learning rate, epochs, and how far to go from the base's weights to the trained ones.

    python -m benchmarks.frontier                       # or: make frontier; an hour on two cores, and it goes on where it was stopped
    python -m benchmarks.frontier --plan mine.yaml --figures metrics/mine    # your own rows: `data: ""` in a copy of the plan

What is tried stands in `benchmarks/frontier.yaml`. Of the labelled rows of the training side those of some conversations are put aside, as in
`benchmarks.tuning`; each training is stage `finetune`'s, and every share of its update is asked for the answers put aside and for what
stage `retain` judges (`benchmarks/frontier_measures.py`). Then the settings that `benchmarks/frontier_choice.py` names are trained
again with seeds that nothing was chosen by, and asked on the test set. Each training's figures stay in a file; one that is there is not made
again, and figures of another plan are refused. Table and picture: `python -m benchmarks.frontier_table --write`.
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from benchmarks import frontier_choice as choice
from benchmarks import workspace
from benchmarks.frontier_measures import Examiner, Items
from benchmarks.reference import clone, dvc, planned, the_plan
from benchmarks.saving import saved, trained
from benchmarks.tuning import Parts, apart, example, labelled
from benchmarks.workspace import ROOT
from stages.catalog.download import sha256
from stages.chat.connect import connect
from stages.chat.messages import Request
from stages.chat.settings import ChatModel
from stages.core import jsonl, metrics
from stages.core.draws import generator
from stages.core.errors import DialInsightError, InputError
from stages.core.files import atomic_folder
from stages.core.row import Record
from stages.evaluation.predict import Predict, drawn
from stages.models import loading
from stages.rows.sample import LabeledSample
from stages.rows.training import Example, Message
from stages.samples.select import Select
from stages.text import tokenizers
from stages.training.trainer import sft
from stages.training.trainer.mixture import MixShare, mix
from stages.training.trainer.settings import Finetune

PLAN = Path(__file__).with_suffix(".yaml")
QUESTIONS = Path(__file__).with_name("frontier_questions.txt")
FIGURES = ROOT / "metrics/frontier"
OWN_ANSWERS = "base.jsonl"
ANSWER_TOKENS = 128
DRAW = ["frontier"]  # keys of the draw of rows, before their ids


class Plan(Record):
    """What is tried, and on what; benchmarks/frontier.yaml explains each."""

    data: str
    general: str
    rows: int = Field(ge=1)
    validation: int = Field(ge=2)
    asked: int = Field(ge=0)
    seed: int
    unseen: tuple[int, ...]
    shares: tuple[float, ...] = Field(min_length=1)
    trainings: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what the file says; raises InputError where it is no such plan."""
        try:
            return cls.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise InputError(f"{path}: not there; copy {PLAN.name}") from None
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); give a file like {PLAN.name}") from None
        except ValidationError as error:
            raise InputError(f"{path}: not a plan ({jsonl.faults(error)}); see {PLAN.name}") from None
        except (YAMLError, UnicodeDecodeError):
            raise InputError(f"{path}: not YAML; see {PLAN.name}") from None


class Training(NamedTuple):
    """One training, and the shares of its update that are asked."""

    name: str
    seed: int
    recipe: dict[str, Any]
    shares: tuple[float, ...]

    def target(self, figures: Path) -> Path:
        """Return the file of its figures."""
        return figures / f"{self.name}-s{self.seed}.json"


@dataclass(frozen=True)
class Sweep:
    """A plan on the data, the params and the base model of the current folder, a working tree; `work` is for what is not kept."""

    plan: Plan
    figures: Path
    work: Path
    base: Path = Path("models/base")
    labels: Path = Path("data/labels/train.jsonl")
    qualities: Path = Path("data/quality/labels.jsonl")
    test_labels: Path = Path("data/labels/test.jsonl")

    @cached_property
    def made_with(self) -> dict[str, object]:
        """What all figures hang on, whatever is trained."""
        said = self.plan.model_dump(mode="json", include={"data", "general", "rows", "validation", "asked"})
        held = Finetune.load().model_dump(mode="json", exclude={"seed", "mix", "interpolate"})
        return {**said, "labels": sha256(self.labels), "base": loading.identity(self.base), "finetune": held}

    @cached_property
    def parts(self) -> Parts:
        """The rows of the training side, to train on and put aside."""
        rows = labelled(self.labels, self.qualities, Select.load(), tokenizers.chosen())
        return apart(rows, self.plan.validation)

    @cached_property
    def validation(self) -> Examiner:
        """Who says what settings are worth that may be chosen."""
        rows = self.parts.validation[: self.plan.asked or None]
        return Examiner(self.base, rows)

    @cached_property
    def test(self) -> Examiner:
        """Who says what the chosen ones are worth: on the rows of the test set that stage predict answers."""
        return Examiner(self.base, drawn(jsonl.read(self.test_labels, LabeledSample), Predict.load()))

    @cached_property
    def general(self) -> Path:
        """The folder of general rows; where the plan names none, the base's own answers are sampled into it first.

        On answers drawn from the base at temperature 1 the loss of a training is, on average, KL(base‖tuned) and a constant: what they
        hold on to is what stage `drift` measures (self-synthesized rehearsal: Huang et al., ACL 2024, arXiv 2403.01244).
        """
        if self.plan.general:
            return ROOT / "data/mix"
        target = self.work / "general" / OWN_ANSWERS
        if not target.exists():
            jsonl.write(target, self._own_answers())
        return target.parent

    def _own_answers(self) -> Iterator[Example]:
        questions = QUESTIONS.read_text(encoding="utf-8").splitlines()
        asks = [Request(row=str(n), user=text, max_tokens=ANSWER_TOKENS) for n, text in enumerate(questions)]
        sampling = {"backend": "transformers", "batch_tokens": 8192, "temperature": 1.0, "top_p": 1.0}
        chat = connect(ChatModel.parse("frontier", sampling), self.base)
        for question, reply in zip(questions, chat.ask(asks, "frontier: the base's own answers"), strict=True):
            if answer := reply.answer.strip():
                said = (Message(role="user", content=question), Message(role="assistant", content=answer))
                yield Example.general(said)

    def finetune(self, training: Training) -> Finetune:
        """Return the section `finetune` of a training."""
        recipe = dict(training.recipe)
        ratio = recipe.pop("mix", 0)
        share = MixShare(source=self.plan.general or OWN_ANSWERS, ratio=ratio) if ratio else None
        values = Finetune.load().model_dump() | recipe | {"mix": [share.model_dump()] if share else []}
        made: Finetune = Finetune.parse("finetune", values | {"seed": training.seed, "interpolate": 1.0})
        return made

    def rows(self, training: Training, params: Finetune) -> list[Example]:
        """Return what is trained on: rows of the domain drawn by the seed, then general ones."""
        domain = [example(row) for row in self.domain(training.seed)]
        limit = min(params.max_length, sft.context(self.base))
        general = self.general if params.mix else self.work
        mixed = mix(params.mix, len(domain), general, limit, params.seed, lambda found: sft.lengths(found, self.base))
        return [*domain, *mixed.rows]

    def domain(self, seed: int) -> list[LabeledSample]:
        """Return the rows of the domain that a seed draws; one that was begun by the bare ids goes on with the same rows.

        By them stage assemble has chosen its briefs, so that with its seed they came first.
        """
        keys = self._draw(seed)
        return sorted(self.parts.training, key=lambda row: generator(seed, *keys, row.id).random())[: self.plan.rows]

    def _draw(self, seed: int) -> list[str]:
        begun = [metrics.read(path) for path in self.figures.glob(f"*-s{seed}.json")]
        return min((told.get("draw", []) for told in begun), default=DRAW)

    def make(self, training: Training, examiner: Examiner) -> None:
        """Train, ask every share, and keep the figures; the weights are deleted."""
        params, model = self.finetune(training), self.work / f"{training.name}-s{training.seed}"
        rows, started = self.rows(training, params), time.process_time()
        told: dict[str, object] = {"rows": len(rows), "tokens": sum(sft.lengths(rows, self.base))}
        told["draw"] = self._draw(training.seed)
        if not (model / "config.json").is_file():  # a training that was killed leaves the folder
            with atomic_folder(model) as partial:
                trained(rows, params, self.base, partial)
            told["training_cpu_seconds"] = round(time.process_time() - started)
        found = {f"{share:g}": self._share(model, share, examiner) for share in training.shares}
        told |= {"made_with": self.made_with, "found": {share: figures for share, (figures, _) in found.items()}}
        target = training.target(self.figures)
        jsonl.write(target.with_suffix(".jsonl"), [items for _, items in found.values()])
        metrics.write(target, {**training._asdict(), **told})  # last: one that is there is whole
        shutil.rmtree(model)

    def _share(self, model: Path, share: float, examiner: Examiner) -> tuple[dict[str, Any], Items]:
        if share == 1.0:
            return examiner.figures(model, share)
        between = self.work / "between"
        shutil.rmtree(between, ignore_errors=True)
        saved(model, self.base, between, "float32", 1, share)
        return examiner.figures(between, share)

    def training(self, name: str, seed: int) -> Training:
        """Return a training of the plan."""
        recipe = dict(self.plan.trainings[name])
        shares = tuple(recipe.pop("shares", self.plan.shares))
        return Training(name, seed, recipe, shares)

    def trainings(self) -> Iterator[Training]:
        """Yield what settings are chosen from."""
        for name in self.plan.trainings:
            yield self.training(name, self.plan.seed)

    def confirming(self) -> Iterator[Training]:
        """Yield the trainings of the chosen settings, with seeds that nothing was chosen by."""
        shares: dict[str, set[float]] = {}
        for setting in choice.chosen(choice.settings(choice.read(self.figures, [self.plan.seed]))).values():
            shares.setdefault(setting.name, set()).add(setting.share)
        for seed in self.plan.unseen:
            for name, wanted in shares.items():
                yield self.training(name, seed)._replace(shares=tuple(sorted(wanted)))

    def missing(self, trainings: Sequence[Training]) -> Iterator[Training]:
        """Yield those without figures; figures made otherwise are refused by name."""
        for training in trainings:
            target = training.target(self.figures)
            if not target.exists():
                yield training
                continue
            told = metrics.read(target)
            here = {**self.made_with, "recipe": training.recipe}
            then = {**told["made_with"], "recipe": told["recipe"]}
            if unlike := sorted(name for name, value in here.items() if then.get(name) != metrics.json_safe(value)):
                raise InputError(
                    f"{target}: made with another {', '.join(unlike)} than is here; have yours beside it with --figures FOLDER, or delete it"
                )
            if not {f"{share:g}" for share in training.shares} <= told["found"].keys():
                yield training

    def run(self) -> None:
        """Make what is missing, first what is chosen from, then what the choice is tested on."""
        for trainings, who in ((self.trainings, "validation"), (self.confirming, "test")):
            left = list(self.missing(list(trainings())))
            for number, each in enumerate(left, 1):
                print(f"{each.name}-s{each.seed}: {number} of {len(left)}, on the {who} rows", flush=True)  # noqa: T201
                self.make(each, getattr(self, who))


def tree(data: str, folder: Path) -> Path:
    """Return the working tree whose data a plan names: this one, or a clone in which the reference run's data set is made."""
    if not data:
        return ROOT
    runs = {run.name: run for run in planned(the_plan())}
    if data not in runs:
        raise InputError(f"data: {data}: no run of reference.yaml; take one of {', '.join(runs)}, or none")
    clone(folder)
    workspace.write_params(folder / "params.yaml", runs[data].params)
    dvc(folder, "repro", "--quiet", "base", "judge", "testset")
    return folder


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--plan", type=Path, default=PLAN)
    parser.add_argument("--figures", type=Path, default=FIGURES, help="the folder of the figures")
    parser.add_argument("--workspace", type=Path, default=ROOT / ".dvc/tmp/frontier", help="clone and weights")
    options = parser.parse_args()
    work = options.workspace.absolute()
    try:
        plan = Plan.read(options.plan)
        work.mkdir(parents=True, exist_ok=True)
        sweep = Sweep(plan, options.figures.absolute(), work)
        os.chdir(tree(plan.data, work / "clone"))
        sweep.run()
    except DialInsightError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
