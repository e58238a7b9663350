"""Changes measure by measure: by hand, by exact tests, and what no flip or a guessing base can show."""

import numpy as np
import pytest

from stages.evaluation.retention.changes import (
    above_chance,
    accuracy_change,
    divergence,
    likelihood_change,
    mcnemar,
    perplexity_change,
    score_change,
)
from stages.statistics.bootstrap import Resampling

RESAMPLING = Resampling(confidence=0.95, resamples=2000, seed=1)


def test_exact_tests_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 5) == pytest.approx(2 / 2**5)
    assert above_chance(4, 4, 0.25) == pytest.approx(0.25**4)


SUBJECTS = [f"s{n % 10}" for n in range(100)]


def test_a_base_at_chance_measures_nothing() -> None:
    base = [int(n % 4 == 0) for n in range(100)]
    assert accuracy_change("cloze", base, [0] * 100, SUBJECTS, 0.25, 0.05, RESAMPLING).verdict == "not measurable"


def test_a_base_that_knows_is_retained_against_itself_and_collapses_against_nothing() -> None:
    base = [int(n % 4 != 0) for n in range(100)]
    same = accuracy_change("cloze", base, base, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert (same.verdict, same.delta, same.lost, same.won) == ("retained", 0.0, 0, 0)
    gone = accuracy_change("cloze", base, [0] * 100, SUBJECTS, 0.25, 0.05, RESAMPLING)
    assert (gone.verdict, gone.delta, gone.lost) == ("collapsed", -0.75, 75)


def test_no_flip_among_few_questions_is_no_proof() -> None:
    for n, expected in (
        (20, "inconclusive"),
        (72, "retained"),
    ):  # of 72 without a loss, at most 5 % are lost: 0.95^72 = 0.025
        found = accuracy_change("cloze", [1] * n, [1] * n, SUBJECTS[:n], 0.25, 0.05, RESAMPLING)
        assert found.verdict == expected
        assert found.low == pytest.approx(0.025 ** (1 / n) - 1)


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


def test_divergence_by_hand() -> None:
    found = divergence([2.0, 4.0, 6.0, 1.0, 3.0, 2.0], [10, 20, 30, 10, 10, 10], 0.1, RESAMPLING)
    assert (found.n, found.tokens, found.value) == (6, 90, 0.2)
    assert found.verdict == "collapsed"
    assert divergence([0.0] * 6, [10] * 6, 0.1, RESAMPLING).verdict == "retained"
    assert divergence([0.0, 2.0] * 3, [10] * 6, 0.1, RESAMPLING).verdict == "inconclusive"


def test_perplexity_by_hand() -> None:
    found = perplexity_change([20.0, 40.0], [24.0, 48.0], [10, 20], 0.1, RESAMPLING)
    assert found.base == pytest.approx(np.exp(2))
    assert found.ratio == pytest.approx(np.exp(0.4))
    assert found.low == pytest.approx(np.exp(0.4)) and found.high == pytest.approx(np.exp(0.4))
    assert found.verdict == "collapsed"
    assert perplexity_change([20.0, 40.0], [20.2, 40.4], [10, 20], 0.1, RESAMPLING).verdict == "retained"


def test_scores_gain_lose_or_neither() -> None:
    dialogues = [f"d{n // 2}" for n in range(20)]
    base = [float(n % 3) for n in range(20)]
    assert score_change(base, [b + 1 for b in base], dialogues, RESAMPLING).verdict == "gained"
    assert score_change(base, [b - 1 for b in base], dialogues, RESAMPLING).verdict == "lost"
    assert score_change(base, base, dialogues, RESAMPLING).verdict == "inconclusive"
    assert score_change([], [], [], RESAMPLING).model_dump() == {
        "n": 0,
        "base": None,
        "tuned": None,
        "delta": None,
        "verdict": "not measurable",
    }
