"""Changes measure by measure: by hand, by exact tests, and what no flip or a guessing base can show."""

from math import inf

import numpy as np
import pytest
from scipy.stats import t

from stages.evaluation.retention.changes import (
    NoScores,
    ScoreChange,
    above_chance,
    accuracy_change,
    divergence,
    likelihood_change,
    mcnemar,
    perplexity_change,
    score_change,
)
from stages.evaluation.retention.general import Loss, texts
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling, ratio
from stages.statistics.long_tails import lognormal_mean

RESAMPLING = Resampling(confidence=0.95, resamples=2000, seed=1)


def test_exact_tests_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 5) == pytest.approx(2 / 2**5)
    assert above_chance(4, 4, 0.25) == pytest.approx(0.25**4)


SUBJECTS = [f"s{n % 20}" for n in range(100)]


def test_a_base_at_chance_measures_nothing() -> None:
    base = [int(n % 4 == 0) for n in range(100)]
    assert accuracy_change("cloze", base, [0] * 100, SUBJECTS, 0.25, 0.05, RESAMPLING).verdict == "not measurable"


@pytest.mark.parametrize(("right", "measurable"), [(32, False), (33, True)])
def test_a_base_knows_where_guessing_is_less_likely_than_one_in_twenty(right: int, measurable: bool) -> None:
    """Of 100 questions with four choices 32 are guessed in 6.9 %, 33 in 4.5 % of cases (binomial distribution)."""
    base = [1] * right + [0] * (100 - right)
    found = accuracy_change("cloze", base, base, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert found.base_by_chance_p == pytest.approx(0.0446 if measurable else 0.0693, abs=5e-5)
    assert (found.verdict != "not measurable", found.retention is not None) == (measurable, measurable)
    sure = accuracy_change("cloze", base, base, SUBJECTS, 0.25, 0.05, RESAMPLING.model_copy(update={"confidence": 0.9}))
    assert sure.verdict != "not measurable" and sure.retention is not None


def test_a_base_that_knows_is_retained_against_itself_and_collapses_against_nothing() -> None:
    base = [int(n % 4 != 0) for n in range(100)]
    same = accuracy_change("cloze", base, base, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert (same.verdict, same.delta, same.lost, same.won) == ("retained", 0.0, 0, 0)
    gone = accuracy_change("cloze", base, [0] * 100, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert (gone.verdict, gone.delta, gone.lost, gone.won) == ("collapsed", -0.75, 75, 0)


def test_no_flip_among_few_questions_or_few_subjects_is_no_proof() -> None:
    for n, subjects, expected in ((80, 16, "inconclusive"), (85, 17, "retained"), (85, 5, "inconclusive")):
        names = [f"s{k % subjects}" for k in range(n)]
        found = accuracy_change("cloze", [1] * n, [1] * n, names, 0.25, 0.05, RESAMPLING)
        assert found.verdict == expected
        effect = 1 + 0.15 * (n / subjects - 1)
        assert found.low == pytest.approx(-(1.645**2) / (n / effect + 1.645**2), rel=1e-3)
        assert found.detectable is not None


def test_few_flips_do_not_make_sure_of_a_small_change() -> None:
    """The case of the docs: a true change of −0.5 points, of which a bootstrap has mostly seen no loss."""
    base, tuned = [1] * 100, [0, *[1] * 99]
    found = accuracy_change("cloze", base, tuned, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert found.low is not None and found.high is not None
    assert found.low < -0.05 and found.high > 0
    assert (found.lost, found.won, found.verdict) == (1, 0, "inconclusive")


def test_retention_is_the_share_of_the_lead_over_chance() -> None:
    base = [int(n % 4 != 0) for n in range(100)]
    half = [int(n % 2 == 0 and n % 4 != 0) or int(n % 4 == 1) for n in range(100)]
    found = accuracy_change("cloze", base, half, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert (found.base, found.tuned) == (0.75, 0.5)
    assert found.retention is not None and found.low is not None
    assert found.retention.value == pytest.approx(0.5)
    assert found.retention.low == pytest.approx(1 + found.low / 0.5)
    guessing = [int(n % 4 == 0) for n in range(100)]
    assert accuracy_change("cloze", guessing, half, SUBJECTS, 0.25, 0.05, RESAMPLING).retention is None


def test_likelihood_of_right_answers_by_hand() -> None:
    subjects = [f"s{n % 6}" for n in range(12)]
    found = likelihood_change([-1.0] * 12, [-1.5] * 12, subjects, 0.1, RESAMPLING)
    assert (found.delta, found.low, found.high, found.verdict) == (-0.5, -0.5, -0.5, "collapsed")
    assert likelihood_change([-1.0] * 12, [-1.05] * 12, subjects, 0.1, RESAMPLING).verdict == "retained"


def test_noise_of_a_broken_reading_is_beyond_any_number() -> None:
    whole, broken = Loss(5.0, 2), Loss(1e5, 2)
    found = texts([("en", Pair(whole, whole))], 0.1, RESAMPLING, [[("en", Pair(whole, broken))]])
    assert found["en"].noise == inf and found["en"].ratio == 1


def test_divergence_by_hand() -> None:
    found = divergence([2.0, 4.0, 6.0, 1.0, 3.0, 2.0], [10, 20, 30, 10, 10, 10], 0.1, RESAMPLING)
    assert (found.n, found.tokens, found.value) == (6, 90, 0.2)
    assert found.verdict == "collapsed"
    assert divergence([0.0] * 6, [10] * 6, 0.1, RESAMPLING).verdict == "retained"
    assert divergence([0.0, 2.0] * 3, [10] * 6, 0.1, RESAMPLING).verdict == "inconclusive"


def test_divergence_of_two_passages_that_are_nothing_alike_cannot_be_told() -> None:
    found = divergence([1e-6, 5.0], [100, 100], 0.7, RESAMPLING)
    assert (found.verdict, found.low, found.high, found.detectable) == ("inconclusive", None, None, None)
    assert found.value == pytest.approx(5 / 200, rel=1e-3)


def test_divergence_knows_of_a_tail_where_all_amounts_are_positive() -> None:
    amounts = np.exp(np.random.default_rng(6).normal(0, 1.2, 12)).tolist()
    found, drawn = divergence(amounts, [10] * 12, 0.5, RESAMPLING), ratio(amounts, [10] * 12, range(12), RESAMPLING)
    _, high = lognormal_mean([amount / 10 for amount in amounts], 0.025)
    assert found.high is not None and drawn.high is not None and found.low is not None
    assert found.high == high > drawn.high > 0.5 > found.value and found.low == drawn.low
    assert found.verdict == "inconclusive"
    assert found.detectable == pytest.approx((found.high - found.low) / 2 * (1 + t.ppf(0.8, 11) / t.ppf(0.975, 11)))
    zero = [*amounts[:11], 0.0]
    with np.errstate(divide="raise"):  # of nothing there is no logarithm
        apart, plain = divergence(zero, [10] * 12, 0.5, RESAMPLING), ratio(zero, [10] * 12, range(12), RESAMPLING)
    assert (apart.low, apart.high) == (plain.low, plain.high)
    one_far = divergence([1.0, 1.0, 1.0, 1.0, 1.0, 90.0], [10] * 6, 0.5, RESAMPLING)
    assert one_far.low == 0.0 and one_far.verdict == "inconclusive"  # no model is nearer than none


def test_perplexity_by_hand() -> None:
    found = perplexity_change([20.0, 40.0] * 3, [24.0, 48.0] * 3, [10, 20] * 3, 0.1, RESAMPLING)
    assert found.base == pytest.approx(np.exp(2))
    assert found.ratio == pytest.approx(np.exp(0.4))
    assert found.low == pytest.approx(np.exp(0.4)) and found.high == pytest.approx(np.exp(0.4))
    assert found.verdict == "collapsed"
    assert perplexity_change([20.0, 40.0] * 3, [20.2, 40.4] * 3, [10, 20] * 3, 0.1, RESAMPLING).verdict == "retained"


def test_perplexity_tells_the_rise_that_would_be_noticed() -> None:
    base, rise, tokens = [20.0] * 12, [0.1 * (n % 4) for n in range(12)], [1] * 12
    found = perplexity_change(base, [one + more for one, more in zip(base, rise, strict=True)], tokens, 0.1, RESAMPLING)
    nats = ratio(rise, tokens, range(12), RESAMPLING).detectable
    assert nats is not None and found.detectable == pytest.approx(np.exp(nats) - 1)


def test_a_share_of_tokens_ends_at_all_of_them() -> None:
    """With few passages the interval reached beyond 100 %, and so did the smallest share that would be noticed."""
    apart, tokens = [30, 30, 32], [30, 31, 32]
    plain, share = (divergence(apart, tokens, 0.5, RESAMPLING, most=most) for most in (inf, 1.0))
    assert plain.high is not None and plain.high > 1
    assert (share.low, share.high, share.detectable, share.verdict) == (plain.low, 1.0, plain.detectable, "collapsed")
    two = divergence([20, 30], [30, 31], 0.5, RESAMPLING, most=1.0)
    assert (two.low, two.high, two.detectable, two.verdict) == (0.0, 1.0, None, "inconclusive")


def test_divergence_reaches_down_to_the_lognormal_end_where_long_passages_are_far() -> None:
    tokens, rates = [1] * 4 + [1000] * 8, [0.1, 0.12] * 2 + [1.0, 1.1, 0.9, 1.05] * 2
    amounts = [rate * count for rate, count in zip(rates, tokens, strict=True)]
    low, _ = lognormal_mean(rates, 0.025)
    drawn = ratio(amounts, tokens, range(12), RESAMPLING)
    assert drawn.low is not None and 0 < low < drawn.low
    assert divergence(amounts, tokens, 0.5, RESAMPLING).low == low


def test_scores_gain_lose_or_neither() -> None:
    dialogues = [f"d{n // 2}" for n in range(20)]
    base = [float(n % 3) for n in range(20)]
    assert score_change(base, [b + 1 for b in base], dialogues, RESAMPLING).verdict == "gained"
    assert score_change(base, [b - 1 for b in base], dialogues, RESAMPLING).verdict == "lost"
    assert score_change(base, base, dialogues, RESAMPLING).verdict == "inconclusive"
    few = score_change(
        [5.0] * 3, [7.0] * 3, ["a", "b", "c"], RESAMPLING
    )  # two points better by chance, in whole grades
    assert isinstance(few, ScoreChange) and (few.low, few.high, few.verdict) == (None, None, "inconclusive")
    assert score_change([], [], [], RESAMPLING).model_dump() == {
        "n": 0,
        "base": None,
        "tuned": None,
        "delta": None,
        "verdict": "not measurable",
    }


def test_what_moves_together_counts_together() -> None:
    """Answers of a subject, and scores of a conversation, that change alike are as good as one."""
    places = [n // 4 for n in range(40)]
    moved = [0.3 * (place % 3) - 0.4 + 0.01 * (n % 4) for n, place in enumerate(places)]
    together, apart = [f"s{place}" for place in places], [f"s{n}" for n in range(40)]
    for change in (
        lambda clusters: likelihood_change([0.0] * 40, moved, clusters, 0.2, RESAMPLING),
        lambda clusters: score_change([0.0] * 40, moved, clusters, RESAMPLING),
    ):
        wide, narrow = change(together), change(apart)
        assert not isinstance(wide, NoScores) and not isinstance(narrow, NoScores)
        assert wide.detectable is not None and narrow.detectable is not None
        assert wide.detectable > 2 * narrow.detectable


def test_the_margin_of_perplexity_is_of_the_ratio() -> None:
    tokens = [10] * 6
    assert perplexity_change([0.0] * 6, [0.97] * 6, tokens, 0.1, RESAMPLING).verdict == "collapsed"  # × 1.1019
    assert perplexity_change([0.0] * 6, [0.95] * 6, tokens, 0.1, RESAMPLING).verdict == "retained"  # × 1.0997
