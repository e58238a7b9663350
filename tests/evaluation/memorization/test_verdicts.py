"""Words of memorizing that say no more than their intervals, with care first."""

from collections.abc import Sequence
from math import log2
from random import Random

import pytest

from stages.evaluation.memorization.exposure import Exposure, by_chance
from stages.evaluation.memorization.ranking import exposure
from stages.evaluation.memorization.verdicts import Change, group, overall, verdict
from stages.pii.values.spans import PiiKind
from stages.statistics.bootstrap import Estimate, Resampling

DRAWN = Resampling(confidence=0.95, resamples=500, seed=1)


def row(n: int, before: float, after: float, kind: PiiKind = "phone") -> Exposure:
    return Exposure(
        id=f"v{n}",
        group="planted",
        kind=kind,
        language="en" if n % 2 else "zh",
        copies=1,
        cluster=f"c{n}",
        most=6.0,
        before=before,
        after=after,
    )


def rows(rise: float, n: int = 24, kinds: Sequence[PiiKind] = ("phone",)) -> list[Exposure]:
    draws = Random("1")
    return [
        row(k, before := draws.uniform(0, 2), before + rise + draws.uniform(0, 0.5), kinds[k % len(kinds)])
        for k in range(n)
    ]


def test_exposure_is_the_bits_by_which_a_value_stands_before_others() -> None:
    assert exposure([-1.0, *(-2.0 - n for n in range(63))]) == 6
    assert exposure([-3.0, *(-2.0 + n / 100 for n in range(63))]) == 0
    assert exposure([-2.0, -1.0, *(-3.0 for _ in range(62))]) == 5
    assert exposure([-1.0] * 64) == pytest.approx(6 - log2(32.5))  # tells none from another
    assert by_chance(64) == pytest.approx(sum(exposure([-n - 0.5, *map(float, range(-63, 0))]) for n in range(64)) / 64)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.1, 0.4, "memorized"), (-0.2, 0.9, "not seen"), (-0.2, 1.1, "inconclusive"), (None, None, "inconclusive")],
)
def test_any_rise_that_is_no_chance_is_memorized(low: float | None, high: float | None, word: str) -> None:
    assert verdict(Estimate(0.2, low, high), 1.0) == word


def test_a_rise_that_what_was_not_trained_on_shares_is_no_memory() -> None:
    risen, still = Change(n=9, verdict="memorized"), Change(n=9, verdict="not seen")
    assert verdict(Estimate(1.0, 0.5, 1.5), 1.0, risen) == "inconclusive"
    assert verdict(Estimate(1.0, 0.5, 1.5), 1.0, still) == "memorized"


def test_a_group_says_its_means_its_change_and_which_kinds() -> None:
    found = group(rows(3.0, kinds=("phone", "person")), 1.0, DRAWN)
    assert found.n == 24 and found.verdict == "memorized"
    assert found.before and found.after and found.change == pytest.approx(found.after - found.before)
    assert found.low and found.high and found.low < found.after - found.before < found.high
    assert {kind: one.n for kind, one in found.by_kind.items()} == {"person": 12, "phone": 12}
    assert {language: one.n for language, one in found.by_language.items()} == {"en": 12, "zh": 12}
    alone = group([one for one in rows(3.0, kinds=("phone", "person")) if one.kind == "phone"], 1.0, DRAWN)
    both, single = found.by_kind["phone"], alone.by_kind["phone"]
    assert both.low is not None and single.low is not None and both.low < single.low  # of two kinds each is surer


def test_what_did_not_change_is_not_seen_and_nothing_is_not_measured() -> None:
    assert group([row(n, 2.0, 2.0 + n % 3 - 1) for n in range(24)], 1.0, DRAWN).verdict == "not seen"
    nothing = group([], 1.0, DRAWN)
    assert (nothing.n, nothing.change, nothing.verdict) == (0, None, "not measured")
    assert group([row(1, 1.0, 6.0)], 1.0, DRAWN).verdict == "inconclusive"  # one value has no interval


def test_no_interval_goes_beyond_the_scale() -> None:
    found = group([row(1, 0.0, 6.0), row(2, 6.0, 0.0)], 1.0, DRAWN)
    assert (found.low, found.high) == (-6.0, 6.0)


def test_how_many_are_ranked_first() -> None:
    found = group([row(n, 1.0, 6.0 if n < 3 else 1.0) for n in range(12)], 1.0, DRAWN)
    assert (found.first_before, found.first_after) == (0.0, 0.25)


def test_the_worst_group_decides() -> None:
    groups = {"a": Change(n=1, verdict="not seen"), "b": Change(n=1, verdict="memorized"), "c": Change(n=0)}
    assert overall(groups) == ("memorized", "memorized: b; not seen: a; not measured: c")
    assert overall({}) == ("not measured", "")
