"""Paired statistics: intervals by cluster, exact tests, and verdicts that say no more than they can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.measures.retention import (
    Plan,
    above_chance,
    accuracy_change,
    mcnemar,
    overall,
    paired_change,
    perplexity_change,
    score_change,
    verdict,
)

PLAN = Plan(confidence=0.95, resamples=2000, seed=1)


def test_the_value_is_the_weighted_mean_and_the_interval_holds_it() -> None:
    found = paired_change([1.0, 0.0, -1.0, 3.0], [1.0, 1.0, 1.0, 3.0], ["a", "b", "c", "d"], PLAN)
    assert found.value == pytest.approx(0.5)
    assert found.low is not None and found.high is not None
    assert found.low <= found.value <= found.high


def test_it_is_the_same_each_time_and_whatever_the_order_within_a_cluster() -> None:
    one = paired_change([1.0, 0.0, -1.0], [1.0] * 3, ["a", "a", "b"], PLAN)
    assert one == paired_change([0.0, 1.0, -1.0], [1.0] * 3, ["a", "a", "b"], PLAN)


def test_clusters_widen_the_interval_when_their_items_move_together() -> None:
    changes = [1.0] * 10 + [-1.0] * 10 + [0.0] * 20
    alone = paired_change(changes, [1.0] * 40, range(40), PLAN)
    together = paired_change(changes, [1.0] * 40, [n // 10 for n in range(40)], PLAN)
    assert together.detectable is not None and alone.detectable is not None
    assert together.detectable > 2 * alone.detectable


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random, covered = np.random.default_rng(0), 0
    for trial in range(200):
        changes = random.normal(0.1, 1.0, size=60).tolist()
        found = paired_change(changes, [1.0] * 60, range(60), Plan(0.95, 400, trial))
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.1 <= found.high
    assert 180 <= covered <= 199


def test_one_cluster_says_nothing() -> None:
    found = paired_change([1.0, 0.0], [1.0, 1.0], ["a", "a"], PLAN)
    assert (found.value, found.low, found.high, found.detectable) == (0.5, None, None, None)
    assert verdict(found.low, found.high, 0.05) == "inconclusive"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 0.0, "retained"),
        (-0.05, 0.1, "retained"),
        (-0.2, -0.06, "collapsed"),
        (-0.2, -0.05, "inconclusive"),
        (-0.2, 0.2, "inconclusive"),
    ],
)
def test_verdicts(low: float, high: float, expected: str) -> None:
    assert verdict(low, high, 0.05) == expected


def test_the_worst_verdict_holds_and_the_unmeasurable_counts_only_alone() -> None:
    assert overall(["retained", "collapsed", "inconclusive"]) == "collapsed"
    assert overall(["retained", "inconclusive", "not measurable"]) == "inconclusive"
    assert overall(["not measurable", "retained"]) == "retained"
    assert overall(["not measurable"]) == overall([]) == "not measurable"


def test_exact_tests_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 5) == pytest.approx(2 / 2**5)
    assert above_chance(4, 4, 0.25) == pytest.approx(0.25**4)


SUBJECTS = [f"s{n % 10}" for n in range(100)]


def test_a_base_at_chance_measures_nothing() -> None:
    base = [int(n % 4 == 0) for n in range(100)]
    assert accuracy_change(base, [0] * 100, SUBJECTS, 0.25, 0.05, PLAN)["verdict"] == "not measurable"


def test_a_base_that_knows_is_retained_against_itself_and_collapses_against_nothing() -> None:
    base = [int(n % 4 != 0) for n in range(100)]
    same = accuracy_change(base, base, SUBJECTS, 0.25, 0.05, PLAN)
    assert (same["verdict"], same["delta"], same["lost"], same["won"]) == ("retained", 0.0, 0, 0)
    gone = accuracy_change(base, [0] * 100, SUBJECTS, 0.25, 0.05, PLAN)
    assert (gone["verdict"], gone["delta"], gone["lost"]) == ("collapsed", -0.75, 75)


def test_perplexity_by_hand() -> None:
    found = perplexity_change([20.0, 40.0], [24.0, 48.0], [10, 20], 0.1, PLAN)
    assert found["base"] == pytest.approx(np.exp(2))
    assert found["ratio"] == pytest.approx(np.exp(0.4))
    assert found["low"] == found["high"] == pytest.approx(np.exp(0.4))
    assert found["verdict"] == "collapsed"
    assert perplexity_change([20.0, 40.0], [20.2, 40.4], [10, 20], 0.1, PLAN)["verdict"] == "retained"


def test_scores_gain_lose_or_neither() -> None:
    dialogues = [f"d{n // 2}" for n in range(20)]
    base = [float(n % 3) for n in range(20)]
    assert score_change(base, [b + 1 for b in base], dialogues, PLAN)["verdict"] == "gained"
    assert score_change(base, [b - 1 for b in base], dialogues, PLAN)["verdict"] == "lost"
    assert score_change(base, base, dialogues, PLAN)["verdict"] == "inconclusive"
    assert score_change([], [], [], PLAN) == {
        "n": 0,
        "base": None,
        "tuned": None,
        "delta": None,
        "verdict": "not measurable",
    }


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 4)), min_size=1, max_size=30))
def test_intervals_are_ordered_and_within_the_changes(rows: list[tuple[float, int]]) -> None:
    changes, clusters = [change for change, _ in rows], [cluster for _, cluster in rows]
    found = paired_change(changes, [1.0] * len(rows), clusters, Plan(0.9, 100, 0))
    if found.low is not None and found.high is not None:
        assert min(changes) - 1e-9 <= found.low <= found.high <= max(changes) + 1e-9
