"""Agreement on known cases, against scipy and scikit-learn, and what an interval must and must not say."""

from random import Random

import pytest
import scipy.stats
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

from stages.statistics.agreement import cohens_kappa, estimate, kendall, spearman

ORDER = {"l": 0.0, "m": 1.0, "h": 2.0}


def test_full_and_chance_agreement() -> None:
    assert cohens_kappa("hhml", "hhml") == 1
    assert cohens_kappa("hhll", "hlhl") == 0


def test_by_hand() -> None:
    # observed 0.7, expected 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    assert cohens_kappa("aaaaabbbbb", "aaaabaabbb") == pytest.approx(0.4)


def test_undefined_without_rows_or_variation() -> None:
    assert cohens_kappa([], []) is None
    assert cohens_kappa("aa", "aa") is None
    for statistic in (spearman, kendall):
        assert statistic([], []) is None
        assert statistic([1, 1, 1], [1, 2, 3]) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_libraries_say_the_same(seed: int) -> None:
    draw = Random(seed)
    one = [draw.choice("lmh") for _ in range(60)]
    two = [grade if draw.random() < 0.6 else draw.choice("lmh") for grade in one]
    assert cohens_kappa(one, two) == pytest.approx(cohen_kappa_score(one, two))
    weighted = cohen_kappa_score([ORDER[g] for g in one], [ORDER[g] for g in two], weights="linear")
    assert cohens_kappa(one, two, ORDER) == pytest.approx(weighted)
    left, right = [ORDER[g] for g in one], [ORDER[g] + draw.random() for g in two]
    assert spearman(left, right) == pytest.approx(scipy.stats.spearmanr(left, right).statistic)
    assert kendall(left, right) == pytest.approx(scipy.stats.kendalltau(left, right).statistic)


def test_a_near_miss_weighs_less_than_a_far_one() -> None:
    near, far = cohens_kappa("llmmhh", "lmmmhh", ORDER), cohens_kappa("llmmhh", "lhmmhh", ORDER)
    assert near is not None and far is not None and near > far


@pytest.mark.slow
def test_the_interval_holds_the_value_and_shrinks_with_rows() -> None:
    draw = Random(1)
    left = [draw.random() for _ in range(400)]
    right = [x + draw.random() for x in left]
    few, many = estimate(spearman, left[:25], right[:25]), estimate(spearman, left, right)
    for found in (few, many):
        assert found.low is not None and found.high is not None and found.value is not None
        assert found.low < found.value < found.high
    assert (few.high or 0) - (few.low or 0) > 2 * ((many.high or 0) - (many.low or 0))
    assert estimate(spearman, left, right) == many


def test_copies_of_a_cluster_do_not_narrow_the_interval() -> None:
    draw = Random(2)
    left = [draw.random() for _ in range(20)]
    right = [x + draw.random() for x in left]
    plain = estimate(spearman, left, right)
    copied = estimate(spearman, left * 10, right * 10, list(range(20)) * 10)
    assert copied.low == pytest.approx(plain.low, abs=0.05)


def test_no_interval_where_nothing_can_be_drawn() -> None:
    assert estimate(spearman, [1, 2, 3], [1, 2, 3], ["a"] * 3) == (1, None, None)
    assert estimate(spearman, [1, 1], [1, 2]) == (None, None, None)
    assert estimate(cohens_kappa, "lh", "lh").value == 1
