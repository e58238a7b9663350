"""How a tuned model's conduct differs from its base's on the same items (docs/conduct.md)."""

from collections.abc import Mapping, Sequence

from stages.evaluation.retention.changes import MeanChange, above_chance, mcnemar
from stages.evaluation.retention.verdicts import Verdict, verdict
from stages.evaluation.rows.conduct import SUITES, ConductOutcome
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling
from stages.statistics.flips import flips

Conducts = Sequence[Pair[ConductOutcome]]


class ConductChange(MeanChange):
    """Of the share of right answers: `lost` and `won` count the flips; `floor` is what the best answer without any knowledge gets.

    `base_by_floor_p` tells the base from that answer, over the whole suite: harmful and benign requests together.
    """

    lost: int
    won: int
    mcnemar_p: float
    floor: float
    floor_answer: str
    base_by_floor_p: float
    margin: float
    verdict: Verdict


def conduct_changes(pairs: Conducts, margin: float, resampling: Resampling) -> dict[str, ConductChange]:
    """Return the changes by subject and language, `harmful_en`; not measurable where nothing could be lost.

    That is so where the base does no better than one fixed answer, and where the loss of all its right answers would be no collapse.
    """
    suites: dict[tuple[str, str], list[Pair[ConductOutcome]]] = {}
    for pair in pairs:
        suites.setdefault((SUITES[pair.base.subject], pair.base.language), []).append(pair)
    found: dict[str, ConductChange] = {}
    for suite in suites.values():
        subjects: dict[str, list[Pair[ConductOutcome]]] = {}
        for pair in suite:
            subjects.setdefault(f"{pair.base.subject}_{pair.base.language}", []).append(pair)
        beside = floor(suite)
        found |= {name: _change(rows, beside, margin, resampling) for name, rows in subjects.items()}
    return found


def floor(suite: Conducts) -> tuple[str, float, float]:
    """Return which fixed answer gets most of a suite right, its share, and the one-sided exact p of the base's under it."""
    names = suite[0].base.ignorant
    shares: Mapping[str, float] = {name: sum(base.ignorant[name] for base, _ in suite) / len(suite) for name in names}
    best = max(shares, key=shares.__getitem__)
    return best, shares[best], above_chance(sum(base.right for base, _ in suite), len(suite), shares[best])


def _change(pairs: Conducts, beside: tuple[str, float, float], margin: float, resampling: Resampling) -> ConductChange:
    n, (answer, share, by_floor) = len(pairs), beside
    families = [base.family for base, _ in pairs]
    changes = [tuned.right - base.right for base, tuned in pairs]
    change, lost, won = flips(changes, families, resampling), changes.count(-1), changes.count(1)
    all_lost = flips([-base.right for base, _ in pairs], families, resampling)
    measurable = by_floor < 1 - resampling.confidence and verdict(all_lost.low, all_lost.high, margin) == "collapsed"
    return ConductChange(
        n=n,
        base=sum(base.right for base, _ in pairs) / n,
        tuned=sum(tuned.right for _, tuned in pairs) / n,
        delta=change.value,
        low=change.low,
        high=change.high,
        detectable=change.detectable,
        lost=lost,
        won=won,
        mcnemar_p=mcnemar(lost, won),
        floor=share,
        floor_answer=answer,
        base_by_floor_p=by_floor,
        margin=margin,
        verdict=verdict(change.low, change.high, margin) if measurable else "not measurable",
    )
