"""The one bootstrap: intervals that hold what they should as often as they say, whole clusters, and None where nothing is known."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import ParamsError
from stages.core.params import Section
from stages.statistics.bootstrap import FEWEST, Estimate, Resampling, paired, ratio

RESAMPLING = Resampling(confidence=0.95, resamples=2000, seed=1)


def test_the_value_is_the_weighted_mean_and_the_interval_holds_it() -> None:
    found = ratio([1.0, 0.0, -1.0, 3.0], [1.0, 1.0, 1.0, 3.0], ["a", "b", "c", "d"], RESAMPLING)
    assert found.value == pytest.approx(0.5)
    assert found.low is not None and found.high is not None
    assert found.low <= found.value <= found.high


def test_it_is_the_same_each_time_and_whatever_the_order_within_a_cluster() -> None:
    first = ratio([1.0, 0.0, -1.0], [1.0] * 3, ["a", "a", "b"], RESAMPLING)
    assert first == ratio([0.0, 1.0, -1.0], [1.0] * 3, ["a", "a", "b"], RESAMPLING)


def test_clusters_widen_the_interval_when_their_items_move_together() -> None:
    changes = [1.0] * 10 + [-1.0] * 10 + [0.0] * 20
    alone = ratio(changes, [1.0] * 40, range(40), RESAMPLING)
    together = ratio(changes, [1.0] * 40, [n // 10 for n in range(40)], RESAMPLING)
    assert together.detectable is not None and alone.detectable is not None
    assert together.detectable > 2 * alone.detectable


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random, covered = np.random.default_rng(0), 0
    for trial in range(200):
        changes = random.normal(0.1, 1.0, size=60).tolist()
        found = ratio(changes, [1.0] * 60, range(60), Resampling(confidence=0.95, resamples=400, seed=trial))
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.1 <= found.high
    assert 180 <= covered <= 199


def resampling(random: np.random.Generator, resamples: int) -> Resampling:
    return Resampling(confidence=0.95, resamples=resamples, seed=int(random.integers(2**31)))


def simulated(kind: str, clusters: int, random: np.random.Generator) -> tuple[list[float], list[float], list[int]]:
    """Return changes, weights and clusters without any true change: answers of unlike subjects, or losses of passages."""
    if kind == "passages":
        tokens = random.integers(80, 160, clusters)
        changes = random.normal(0, 0.02, clusters) * tokens
        return changes.tolist(), tokens.tolist(), list(range(clusters))
    leaning = random.normal(0, 0.08, clusters)  # a subject's questions change sides together
    won, lost = np.clip(0.1 + leaning, 0, 1), np.clip(0.1 - leaning, 0, 1)
    drawn = random.random((clusters, 5))
    flips = (drawn < won[:, None]).astype(float) - (drawn > 1 - lost[:, None])
    return flips.ravel().tolist(), [1.0] * flips.size, np.repeat(np.arange(clusters), 5).tolist()


@pytest.mark.parametrize("kind", ["questions", "passages"])
@pytest.mark.parametrize("clusters", [3, 9, 12, 20])
def test_without_a_change_few_clusters_find_one_no_more_often_than_they_say(kind: str, clusters: int) -> None:
    random, trials, lost, gained = np.random.default_rng(5), 1500, 0, 0
    for _ in range(trials):
        found = ratio(*simulated(kind, clusters, random), resampling(random, 1000))
        assert found.low is not None and found.high is not None
        lost, gained = lost + (found.high < 0), gained + (found.low > 0)
    # 2.5 % on each side are meant; plain percentiles give 4 to 5 % at 9 clusters
    assert max(lost, gained) < 0.04 * trials
    assert min(lost, gained) > 0.01 * trials


def test_questions_counted_one_by_one_find_a_change_too_often() -> None:
    random, trials, wrong = np.random.default_rng(6), 400, 0
    for _ in range(trials):
        subjects = random.normal(0, 0.3, 12)
        changes = (subjects[:, None] + random.normal(0, 0.3, (12, 20))).ravel().tolist()
        found = ratio(changes, [1.0] * 240, range(240), resampling(random, 400))
        assert found.high is not None
        wrong += found.high < 0
    assert wrong > 0.2 * trials


def test_one_cluster_says_nothing() -> None:
    assert ratio([1.0, 0.0], [1.0, 1.0], ["a", "a"], RESAMPLING) == Estimate(0.5, None, None, None)


def test_where_every_cluster_changed_alike_what_would_be_noticed_is_not_known() -> None:
    assert ratio([0.5] * 8, [1.0] * 8, range(8), RESAMPLING) == Estimate(0.5, 0.5, 0.5, None)


def test_below_six_clusters_the_interval_is_students() -> None:
    change = ratio([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, range(5), RESAMPLING)
    error = np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5)
    assert change.low is not None and change.high is not None
    assert change.high - 3 == pytest.approx(2.776 * error, rel=0.05) == 3 - change.low


def difference(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return the mean difference; not defined where nothing is positive."""
    return float(np.mean(np.subtract(right, left))) if max(right) > 0 else None


def test_a_statistic_of_pairs_draws_the_clusters_that_a_ratio_draws() -> None:
    random = np.random.default_rng(3)
    left, right = random.normal(0, 1, 90).tolist(), random.normal(2, 1, 90).tolist()
    clusters = [n % 30 for n in range(90)]
    pairs = paired(difference, left, right, clusters, RESAMPLING)
    sums = ratio(np.subtract(right, left).tolist(), [1.0] * 90, clusters, RESAMPLING)
    assert pairs is not None and pairs.low is not None and sums.low is not None
    assert pairs.value == pytest.approx(sums.value)
    assert sums.low < pairs.low  # expanded against plain
    assert pairs.low == pytest.approx(sums.low, abs=0.03)


def test_draws_without_a_statistic_are_left_out_and_too_many_leave_no_interval() -> None:
    assert paired(difference, [0.0, 0.0], [0.0, 0.0], range(2), RESAMPLING) is None
    rare = paired(
        difference, [0.0] * 4, [0.0] * 3 + [1.0], range(4), RESAMPLING
    )  # defined in 1 − (3/4)⁴ = 68 % of draws
    assert rare is not None and rare.low is not None and rare.low >= 0.25
    calls = iter([1.0])  # defined on the rows as they are, and on no draw
    assert paired(lambda left, right: next(calls, None), [0.0] * 4, [1.0] * 4, range(4), RESAMPLING) == Estimate(1.0)


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 9)), min_size=1, max_size=30))
def test_intervals_are_ordered_and_within_the_changes(rows: list[tuple[float, int]]) -> None:
    changes, clusters = [change for change, _ in rows], [cluster for _, cluster in rows]
    found = ratio(changes, [1.0] * len(rows), clusters, Resampling(confidence=0.9, resamples=100, seed=0))
    if found.low is not None and found.high is not None:
        assert found.low <= found.high
    if found.low is not None and found.high is not None and len(set(clusters)) >= FEWEST:
        assert min(changes) - 1e-9 <= found.low <= found.high <= max(changes) + 1e-9


def test_a_section_that_is_a_plan_reports_its_faults_as_a_section_does() -> None:
    class Drawn(Section, Resampling):
        section: ClassVar[str] = "drawn"

    plan = {"confidence": 0.95, "resamples": 100, "seed": 1}
    assert Drawn.parse("drawn", plan).tail == pytest.approx(0.025)
    with pytest.raises(ParamsError, match=r"drawn\.confidence: input should be less than 1"):
        Drawn.parse("drawn", plan | {"confidence": 95})
    with pytest.raises(
        ParamsError, match=r"drawn\.draws is unknown; remove it, or use one of confidence, resamples, seed"
    ):
        Drawn.parse("drawn", plan | {"draws": 5})
    assert all(field.description for field in Drawn.model_fields.values())
