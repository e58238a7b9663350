"""What is asked of a model on the frontier: nothing that has to be written, so a minute on two cores.

The gain is the fall of the loss on given answers, teacher-forced; retention is what stage `retain` says of both models' answers to the
benchmarks and of the passages, with its measures, intervals, margins and words.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from benchmarks.workspace import ROOT
from stages.core import jsonl
from stages.core.row import Row
from stages.evaluation import drift
from stages.evaluation.benchmarks import lm_eval_runner, recorded
from stages.evaluation.benchmarks.rounds import Round, bench, rounds
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.divergence.kl import ModelPair
from stages.evaluation.predict import Predict, references
from stages.evaluation.retain import Retain, Retention, retain
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, Passage
from stages.evaluation.rows.pair import paired
from stages.models import loading
from stages.rows.sample import LabeledSample, Likelihood
from stages.statistics.bootstrap import Estimate, Resampling, ratio

DATA = ROOT / "data/bench"
CHEAP = {"shots": (0,), "formulations": ("cloze",), "limit": 0}  # every question once, by the texts of its choices
KINDS = {"accuracy": "delta", "right_answer": "delta", "text": "ratio", "kl": "value", "disagreement": "value"}


class Items(Row):
    """What a setting made of each row and each passage, so that two settings can be compared in pairs; `id` is its share of the update."""

    dialogues: tuple[str, ...]
    characters: tuple[int, ...]
    nll: tuple[float, ...]  # of each row's answer, nats
    passages: tuple[str, ...]
    tokens: tuple[int, ...]
    kl: tuple[float, ...]  # KL(base‖tuned) over each passage, nats

    def gain_over(self, other: Self, resampling: Resampling) -> Estimate:
        """Return by how much the loss on the rows is below another setting's, nats a character."""
        fell = [theirs - ours for ours, theirs in zip(self.nll, other.nll, strict=True)]
        return ratio(fell, self.characters, self.dialogues, resampling)

    def kl_over(self, other: Self, resampling: Resampling) -> Estimate:
        """Return by how much KL(base‖tuned) on the passages is above another setting's, nats a token."""
        rose = [ours - theirs for ours, theirs in zip(self.kl, other.kl, strict=True)]
        return ratio(rose, self.tokens, self.passages, resampling)


class Examiner:
    """Compares models with one base on the same rows, questions and passages; the base is asked once."""

    def __init__(self, base: Path, rows: Sequence[LabeledSample]) -> None:
        """Take the base model's folder, and the rows whose answers are to become likelier; the rest is in params.yaml."""
        self.base, self.rows, self.predict, self.retain = base, rows, Predict.load(), Retain.load()
        self.bench = Bench.load().model_copy(update=CHEAP)
        self.passages = jsonl.read(DATA / "general_text.jsonl", Passage)

    def figures(self, model: Path, share: float) -> tuple[dict[str, Any], Items]:
        """Return the gain, the verdict and each measure of retention with its interval; and what they are made of."""
        after = references(self.rows, self.predict, model)
        pairs = paired(self._base_outcomes, self._outcomes(model), model)
        apart = list(drift.drift(self.passages, ModelPair(self.base, model)))
        found = retain(pairs, apart, [], self.retain)
        told = {
            "gain": gain(self.rows, self._base_references, after, self.retain),
            "verdict": found.verdict,
            "rests_on": found.rests_on,
            "measures": dict(measures(found)),
        }
        return told, self._items(share, after, apart)

    def _items(self, share: float, after: Sequence[Likelihood | None], apart: Sequence[Drift]) -> Items:
        rated = [(row, each) for row, each in zip(self.rows, after, strict=True) if each]
        return Items(
            id=f"{share:g}",
            dialogues=tuple(row.dialogue for row, _ in rated),
            characters=tuple(each.characters for _, each in rated),
            nll=tuple(each.nll for _, each in rated),
            passages=tuple(one.id for one in apart),
            tokens=tuple(one.tokens for one in apart),
            kl=tuple(one.kl for one in apart),
        )

    @cached_property
    def _base_references(self) -> list[Likelihood | None]:
        return references(self.rows, self.predict, self.base)

    @cached_property
    def _base_outcomes(self) -> list[BenchmarkOutcome]:
        return self._outcomes(self.base)

    def _outcomes(self, model: Path) -> list[BenchmarkOutcome]:
        params = self.bench
        scorer = lm_eval_runner.SCORERS[params.scorer](model, params.batch_size)
        scorer.recorded = recorded.load(loading.identity(model), ROOT / recorded.FOLDER)
        return list(bench(scorer, self._plan, self.passages, params.limit))

    @cached_property
    def _plan(self) -> list[Round]:
        return list(rounds(self.bench, DATA, ROOT / self.bench.data))


def gain(
    rows: Sequence[LabeledSample],
    base: Sequence[Likelihood | None],
    tuned: Sequence[Likelihood | None],
    resampling: Resampling,
) -> dict[str, float | None]:
    """Return by how much the answers' loss fell, nats a character, above zero better; rows of one conversation are drawn together."""
    both = [(row, one, other) for row, one, other in zip(rows, base, tuned, strict=True) if one and other]
    characters = [one.characters for _, one, _ in both]
    fell = ratio(
        [one.nll - other.nll for _, one, other in both], characters, [row.dialogue for row, _, _ in both], resampling
    )
    return {
        "n": len(both),
        "base": sum(one.nll for _, one, _ in both) / sum(characters),
        "value": fell.value,
        "low": fell.low,
        "high": fell.high,
    }


def measures(retention: Retention) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each measure that the verdict rests on, by kind and name, in its own unit (docs/retention.md)."""
    for kind, value in KINDS.items():
        for name, row in getattr(retention, kind).items():
            told = row.model_dump(include={"n", "low", "high", "margin", "verdict"})
            yield f"{kind} {name}", {"value": getattr(row, value), **told}
