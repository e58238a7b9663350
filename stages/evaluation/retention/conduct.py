"""How a tuned model's conduct differs from its base's on the same items (docs/conduct.md)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stages.core.row import Record
from stages.core.shares import part
from stages.evaluation.retention import noise
from stages.evaluation.retention.changes import MeanChange, above_chance, mcnemar
from stages.evaluation.retention.verdicts import Verdict, verdict
from stages.evaluation.rows.conduct import SUITES, ConductOutcome
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling
from stages.statistics.flips import flips

Conducts = Sequence[Pair[ConductOutcome]]


class ConductChange(MeanChange):
    """Of the share of right answers: `lost` and `won` count the flips; `floor` is what the best answer without any knowledge gets.

    `base_by_floor_p` tells the base from that answer, over the whole suite: harmful and benign requests together. `failed` counts
    the items left out, as one of the models gave no answer: an endpoint's fault, or a filter before the model.
    """

    failed: int
    lost: int
    won: int
    mcnemar_p: float
    floor: float
    floor_answer: str
    base_by_floor_p: float
    margin: float
    noise: float | None
    verdict: Verdict


class TooFewAnswers(Record):
    """What stands in the place of a `ConductChange` where too many items failed: those that both answered are no fair part of all."""

    n: int
    base: None = None
    tuned: None = None
    delta: None = None
    failed: int
    margin: float
    verdict: Verdict = "not measurable"


class Both(NamedTuple):
    """An item that both models answered, right (1) or wrong (0); `again`: what the base did when asked a second time, if it was."""

    base: int
    tuned: int
    again: int | None
    family: str
    ignorant: Mapping[str, int]


def answered(pairs: Conducts) -> list[Both]:
    """Return the items of which something is known of both models."""
    return [
        Both(base.right, tuned.right, base.again, base.family, base.ignorant)
        for base, tuned in pairs
        if base.right is not None and tuned.right is not None
    ]


def conduct_changes(
    pairs: Conducts, margin: float, failures: float, resampling: Resampling
) -> dict[str, ConductChange | TooFewAnswers]:
    """Return the changes by subject and language, `harmful_en`; not measurable where nothing could be lost.

    That is so where the base does no better than one fixed answer, where the loss of all its right answers would be no collapse, and
    where a larger share of the items than `failures`, below 1, has no answer of one of the models.
    """
    suites: dict[tuple[str, str], list[Pair[ConductOutcome]]] = {}
    for pair in pairs:
        suites.setdefault((SUITES[pair.base.subject], pair.base.language), []).append(pair)
    found: dict[str, ConductChange | TooFewAnswers] = {}
    for suite in suites.values():
        subjects: dict[str, list[Pair[ConductOutcome]]] = {}
        for pair in suite:
            subjects.setdefault(f"{pair.base.subject}_{pair.base.language}", []).append(pair)
        for name, rows in subjects.items():
            both = answered(rows)
            failed = len(rows) - len(both)
            if failed > part(failures, len(rows)):
                found[name] = TooFewAnswers(n=len(both), failed=failed, margin=margin)
            else:
                found[name] = _change(both, failed, floor(answered(suite)), margin, resampling)
    return found


def floor(suite: Sequence[Both]) -> tuple[str, float, float]:
    """Return which fixed answer gets most of a suite right, its share, and the one-sided exact p of the base's under it."""
    names = suite[0].ignorant
    shares: Mapping[str, float] = {name: sum(item.ignorant[name] for item in suite) / len(suite) for name in names}
    best = max(shares, key=shares.__getitem__)
    return best, shares[best], above_chance(sum(item.base for item in suite), len(suite), shares[best])


def _change(
    both: Sequence[Both], failed: int, beside: tuple[str, float, float], margin: float, resampling: Resampling
) -> ConductChange:
    n, (answer, share, by_floor) = len(both), beside
    families = [item.family for item in both]
    changes = [item.tuned - item.base for item in both]
    change, lost, won = flips(changes, families, resampling), changes.count(-1), changes.count(1)
    all_lost = flips([-item.base for item in both], families, resampling)
    measurable = by_floor < 1 - resampling.confidence and verdict(all_lost.low, all_lost.high, margin) == "collapsed"
    twice = [Pair(float(item.base), float(item.again)) for item in both if item.again is not None]
    return ConductChange(
        n=n,
        base=sum(item.base for item in both) / n,
        tuned=sum(item.tuned for item in both) / n,
        delta=change.value,
        low=change.low,
        high=change.high,
        detectable=change.detectable,
        failed=failed,
        lost=lost,
        won=won,
        mcnemar_p=mcnemar(lost, won),
        floor=share,
        floor_answer=answer,
        base_by_floor_p=by_floor,
        margin=margin,
        noise=noise.of_means([twice], n),
        verdict=verdict(change.low, change.high, margin) if measurable else "not measurable",
    )
