"""Verdicts that say no more than their intervals can."""

import pytest

from stages.evaluation.retention.verdicts import conclusion, domain_verdict, overall, verdict


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
    whole = conclusion({"text en": "retained", "kl en": "retained", "accuracy small": "not measurable"}, 0.025)
    assert whole.verdict == "retained"
    assert whole.rests_on == "retained: text en, kl en; not measurable: accuracy small"
    assert whole.measures == 2
    assert whole.false_alarms == pytest.approx(0.05)
    assert conclusion({f"text {n}": "retained" for n in range(50)}, 0.025).false_alarms == 1
    assert conclusion({}, 0.025).rests_on == "nothing was measured"
    assert conclusion({"text en": "collapsed", "kl en": "retained"}, 0.025).verdict == "collapsed"


def test_no_interval_is_no_verdict() -> None:
    assert verdict(None, None, 0.05) == domain_verdict(None, None) == "inconclusive"


def test_a_score_gains_or_loses_only_where_its_whole_interval_does() -> None:
    assert domain_verdict(0.1, 0.5) == "gained"
    assert domain_verdict(-0.5, -0.1) == "lost"
    assert domain_verdict(-0.1, 0.5) == domain_verdict(0.0, 0.0) == "inconclusive"


def test_a_bound_on_the_margin_is_on_it_whatever_the_last_digit_of_its_sum() -> None:
    assert verdict(-0.3, -0.1 - 2e-17, 0.1) == verdict(-0.3, -0.10000000000000002, 0.1) == "inconclusive"
    assert verdict(-0.10000000000000002, 0.1, 0.1) == "retained"
    assert domain_verdict(1e-17, 1.0) == domain_verdict(-1.0, -1e-17) == "inconclusive"
