"""A model against the base model on the same test rows: each measure with its paired interval, by task, scene, format and language (§3.4)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.retention import verdicts
from stages.evaluation.rows.score import Parts, Score

Pair = tuple[Score, Score]  # the base's, the model's
Sum = tuple[float, float]  # a measure's sum over what it is counted in, and how much that is

BLEND, NLL = "reference_similarity", "nll_per_character"
NAMES = (BLEND, *Parts.model_fields, NLL)


class Compare(Section):
    """How sure the differences between a model and the base are."""

    section: ClassVar[str] = "compare"

    confidence: float = Field(gt=0.5, lt=1)
    """Of each paired interval between a model and the base, by itself."""
    resamples: int = Field(ge=100)
    """Draws of the paired bootstrap, each of whole dialogues."""
    seed: int
    """Of the bootstrap."""


def paired(base: Sequence[Score], model: Sequence[Score], place: Path) -> list[Pair]:
    """Return both scores of each row, in the base's order; both models must have answered the same rows."""
    others = {score.id: score for score in model}
    if {score.id for score in base} != set(others):
        raise InputError(f"{place}: not the rows that the base model answered; run `dvc repro` for both models")
    return [(score, others[score.id]) for score in base]


def compare(pairs: Sequence[Pair], params: Compare) -> dict[str, object]:
    """Return what metrics/comparison/<model>.json holds: every measure over all rows, and the blend by group.

    Deltas are model − base: above zero is better, but for `nll_per_character`, where below is.
    """
    plan = verdicts.Plan(params.confidence, params.resamples, params.seed)
    groups: dict[str, Callable[[Score], str]] = {
        "by_task": lambda score: score.task,
        "by_scene": lambda score: score.scene,
        "by_format": lambda score: score.format,
        "by_language": lambda score: score.language,
    }
    return {
        "rows": len(pairs),
        "dialogues": len({base.dialogue for base, _ in pairs}),
        "confidence": params.confidence,
        "measures": {name: change(pairs, name, plan) for name in NAMES},
        **{name: _by(pairs, key, plan) for name, key in groups.items()},
    }


def _by(pairs: Sequence[Pair], key: Callable[[Score], str], plan: verdicts.Plan) -> dict[str, object]:
    names = sorted({key(base) for base, _ in pairs})
    return {name: change([pair for pair in pairs if key(pair[0]) == name], BLEND, plan) for name in names}


def change(pairs: Sequence[Pair], name: str, plan: verdicts.Plan) -> dict[str, object]:
    """Return n, both means, their difference and its interval, over the rows where the measure says something of both answers.

    Where all rows are of one dialogue the interval is null: nothing can be said.
    """
    both = [(_value(base, name), _value(model, name), base.dialogue) for base, model in pairs]
    rows = [(one, two, dialogue) for one, two, dialogue in both if one and two]
    if not rows:
        return {"n": 0, "base": None, "model": None, "delta": None, "low": None, "high": None}
    weights = [weight for (_, weight), _, _ in rows]
    changes = [two - one for (one, _), (two, _), _ in rows]
    found = verdicts.paired_change(changes, weights, [dialogue for _, _, dialogue in rows], plan)
    return {
        "n": len(rows),
        "base": sum(one for (one, _), _, _ in rows) / sum(weights),
        "model": sum(two for _, (two, _), _ in rows) / sum(weights),
        "delta": found.value,
        "low": found.low,
        "high": found.high,
    }


def _value(score: Score, name: str) -> Sum | None:
    """Return a measure of one answer, counted in rows, or the reference's likelihood, counted in its characters."""
    if name == NLL:
        return (score.likelihood.nll, score.likelihood.characters) if score.likelihood else None
    share = score.reference_similarity if name == BLEND else getattr(score.parts, name)
    return None if share is None else (share, 1.0)


def main(*, base: Path, model: Path, report: Path) -> None:
    """Compare the scores of two models."""
    params = Compare.load()
    metrics.write(report, compare(paired(jsonl.read(base, Score), jsonl.read(model, Score), model), params))


if __name__ == "__main__":
    run(main)
