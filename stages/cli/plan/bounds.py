"""How many requests each stage makes at most, from params.yaml and the rows that are known: one entry a stage that asks.

It is used where a stage's input may still change, and where later questions depend on earlier answers; in all other cases the
stage's own questions are counted. A number that not even params.yaml limits is None.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.stats import binom

from stages.core import jsonl, yaml_files
from stages.evaluation.calibrate import PAIRS
from stages.evaluation.calibration.items import CalibrationItem
from stages.library.domain_pack import Domain, Tasks

Most = dict[str, int | None]  # by the place of the model's settings
GENERATOR, LABELLER, JUDGE = "llm.generator", "llm.labeller", "llm.judge"
HERE, ELSEWHERE = "predict", "evaluation.models"  # a model in this process, one at an endpoint
CHANCE = 1e-6  # that a draw by share takes more rows than is said
PAIRS_FILE, LABELS, TEST = "data/samples/pairs.jsonl", "data/labels/train.jsonl", "data/labels/test.jsonl"


@dataclass
class Facts:
    """What is known before a run: the params, and the files that no stage will write."""

    root: Path
    values: Mapping[str, Any]
    moving: Collection[str]  # outs that will change or may
    due: Collection[str]  # entries of the stages that will run or may

    def get(self, key: str) -> Any:  # noqa: ANN401 - YAML
        """Return the setting under a dotted key."""
        found: Any = self.values
        for name in key.split("."):
            found = found[name]
        return found

    def rows(self, path: str) -> int | None:
        """Return how many rows a file has, None where that may change or it is not there."""
        file = self.root / path
        if path in self.moving or not file.is_file():
            return None
        with file.open("rb") as lines:
            return sum(bool(line.strip()) for line in lines)

    @property
    def judge(self) -> bool:
        """Whether a judge is set."""
        return self.get("llm.judge") is not None

    def heard(self, use: str) -> bool:
        """Whether the judge may be asked in this use; one that is still to be calibrated may."""
        if not self.judge or "calibrate" in self.due:
            return self.judge
        try:
            found = json.loads((self.root / "metrics/calibration.json").read_text(encoding="utf-8"))
            return bool((found if use == "grades" else found[use])["passed"])
        except (OSError, ValueError, KeyError, TypeError):
            return True

    @property
    def children(self) -> int:
        """How many instructions the method rewrites, in all generations."""
        method, generations = self.get("instructions.method"), int(self.get("evolve.generations"))
        evolved = generations * int(self.get("evolve.population"))
        if method == "evol_instruct" and generations:
            return evolved + int(self.get("seed.generated"))
        return evolved if method == "two_stage" else 0

    @property
    def pairs(self) -> tuple[int, int]:
        """How many rows wait for an answer, reserves included, and how many are real replies."""
        count = int(self.get("sample.count"))
        replies = round(float(self.get("sample.replies")) * count)
        known, taken = self.rows(PAIRS_FILE), self.rows("data/samples/replies.jsonl")
        if known is not None and taken is not None:
            return known - taken, taken
        main, share = count - replies, float(self.get("sample.reserve"))
        rounded_up = min(main, self._cells()) if share else 0  # a row each
        return main + math.floor(main * share) + rounded_up, replies

    def _cells(self) -> int:
        pack = self.root / "prompts" / str(self.get("domain"))
        domain, tasks = yaml_files.load(pack / "domain.yaml", Domain), yaml_files.load(pack / "tasks.yaml", Tasks)
        return len(domain.scenes) * len(domain.sources) * len(tasks.tasks)

    @property
    def tested(self) -> int | None:
        """How many test rows a model answers."""
        known, wanted = self.rows(TEST), int(self.get("predict.rows"))
        return min(known, wanted) if known is not None and wanted else known if known is not None else wanted or None


def _seed(facts: Facts) -> Most:
    method, own = facts.get("instructions.method"), int(facts.get("seed.generated"))
    if method == "self_instruct":
        own += int(facts.get("evolve.generations")) * int(facts.get("evolve.population"))
    return {GENERATOR: own if method in ("two_stage", "self_instruct") else 0}


def _evolve(facts: Facts) -> Most:
    judged = facts.judge and facts.get("instructions.method") == "two_stage"
    return {GENERATOR: facts.children, JUDGE: facts.children if judged else 0}


def _screen(facts: Facts) -> Most:
    asked_before = "evolve" in facts.due and facts.get("instructions.method") == "two_stage"  # by the same rubric
    return {JUDGE: facts.children if facts.judge and not asked_before else 0}


def _enhance(facts: Facts) -> Most:
    rows, share = sum(facts.pairs), float(facts.get("enhance.share"))
    return {GENERATOR: int(binom.isf(CHANCE, rows, share)) if 0 < share < 1 else round(rows * share)}


def _calibrate(facts: Facts) -> Most:
    if not facts.judge:
        return {JUDGE: 0}
    items = jsonl.read(facts.root / "data/calibration/judge.jsonl", CalibrationItem)
    answers = sum(len(item.answers) for item in items)
    return {JUDGE: 2 * answers * _verdicts(facts) + 2 * len(PAIRS) * len(items)}


def _label(facts: Facts) -> Most:
    waiting, replies = facts.pairs
    asked = waiting if facts.get("label.missing") == "ask" else 0
    graded = waiting + replies if facts.get("label.replace") == "low" and facts.heard("labels") else 0
    return {LABELLER if facts.get("llm.labeller") else GENERATOR: asked, JUDGE: graded * _verdicts(facts)}


def _judge(facts: Facts) -> Most:
    if not facts.heard("labels") or ("label" in facts.due and facts.get("label.replace") == "low"):
        return {JUDGE: 0}  # stage label has asked about the same rows in the same words
    rows = facts.rows(LABELS)
    return {JUDGE: (sum(facts.pairs) if rows is None else rows) * _verdicts(facts)}


def _grade(facts: Facts) -> Most:
    return {JUDGE: _times(facts.tested, _verdicts(facts)) if facts.heard("grades") else 0}


def _pairwise(facts: Facts) -> Most:
    return {JUDGE: _times(facts.tested, 2) if facts.heard("pairs") else 0}  # in both orders


def _predict(facts: Facts) -> Most:
    return {HERE: facts.tested}


def _predict_other(facts: Facts) -> Most:
    return {ELSEWHERE: facts.tested}


def _verdicts(facts: Facts) -> int:
    return int(facts.get("llm.grading.samples"))


def _times(rows: int | None, each: int) -> int | None:
    return None if rows is None else rows * each


MOST: dict[str, Callable[[Facts], Most]] = {
    "seed": _seed,
    "evolve": _evolve,
    "screen": _screen,
    "enhance": _enhance,
    "calibrate": _calibrate,
    "label": _label,
    "judge": _judge,
    "predict": _predict,
    "predict_other": _predict_other,
    "grade": _grade,
    "grade_other": _grade,
    "pairwise": _pairwise,
}


def waits_for_answers(entry: str, facts: Facts) -> bool:
    """Whether what a stage asks later depends on what was answered before."""
    match entry:
        case "seed":
            return bool(facts.get("instructions.method") == "self_instruct")
        case "evolve":
            return facts.judge or int(facts.get("evolve.generations")) > 1
        case "label":
            return bool(facts.get("label.replace") != "none")
        case "calibrate" | "judge" | "grade" | "grade_other":
            return _verdicts(facts) > 1  # where token probabilities come, one verdict is enough
    return False
