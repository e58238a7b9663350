"""Paired statistics: intervals by cluster, exact tests, and verdicts that say no more than they can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.retention.verdicts import (
    FEWEST,
    Plan,
    above_chance,
    accuracy_change,
    conclusion,
    divergence,
    likelihood_change,
    mcnemar,
    overall,
    paired_change,
    perplexity_change,
    published_change,
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
        found = paired_change(*simulated(kind, clusters, random), Plan(0.95, 1000, int(random.integers(2**31))))
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
        found = paired_change(changes, [1.0] * 240, range(240), Plan(0.95, 400, int(random.integers(2**31))))
        wrong += verdict(found.low, found.high, 0.0) == "collapsed"
    assert wrong > 0.2 * trials


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


def test_a_conclusion_names_what_it_rests_on_and_how_often_it_may_be_wrong() -> None:
    found = conclusion({"text en": "retained", "kl en": "retained", "accuracy small": "not measurable"}, PLAN)
    assert found["verdict"] == "retained"
    assert found["rests_on"] == "retained: text en, kl en; not measurable: accuracy small"
    assert (found["measures"], found["false_alarms"]) == (2, pytest.approx(0.05))
    assert conclusion({}, PLAN)["rests_on"] == "nothing was measured"
    assert conclusion({"text en": "collapsed", "kl en": "retained"}, PLAN)["verdict"] == "collapsed"


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


def test_no_flip_among_few_questions_is_no_proof() -> None:
    for n, expected in (
        (20, "inconclusive"),
        (72, "retained"),
    ):  # of 72 without a loss, at most 5 % are lost: 0.95^72 = 0.025
        found = accuracy_change([1] * n, [1] * n, SUBJECTS[:n], 0.25, 0.05, PLAN)
        assert found["verdict"] == expected
        assert found["low"] == pytest.approx(0.025 ** (1 / n) - 1)


def test_retention_is_the_share_of_the_lead_over_chance() -> None:
    base = [int(n % 4 != 0) for n in range(100)]
    half = [int(n % 2 == 0 and n % 4 != 0) or int(n % 4 == 1) for n in range(100)]
    found = accuracy_change(base, half, SUBJECTS, 0.25, 0.05, PLAN)
    assert (found["base"], found["tuned"]) == (0.75, 0.5)
    kept = found["retention"]
    assert isinstance(kept, dict) and kept["value"] == pytest.approx(0.5)
    assert kept["low"] == pytest.approx(1 + float(str(found["low"])) / 0.5)
    guessing = [int(n % 4 == 0) for n in range(100)]
    assert accuracy_change(guessing, half, SUBJECTS, 0.25, 0.05, PLAN)["retention"] is None


def test_likelihood_of_right_answers_by_hand() -> None:
    subjects = [f"s{n % 6}" for n in range(12)]
    found = likelihood_change([-1.0] * 12, [-1.5] * 12, subjects, 0.1, PLAN)
    assert (found["delta"], found["low"], found["high"], found["verdict"]) == (-0.5, -0.5, -0.5, "collapsed")
    assert likelihood_change([-1.0] * 12, [-1.05] * 12, subjects, 0.1, PLAN)["verdict"] == "retained"


def test_divergence_by_hand() -> None:
    found = divergence([2.0, 4.0, 6.0, 1.0, 3.0, 2.0], [10, 20, 30, 10, 10, 10], 0.1, PLAN)
    assert (found["n"], found["tokens"], found["value"]) == (6, 90, 0.2)
    assert found["verdict"] == "collapsed"
    assert divergence([0.0] * 6, [10] * 6, 0.1, PLAN)["verdict"] == "retained"
    assert divergence([0.0, 2.0] * 3, [10] * 6, 0.1, PLAN)["verdict"] == "inconclusive"


def test_published_figures_by_hand() -> None:
    found = published_change(0.5, 0.4, 100, 0.05, 0.95)
    error = np.sqrt((0.25 + 0.24) / 100)
    assert found["low"] == pytest.approx(-0.1 - 1.959964 * error, abs=1e-6)
    assert found["best_low"] == pytest.approx(-0.1 - 1.959964 * np.sqrt((0.1 - 0.01) / 100), abs=1e-6)
    assert found["verdict"] == found["best_verdict"] == "inconclusive"
    assert found["retained_from"] == pytest.approx(0.1 + 1.959964 * error, abs=1e-6)
    assert published_change(0.5, 0.4, 10_000, 0.05, 0.95)["verdict"] == "collapsed"
    assert published_change(0.5, 0.4, 10_000, 0.12, 0.95)["verdict"] == "retained"
    assert published_change(0.4, 0.5, 10_000, 0.01, 0.95)["retained_from"] == 0.0


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_whatever_the_pairing_its_interval_is_no_narrower_than_the_narrowest(a: int, b: int, c: int, d: int) -> None:
    """`a` both right, `b` lost, `c` won, `d` both wrong: McNemar's standard error against the one bounded without them."""
    n = a + b + c + d + 1
    found = published_change((a + b) / n, (a + c) / n, n, 0.05, 0.95)
    paired = np.sqrt(((b + c) / n - ((c - b) / n) ** 2) / n)
    assert float(str(found["best_high"])) <= (c - b) / n + 1.959964 * paired + 1e-6


def test_perplexity_by_hand() -> None:
    found = perplexity_change([20.0, 40.0], [24.0, 48.0], [10, 20], 0.1, PLAN)
    assert found["base"] == pytest.approx(np.exp(2))
    assert found["ratio"] == pytest.approx(np.exp(0.4))
    assert found["low"] == pytest.approx(np.exp(0.4)) and found["high"] == pytest.approx(np.exp(0.4))
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


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 9)), min_size=1, max_size=30))
def test_intervals_are_ordered_and_within_the_changes(rows: list[tuple[float, int]]) -> None:
    changes, clusters = [change for change, _ in rows], [cluster for _, cluster in rows]
    found = paired_change(changes, [1.0] * len(rows), clusters, Plan(0.9, 100, 0))
    if found.low is not None and found.high is not None:
        assert found.low <= found.high
    if found.low is not None and found.high is not None and len(set(clusters)) >= FEWEST:
        assert min(changes) - 1e-9 <= found.low <= found.high <= max(changes) + 1e-9
