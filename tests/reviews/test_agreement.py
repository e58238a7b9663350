"""Agreement between reviewers: rows both decided, Cohen's kappa, nothing that was spoken in view of the other's word."""

from datetime import UTC, datetime, timedelta

import pytest

from stages.reviews.agreement import between
from stages.reviews.decisions import Decision


def said(row: int, reviewer: str, action: str, day: int = 0, *, settles: bool = False) -> Decision:
    time = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(days=day)
    text = "New." if action == "rewrite" else ""
    values = {"id": str(row), "action": action, "reviewer": reviewer, "time": time, "settles": settles, "text": text}
    return Decision.model_validate(values)


def category(row: Decision) -> str:
    return row.category


def both(ann: str, bo: str) -> list[Decision]:
    words = {"k": "keep", "d": "discard", "r": "rewrite"}
    left = [said(n, "ann", words[word]) for n, word in enumerate(ann)]
    return left + [said(n, "bo", words[word]) for n, word in enumerate(bo)]


def test_kappa_by_hand() -> None:
    (found,) = between(both("kkkkkddddd", "kkkkddddkk"), category)
    assert (found.reviewers, found.rows, found.agree) == (("ann", "bo"), 10, 7)
    assert found.kappa and found.kappa.value == pytest.approx((0.7 - 0.5) / 0.5)  # by chance .5 · .6 + .5 · .4
    assert found.kappa.low is not None and found.kappa.high is not None and found.kappa.low < 0.4 < found.kappa.high
    assert found.figures["rows"] == 10


def test_only_rows_that_both_decided_count() -> None:
    rows = [*both("kd", "kd"), said(7, "ann", "keep"), said(8, "bo", "discard"), said(9, "cy", "keep")]
    (found,) = between(rows, category)
    assert (found.reviewers, found.rows, found.agree) == (("ann", "bo"), 2, 2)


def test_a_line_that_settles_is_no_agreement() -> None:
    rows = [*both("kdk", "kdd"), said(2, "bo", "keep", 1, settles=True)]
    (found,) = between(rows, category)
    assert (found.rows, found.agree) == (3, 2)


def test_what_is_said_after_a_line_that_settles_is_no_agreement_either() -> None:
    rows = [*both("kk", "kd"), said(1, "bo", "keep", 1, settles=True), said(1, "ann", "discard", 2)]
    (found,) = between(rows, category)
    assert (found.rows, found.agree) == (2, 1), "ann kept it when bo discarded it"
    taken_back = [*rows, said(1, "ann", "withdraw", 3)]
    (found,) = between(taken_back, category)
    assert (found.rows, found.agree) == (1, 1)


def test_what_a_third_one_settled_is_no_agreement_of_two() -> None:
    rows = [*both("kk", "kd"), said(1, "cy", "discard", 1, settles=True), said(1, "ann", "discard", 2)]
    (found, *_) = between(rows, category)
    assert (found.reviewers, found.rows, found.agree) == (("ann", "bo"), 2, 1), "ann followed cy"


def test_two_who_always_say_the_same_one_thing_have_no_kappa() -> None:
    (found,) = between(both("kkk", "kkk"), category)
    assert (found.agree, found.kappa) == (3, None)


def test_every_two_reviewers_are_compared_and_who_withdrew_is_not() -> None:
    rows = [*both("kd", "kd"), said(0, "cy", "keep"), said(1, "cy", "keep"), said(1, "cy", "withdraw", 1)]
    assert [(row.reviewers, row.rows) for row in between(rows, category)] == [
        (("ann", "bo"), 2), (("ann", "cy"), 1), (("bo", "cy"), 1),
    ]  # fmt: skip
