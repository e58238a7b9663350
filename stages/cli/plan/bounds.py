"""How many requests each stage makes at most, from params.yaml and the rows that are known: one entry a stage that asks.

It is used where a stage's input may still change, and where later questions depend on earlier answers; in all other cases the
stage's own questions are counted. A number that not even params.yaml limits is None.
"""

from collections.abc import Callable
from math import ceil

from scipy.stats import binom

from stages.cli.plan.facts import Facts
from stages.core import jsonl
from stages.evaluation.calibrate import PAIRS
from stages.evaluation.calibration.items import CalibrationItem

Most = dict[str, int | None]  # by the place of the model's settings
GENERATOR, LABELLER, JUDGE = "llm.generator", "llm.labeller", "llm.judge"
PREDICT, CONDUCT = "predict", "conduct"
HERE, ELSEWHERE = frozenset({PREDICT, CONDUCT}), "evaluation.models"  # a model in this process, one at an endpoint
CHANCE = 1e-6  # that a draw by share takes more rows than is said
LABELS = "data/labels/train.jsonl"


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
    return {PREDICT: facts.tested}


def _predict_other(facts: Facts) -> Most:
    return {ELSEWHERE: facts.tested}


def _conduct(facts: Facts) -> Most:
    asked, twice = facts.requests_for_conduct, int(facts.get("conduct.twice"))
    return {CONDUCT: asked + (ceil(asked / twice) if twice else 0)}  # the base is asked some again


def _conduct_other(facts: Facts) -> Most:
    return {ELSEWHERE: facts.requests_for_conduct}


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
    "conduct": _conduct,
    "conduct_other": _conduct_other,
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
