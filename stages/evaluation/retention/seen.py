"""Benchmark items that the model has seen in training: they say nothing of what it knew, so no measure counts them."""

from collections.abc import Iterable, Sequence

from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.pair import Pair


class Seen:
    """Items that stage overlap found in training rows."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        """Remember which."""
        self._items = {(hit.suite, hit.subject, hit.item) for hit in hits}

    def __contains__(self, outcome: object) -> bool:
        """Whether the outcome is of such an item."""
        return isinstance(outcome, BenchmarkOutcome) and _key(outcome) in self._items

    def others(
        self, outcomes: Iterable[Pair[BenchmarkOutcome]], drifts: Iterable[Drift]
    ) -> tuple[list[Pair[BenchmarkOutcome]], list[Drift]]:
        """Return what remains without these items; of the passages that stage drift read, too."""
        passages = {item for suite, _, item in self._items if suite == "text"}
        return [pair for pair in outcomes if pair.base not in self], [row for row in drifts if row.id not in passages]

    def left_out(self, outcomes: Sequence[Pair[BenchmarkOutcome]]) -> dict[str, int]:
        """Return how many items are left out, by suite (`text`: passages), each counted once however it was asked."""
        gone = {_key(base) for base, _ in outcomes if base in self}
        return {
            suite: sum(key[0] == suite for key in gone) for suite in dict.fromkeys(base.suite for base, _ in outcomes)
        }


def _key(outcome: BenchmarkOutcome) -> tuple[str, str, str]:
    return outcome.suite, outcome.subject, outcome.item
