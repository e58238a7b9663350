"""Few flips: against the exact bounds and the score test's own definition, with clusters, and at both ends."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, t

from stages.statistics.bootstrap import Estimate, Resampling, expanded
from stages.statistics.flips import PLANNED, design_effect, flips, score_interval

RESAMPLING = Resampling(confidence=0.95, resamples=2000, seed=1)


def changes(lost: int, won: int, n: int) -> list[int]:
    return [-1] * lost + [1] * won + [0] * (n - lost - won)


def score(lost: int, won: int, n: int, change: float) -> float:
    """Return the score statistic of a true change, its nuisance parameter found by searching the likelihood."""

    def against(share: float) -> float:
        return -float(
            won * np.log(share + change) + lost * np.log(share) + (n - won - lost) * np.log(1 - 2 * share - change)
        )

    least, most = max(0.0, -change) + 1e-12, (1 - change) / 2 - 1e-12
    share = float(minimize_scalar(against, bounds=(least, most), method="bounded", options={"xatol": 1e-10}).x)
    return float((won - lost - n * change) / sqrt(n * (2 * share + change - change**2)))


@pytest.mark.parametrize(("lost", "won", "n"), [(3, 1, 90), (5, 2, 60), (20, 30, 180), (1, 9, 40)])
def test_each_end_is_where_the_score_statistic_is_at_its_quantile(lost: int, won: int, n: int) -> None:
    low, high = score_interval(changes(lost, won, n), 1.0, 0.025)
    assert score(lost, won, n, low) == pytest.approx(1.96, abs=1e-3)
    assert score(lost, won, n, high) == pytest.approx(-1.96, abs=1e-3)


def test_of_no_flip_both_ends_lie_near_the_exact_bound() -> None:
    for n in (20, 90, 400):
        low, high = score_interval([0] * n, 1.0, 0.025)
        assert high == pytest.approx(1.96**2 / (n + 1.96**2), rel=1e-4) == -low
        assert high == pytest.approx(1 - 0.025 ** (1 / n), rel=0.05)


def test_all_lost_and_all_won_end_at_the_ends() -> None:
    assert score_interval([-1] * 9, 1.0, 0.025)[0] == -1 and score_interval([1] * 9, 1.0, 0.025)[1] == 1


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 60))
def test_it_holds_the_value_and_mirrors(lost: int, won: int, same: int) -> None:
    n = lost + won + same
    if not n:
        return
    low, high = score_interval(changes(lost, won, n), 1.0, 0.025)
    assert -1 <= low <= (won - lost) / n <= high <= 1
    assert score_interval(changes(won, lost, n), 1.0, 0.025) == pytest.approx((-high, -low))


def test_the_design_effect_is_that_of_kish() -> None:
    alike = [-1] * 5 + [0] * 45  # a subject lost as a whole: one of ten, as if there were ten questions
    assert design_effect(alike, [n // 5 for n in range(50)]) == pytest.approx(5 * 49 / 50 * 10 / 9)
    spread = [-1 if n % 10 == 0 else 0 for n in range(50)]
    assert design_effect(spread, [n // 10 for n in range(50)]) == 1.0  # each subject lost one
    assert design_effect([0] * 50, [n // 5 for n in range(50)]) == 1.0


def test_few_flips_reach_further_than_the_bootstrap_knows() -> None:
    found, subjects = changes(2, 1, 90), [n % 18 for n in range(90)]
    wide, narrow = flips(found, subjects, RESAMPLING), expanded(found, [1.0] * 90, subjects, RESAMPLING)
    assert wide.low is not None and narrow.low is not None and wide.high is not None and narrow.high is not None
    assert wide.low < narrow.low - 0.015 and wide.high >= narrow.high
    assert wide.low <= score_interval(found, 1.0, 0.025)[0]


def test_many_flips_are_left_to_the_bootstrap() -> None:
    random = np.random.default_rng(3)
    shares, subjects = random.normal(0, 0.35, 18).repeat(10), [n // 10 for n in range(180)]
    found = np.sign(np.where(random.random(180) < 0.6, shares + random.normal(0, 0.2, 180), 0)).astype(int).tolist()
    wide, narrow = flips(found, subjects, RESAMPLING), expanded(found, [1.0] * 180, subjects, RESAMPLING)
    assert design_effect(found, subjects) > 1 + PLANNED * 9
    assert wide.low == narrow.low or wide.high == narrow.high


def test_losses_of_one_subject_reach_further_than_scattered_ones() -> None:
    subjects, apart = [n // 10 for n in range(180)], [-1 if n % 30 == 0 else 0 for n in range(180)]
    together, scattered = flips(changes(6, 0, 180), subjects, RESAMPLING), flips(apart, subjects, RESAMPLING)
    assert together.low is not None and scattered.low is not None and together.value == scattered.value
    assert together.low < scattered.low - 0.03
    assert together.low <= score_interval(changes(6, 0, 180), design_effect(changes(6, 0, 180), subjects), 0.025)[0]


def far(found: Sequence[int], size: float) -> tuple[float, float]:
    return score_interval(found, 1 + PLANNED * (size - 1), 0.05)


def test_at_the_far_end_subjects_count_as_planned_whatever_the_flips_say() -> None:
    subjects = [n // 10 for n in range(180)]
    scattered = [-1 if n % 30 == 0 else 0 for n in range(180)]
    lost, won = (flips([sign * change for change in scattered], subjects, RESAMPLING) for sign in (1, -1))
    low, high = far(scattered, 10)
    assert lost.low == pytest.approx(low) and lost.high is not None and lost.high < high - 0.005
    assert won.low is not None and won.high is not None and lost.low is not None
    assert won.low == pytest.approx(-lost.high, abs=2e-3) and won.high == pytest.approx(-lost.low)
    none = flips([0] * 180, subjects, RESAMPLING)
    assert (none.low, none.high) == far([0] * 180, 10)


def test_the_planned_size_of_unequal_subjects_is_that_of_a_question_s_subject() -> None:
    subjects = [0] * 30 + [n for n in range(1, 13) for _ in range(5)]
    found = flips([0] * 90, subjects, RESAMPLING)
    assert found.low == pytest.approx(far([0] * 90, (30**2 + 12 * 5**2) / 90)[0])


def test_no_question_lost_of_subjects_that_lose_together_is_seen_in_5_percent_at_most() -> None:
    """Answers lost at the margin of 5 %, intraclass correlation 0.2: how often an interval that no loss allows still excludes it."""
    random, trials = np.random.default_rng(4), 2000
    for count, size in ((18, 5), (18, 10), (20, 20)):
        subjects, retained = np.repeat(np.arange(count), size).tolist(), 0
        known: dict[bytes, bool] = {}
        for _ in range(trials):
            lost = random.binomial(size, random.beta(0.05 * 4, 0.95 * 4, count))
            if lost.sum() > 0.04 * count * size:
                continue  # no interval here reaches 5 %
            key = np.sort(lost).tobytes()
            if key not in known:
                found = [-1 if n < many else 0 for many in np.sort(lost) for n in range(size)]
                estimate = flips(found, subjects, Resampling(confidence=0.95, resamples=500, seed=1))
                known[key] = estimate.low is not None and estimate.low >= -0.05
            retained += known[key]
        assert retained <= 0.055 * trials


def test_what_would_be_noticed_counts_the_flips_that_it_would_bring() -> None:
    subjects, n = [n // 5 for n in range(90)], 90
    found = flips(changes(0, 0, n), subjects, RESAMPLING).detectable
    errors = (t.ppf(0.975, 17) + t.ppf(0.8, 17)) ** 2 / n
    assert found == pytest.approx(errors)
    few = [-1 if k in (0, 45) else int(k in (7, 52)) for k in range(n)]
    more, worth = flips(few, subjects, RESAMPLING).detectable, design_effect(few, subjects)
    assert more is not None and more**2 == pytest.approx(errors * worth * (4 / 90 + more))
    # of so many lost and none won, McNemar's test sees 8 of 10
    assert binom.sf(4, n, errors) > 0.8


def test_one_subject_says_nothing() -> None:
    assert flips([0, -1], ["a", "a"], RESAMPLING) == Estimate(-0.5)


@pytest.mark.parametrize("items", [[-1, 1], [-1, 0] * 45, [-1, -1]])
def test_of_two_subjects_no_end_lies_beyond_what_can_be(items: list[int]) -> None:
    """One lost and one won, or all of one subject lost: Student's t of one degree of freedom would reach far outside."""
    found = flips(items, ["a", "b"] * (len(items) // 2), RESAMPLING)
    assert found.low is not None and found.high is not None
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert found.detectable is None
    many = flips([-1, *[0] * 89], [f"s{n % 18}" for n in range(90)], RESAMPLING)
    assert many.detectable is not None and 0 < many.detectable < 0.2
