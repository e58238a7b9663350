"""Agreement on known cases, against the textbook formulas, and what an interval must and must not say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import pytest
from scipy.stats import rankdata

from stages.statistics.agreement import cohens_kappa, estimate, estimate_figures, kendall, spearman
from stages.statistics.bootstrap import Estimate

ORDER = ("low", "medium", "high")


def kappa_by_distances(left: Sequence[str], right: Sequence[str], place: Mapping[str, float] | None) -> float | None:
    """Return 1 − observed / chance distance between two grades of a row, each grade having a place on a line."""

    def apart(a: str, b: str) -> float:
        return float(a != b) if place is None else abs(place[a] - place[b])

    n, of_left, of_right = len(left), Counter(left), Counter(right)
    chance = sum(of_left[a] * of_right[b] * apart(a, b) for a in of_left for b in of_right)
    observed = sum(apart(a, b) for a, b in zip(left, right, strict=True))
    return 1 - observed * n / chance if chance else None


def letters(text: str) -> list[str]:
    return list(text)


def test_full_and_chance_agreement() -> None:
    assert cohens_kappa(letters("hhml"), letters("hhml")) == 1
    assert cohens_kappa(letters("hhll"), letters("hlhl")) == 0
    assert cohens_kappa(letters("hh"), letters("ll")) == 0


def test_by_hand() -> None:
    # observed 0.7, expected 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    assert cohens_kappa(letters("aaaaabbbbb"), letters("aaaabaabbb")) == pytest.approx(0.4)


def test_undefined_without_rows_or_variation() -> None:
    for order in (None, ORDER):
        assert cohens_kappa([], [], order) is None
        assert cohens_kappa(["low", "low"], ["low", "low"], order) is None
    for statistic in (spearman, kendall):
        assert statistic([], []) is None
        assert statistic([1], [1]) is None
        assert statistic([1, 1, 1], [1, 2, 3]) is None
        assert statistic([1, 2, 3], [1, 1, 1]) is None


@pytest.mark.parametrize("grades", [ORDER, ("low", "high"), ("medium", "high")])
@pytest.mark.parametrize("seed", range(5))
def test_grades_in_equal_steps_weigh_as_their_distances_do(grades: tuple[str, ...], seed: int) -> None:
    draw = Random(seed)
    left = [draw.choice(grades) for _ in range(40)]
    right = [grade if draw.random() < 0.6 else draw.choice(grades) for grade in left]
    assert cohens_kappa(left, right) == pytest.approx(kappa_by_distances(left, right, None), abs=1e-12)
    place = {"low": 0.0, "medium": 1.0, "high": 2.0}
    assert cohens_kappa(left, right, ORDER) == pytest.approx(kappa_by_distances(left, right, place), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_spearman_is_the_correlation_of_ranks_with_ties_sharing_theirs(seed: int) -> None:
    draw = Random(seed)
    left = [float(draw.randrange(4)) for _ in range(30)]
    right = [value + draw.randrange(3) for value in left]
    assert spearman(left, right) == pytest.approx(np.corrcoef(rankdata(left), rankdata(right))[0, 1], abs=1e-12)
    assert spearman([1, 2], [2, 1]) == pytest.approx(-1)


def test_kendall_by_hand() -> None:
    assert kendall([1, 2, 3], [1, 3, 2]) == pytest.approx(1 / 3)  # two pairs in order, one not
    assert kendall([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / np.sqrt(2 * 3))  # one pair is tied on the left


def test_a_near_miss_weighs_less_than_a_far_one() -> None:
    order = letters("lmh")
    near = cohens_kappa(letters("llmmhh"), letters("lmmmhh"), order)
    far = cohens_kappa(letters("llmmhh"), letters("lhmmhh"), order)
    assert near is not None and far is not None and near > far


@pytest.mark.slow
def test_the_interval_holds_the_value_and_shrinks_with_rows() -> None:
    draw = Random(1)
    left = [draw.random() for _ in range(400)]
    right = [x + draw.random() for x in left]
    few, many = estimate(spearman, left[:25], right[:25]), estimate(spearman, left, right)
    assert few is not None and many is not None
    for correlation in (few, many):
        assert correlation.low is not None and correlation.high is not None
        assert correlation.low < correlation.value < correlation.high
    assert (few.high or 0) - (few.low or 0) > 2 * ((many.high or 0) - (many.low or 0))
    assert estimate(spearman, left, right) == many


def test_copies_of_a_cluster_do_not_narrow_the_interval() -> None:
    draw = Random(2)
    left = [draw.random() for _ in range(20)]
    right = [x + draw.random() for x in left]
    plain = estimate(spearman, left, right)
    copied = estimate(spearman, left * 10, right * 10, list(range(20)) * 10)
    assert plain is not None and copied is not None
    assert copied.low == pytest.approx(plain.low, abs=0.05)


def test_no_interval_where_nothing_can_be_drawn() -> None:
    assert estimate(spearman, [1, 3, 2], [1, 2, 3], ["a"] * 3) == Estimate(0.5)
    assert estimate(spearman, [1, 1], [1, 2]) is None
    assert estimate(cohens_kappa, letters("lh"), letters("lh")) == Estimate(1.0)


def test_figures_are_value_and_interval_and_null_where_there_is_nothing() -> None:
    assert estimate_figures(Estimate(0.5, 0.1, 0.9, 0.3)) == {"value": 0.5, "low": 0.1, "high": 0.9}
    assert estimate_figures(None) == {"value": None, "low": None, "high": None}
