"""Intervals that hold what they should as often as they say, whole clusters, and None where nothing is known."""

from collections.abc import Callable, Sequence
from math import atanh, sqrt, tanh
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr, t

from stages.core.errors import ParamsError
from stages.core.params import Section
from stages.statistics.bootstrap import CAUTION, FEWEST, Estimate, Resampling, expanded, paired, ratio

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
        found = expanded(changes, [1.0] * 60, range(60), Resampling(confidence=0.95, resamples=400, seed=trial))
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
@pytest.mark.parametrize("clusters", [9, 12, 20])
def test_without_a_change_few_clusters_find_one_no_more_often_than_they_say(kind: str, clusters: int) -> None:
    random, trials, lost, gained = np.random.default_rng(5), 1500, 0, 0
    for _ in range(trials):
        found = expanded(*simulated(kind, clusters, random), resampling(random, 1000))
        assert found.low is not None and found.high is not None
        lost, gained = lost + (found.high < 0), gained + (found.low > 0)
    # 2.5 % on each side are meant; plain percentiles give 4 to 5 % at 9 clusters
    assert max(lost, gained) < 0.04 * trials
    assert min(lost, gained) > 0.01 * trials


@pytest.mark.parametrize("clusters", [5, 6, 12, 28])
def test_a_long_tail_is_missed_in_about_5_percent_at_most_where_percentiles_miss_10(clusters: int) -> None:
    random, trials, missed, plainly = np.random.default_rng(8), 800, 0, 0
    for _ in range(trials):
        amounts, draws = random.lognormal(-0.5, 1, clusters).tolist(), resampling(random, 500)
        high, narrow = (how(amounts, [1.0] * clusters, range(clusters), draws).high for how in (ratio, expanded))
        assert high is not None and narrow is not None
        missed, plainly = missed + (high < 1), plainly + (narrow < 1)
    assert missed < 0.065 * trials
    assert plainly > 0.09 * trials


def means_drawn(values: Sequence[float], weights: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return means of 40,000 resamples less the mean, and the same in standard errors of each, the slow way."""
    x, w = np.array(values), np.array(weights)
    rows = np.random.default_rng(99).integers(len(x), size=(40_000, len(x)))
    drawn_x, drawn_w = x[rows], w[rows]
    means = drawn_x.sum(axis=1) / drawn_w.sum(axis=1)
    spread = ((drawn_x - means[:, None] * drawn_w) ** 2).sum(axis=1) * len(x) / (len(x) - 1)
    errors = np.sqrt(spread) / drawn_w.sum(axis=1)
    away = means - x.sum() / w.sum()
    return away, away / errors


AMOUNTS = np.random.default_rng(4).lognormal(0, 1, 12).tolist()
WEIGHTS = np.random.default_rng(5).uniform(1, 2, 12).tolist()
MANY = Resampling(confidence=0.8, resamples=40_000, seed=1)


def test_the_percentiles_are_taken_out_by_students_t_and_by_one_cluster_less() -> None:
    away, _ = means_drawn(AMOUNTS, WEIGHTS)
    found, value = expanded(AMOUNTS, WEIGHTS, range(12), MANY), sum(AMOUNTS) / sum(WEIGHTS)
    tail = norm.cdf(-t.ppf(0.9, 11) * sqrt(12 / 11))
    low, high = np.quantile(away, [tail, 1 - tail]) + value
    assert found.low == pytest.approx(low, rel=0.005) and found.high == pytest.approx(high, rel=0.005)
    for narrower in (norm.cdf(-t.ppf(0.9, 11)), norm.cdf(-norm.ppf(0.9) * sqrt(12 / 11))):
        assert found.high is not None and found.high > 1.008 * (np.quantile(away, 1 - narrower) + value)


def test_the_long_end_is_that_of_the_bootstrap_t_and_the_short_one_of_the_percentiles() -> None:
    _, scaled = means_drawn(AMOUNTS, WEIGHTS)
    found, value = ratio(AMOUNTS, WEIGHTS, range(12), MANY), sum(AMOUNTS) / sum(WEIGHTS)
    rests = np.array(AMOUNTS) - value * np.array(WEIGHTS)
    error = sqrt((rests**2).sum() * 12 / 11) / sum(WEIGHTS)
    aim = 0.1 * 12 / (12 + CAUTION)
    assert found.high == pytest.approx(value - np.quantile(scaled, aim) * error, rel=0.03)
    assert found.low == min(x for x in (expanded(AMOUNTS, WEIGHTS, range(12), MANY).low, found.low) if x is not None)
    mirrored = ratio([-amount for amount in AMOUNTS], WEIGHTS, range(12), MANY)
    assert found.high is not None and found.low is not None
    assert mirrored.low == pytest.approx(-found.high) and mirrored.high == pytest.approx(-found.low)


def test_what_would_be_noticed_follows_from_half_the_width() -> None:
    found = ratio(AMOUNTS, WEIGHTS, range(12), MANY)
    assert found.low is not None and found.high is not None
    power = 1 + t.ppf(0.8, 11) / t.ppf(0.9, 11)
    assert found.detectable == pytest.approx((found.high - found.low) / 2 * power)


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


@pytest.mark.parametrize("count", [2, 3, 5])
def test_so_few_clusters_that_all_changed_alike_say_nothing_unless_they_are_the_same(count: int) -> None:
    """As grades do that rise by two points each: beside one that rose by three, the interval would have no end."""
    for change in (2.0, -2.0, 0.1):  # 0.1: of sums of floats the spread is not quite 0
        found = ratio([change] * count, [1.0] * count, range(count), RESAMPLING)
        assert found.value == pytest.approx(change) and found[1:] == (None, None, None)
    assert ratio([0.0] * count, [1.0] * count, range(count), RESAMPLING) == Estimate(0.0, 0.0, 0.0, None)


@pytest.mark.parametrize("how", [ratio, expanded])
def test_below_six_clusters_the_interval_is_students(how: Callable[..., Estimate]) -> None:
    change = how([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, range(5), RESAMPLING)
    aim = 0.025 * 5 / (5 + CAUTION) if how is ratio else 0.025
    reach = float(t.ppf(1 - aim, 4)) * np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5)
    assert change.low == pytest.approx(3 - reach) and change.high == pytest.approx(3 + reach)
    six = how([0.0, 0.0, 0.0, 0.0, 0.0, 6.0], [1.0] * 6, range(6), RESAMPLING)
    assert six.low is not None and six.high is not None and six.high - 1 > 1.2 * (1 - six.low)  # drawn: not symmetrical


GRADES, JUDGED = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], [3.0, 1, 2, 6, 4, 5, 9, 7, 8, 10]


def ranks(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Spearman's correlation; not defined where one side does not vary."""
    return float(spearmanr(left, right).statistic) if len(set(left)) > 1 and len(set(right)) > 1 else None


def aimed(clusters: int) -> float:
    """Return Student's quantile that so many clusters take: of a tail of 2.5 % the fewer, the less is aimed at."""
    return float(t.ppf(1 - 0.025 * clusters / (clusters + 5), clusters - 1))


def test_a_correlation_of_single_rows_is_fishers_with_students_t() -> None:
    found = paired(ranks, GRADES, JUDGED, range(10), RESAMPLING)
    value = ranks(GRADES, JUDGED)
    assert found is not None and value is not None and found.value == value
    half = aimed(10) * sqrt((1 + value**2 / 2) / 7)
    assert found.low == pytest.approx(tanh(atanh(value) - half))
    plain = aimed(10) * sqrt(without_each(ranks, GRADES, JUDGED, 1))
    assert found.high == pytest.approx(max(value + plain, tanh(atanh(value) + half)))


def without_each(
    statistic: Callable[..., float | None], left: Sequence[float], right: Sequence[float], size: int
) -> float:
    """Return the jackknife's variance, by runs of rows of a size."""
    starts = range(0, len(left), size)
    left_out = [statistic([*left[:a], *left[a + size :]], [*right[:a], *right[a + size :]]) or 0.0 for a in starts]
    return float(np.var(left_out)) * (len(left_out) - 1)


def test_rows_that_are_their_own_clusters_are_left_out_once_each() -> None:
    asked = list[int]()

    def counted(left: Sequence[float], right: Sequence[float]) -> float | None:
        asked.append(len(left))
        return ranks(left, right)

    paired(counted, GRADES, JUDGED, range(10), RESAMPLING)
    assert asked == [10, *[9] * 10]


def test_clusters_that_are_judged_unlike_are_worth_fewer_rows() -> None:
    random = np.random.default_rng(1)
    left = np.tile([1.0, 3, 5, 7, 9], 6)
    right = (left + random.normal(0, 3, 6).repeat(5) + random.normal(0, 0.5, 30)).tolist()
    clusters = [n // 5 for n in range(30)]
    found, alone = (paired(ranks, left.tolist(), right, parts, RESAMPLING) for parts in (clusters, range(30)))
    assert found is not None and alone is not None and found.low is not None and alone.low is not None
    effect = without_each(ranks, left.tolist(), right, 5) / without_each(ranks, left.tolist(), right, 1)
    assert effect > 1.2
    half = aimed(6) * sqrt((1 + found.value**2 / 2) / (30 / effect - 3))
    assert found.low == pytest.approx(tanh(atanh(found.value) - half))
    assert found.low < alone.low - 0.1


def test_clusters_that_are_judged_alike_are_worth_no_more_than_their_rows() -> None:
    left, right = [1.0, 3, 5, 7, 9] * 6, [1.0, 5, 3, 9, 7] * 5 + [1.0, 5, 3, 7, 9]
    found = paired(ranks, left, right, [n // 5 for n in range(30)], RESAMPLING)
    assert found is not None and 0 < without_each(ranks, left, right, 5) < 0.5 * without_each(ranks, left, right, 1)
    half = aimed(6) * sqrt((1 + found.value**2 / 2) / 27)
    assert found.low == pytest.approx(tanh(atanh(found.value) - half))


def test_a_statistic_that_varies_more_than_a_correlation_has_the_jackknifes_interval() -> None:
    def first(left: Sequence[float], right: Sequence[float]) -> float:
        return (sum(left) / len(left)) ** 3

    left = [0.1, 0.9] * 20
    found, variance = paired(first, left, left, range(40), RESAMPLING), without_each(first, left, left, 1)
    assert found is not None and found.low is not None
    assert found.low <= found.value - aimed(40) * sqrt(variance) + 1e-12

    def swaying(left: Sequence[float], right: Sequence[float]) -> float:
        return left[0]

    swayed = paired(swaying, [0.9, 0.0, *[0.9] * 18], [0.0] * 20, range(20), RESAMPLING)
    assert swayed is not None and swayed.low is not None
    assert swayed.low == pytest.approx(0.9 - aimed(20) * sqrt(19 * 0.9**2 * 19 / 400))


def test_full_agreement_of_few_rows_is_no_proof() -> None:
    few, many = (paired(ranks, GRADES[:n], GRADES[:n], range(n), RESAMPLING) for n in (5, 10))
    assert few is not None and many is not None and few.low is not None and many.low is not None
    assert few.value == few.high == pytest.approx(1.0)
    assert few.low < 0 < many.low == pytest.approx(tanh(atanh(0.95) - aimed(10) * sqrt(1.5 / 7)))
    against = paired(ranks, GRADES, GRADES[::-1], range(10), RESAMPLING)
    assert against is not None and against.high == pytest.approx(-many.low) and against.low == pytest.approx(-1)
    contrary = paired(ranks, GRADES, [-judged for judged in JUDGED], range(10), RESAMPLING)
    agreeing = paired(ranks, GRADES, JUDGED, range(10), RESAMPLING)
    assert contrary is not None and contrary.low is not None and agreeing is not None and agreeing.high is not None
    assert -1 <= contrary.low == pytest.approx(-agreeing.high)


def test_a_statistic_that_rests_on_one_row_has_no_interval_nor_have_three_rows_or_one_cluster() -> None:
    assert paired(ranks, [1.0, 1, 1, 1], [1.0, 2, 3, 4], range(4), RESAMPLING) is None
    one_row, three_rows = ([1.0, 1, 1, 1, 2], [1.0, 2, 3, 4, 5]), ([1.0, 2, 3], [1.0, 2, 3])
    for left, right in (one_row, three_rows):
        assert paired(ranks, left, right, range(len(left)), RESAMPLING) == Estimate(ranks(left, right) or 0.0)
    assert paired(ranks, GRADES, JUDGED, ["one"] * 10, RESAMPLING) == Estimate(ranks(GRADES, JUDGED) or 0.0)


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 9)), min_size=1, max_size=30))
def test_intervals_hold_the_value_and_the_expanded_ones_lie_within(rows: list[tuple[float, int]]) -> None:
    changes, clusters = [change for change, _ in rows], [cluster for _, cluster in rows]
    plan = Resampling(confidence=0.9, resamples=100, seed=0)
    narrow, wide = (how(changes, [1.0] * len(rows), clusters, plan) for how in (expanded, ratio))
    if narrow.low is None or narrow.high is None or wide.low is None or wide.high is None:
        few = len(set(clusters)) < FEWEST and narrow.low == pytest.approx(narrow.high)  # all alike
        assert len(set(clusters)) == 1 or few
        return
    assert wide.low <= narrow.low + 1e-9 <= wide.value + 2e-9
    assert wide.high >= narrow.high - 1e-9 >= wide.value - 2e-9


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


def test_very_many_clusters_are_drawn_in_bundles_with_the_interval_that_theory_gives() -> None:
    """Of 20,000 independent amounts: value ± 1.96 standard errors, to a few percent."""
    amounts = np.random.default_rng(4).normal(0.1, 1, 20_000)
    for interval in (expanded, ratio):
        found = interval(amounts.tolist(), [1.0] * 20_000, range(20_000), RESAMPLING)
        assert found.low is not None and found.high is not None
        error = float(amounts.std(ddof=1)) / sqrt(20_000)
        assert found.value == pytest.approx(float(amounts.mean()))
        assert (found.high - found.low) / 2 == pytest.approx(norm.ppf(0.975) * error, rel=0.08)
    few = [float(n % 7) for n in range(999)]
    assert ratio(few, [1.0] * 999, range(999), RESAMPLING) == ratio(few, [1.0] * 999, map(str, range(999)), RESAMPLING)
