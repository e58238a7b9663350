"""Which decision holds: the stated rule, whatever the order and number of the lines."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.reviews.decisions import Decision
from stages.reviews.settlement import careful, conflicting, disputed, holding, next_moment, settled, standing

START = datetime(2025, 3, 1, 9, tzinfo=UTC)


def said(reviewer: str, action: str = "keep", day: int = 0, **fields: object) -> Decision:
    text = {"text": "Name each promise."} if action == "rewrite" else {}
    values = {"id": "row", "action": action, "reviewer": reviewer, "time": START + timedelta(days=day)}
    return Decision.model_validate(values | text | fields)


def test_of_one_reviewer_the_latest_holds_wherever_its_line_stands() -> None:
    early, late = said("ann", "discard", 1), said("ann", "keep", 2)
    assert settled([early, late]) == settled([late, early]) == late


def test_a_withdrawal_leaves_the_others_word_or_none() -> None:
    ann, back, bo = said("ann", "discard", 1), said("ann", "withdraw", 2), said("bo", "keep", 0)
    assert settled([ann, back]) is None and settled([]) is None
    assert settled([ann, bo, back]) == bo
    assert standing([back, bo, ann]) == {"bo": bo}
    assert settled([ann, back, again := said("ann", "keep", 3)]) == again


def test_whoever_settles_wins_over_more_and_later_voices() -> None:
    rows = [
        said("ann", "discard", 1),
        said("bo", "discard", 2),
        said("cy", "keep", 1, settles=True),
        said("di", "discard", 5),
    ]
    assert settled(rows) == rows[2]
    assert settled([*rows, later := said("bo", "discard", 6, settles=True)]) == later


def test_the_majority_holds() -> None:
    rows = [said("ann", "discard", 9), said("bo", "keep", 1), said("cy", "keep", 2)]
    assert settled(rows) == rows[2]


@pytest.mark.parametrize(
    ("one", "two", "holds"),
    [
        (("keep", {}), ("discard", {}), "discard"),
        (("keep", {}), ("rewrite", {}), "rewrite"),
        (("rewrite", {}), ("discard", {}), "discard"),
        (("keep", {"quality": "high"}), ("keep", {"quality": "medium"}), "medium"),
        (("keep", {"quality": "low"}), ("keep", {"quality": "medium"}), "low"),
    ],
)
def test_without_a_majority_the_careful_one_holds(
    one: tuple[str, dict[str, str]], two: tuple[str, dict[str, str]], holds: str
) -> None:
    for first, second in ((1, 2), (2, 1)):  # the time does not matter
        found = settled([said("ann", one[0], first, **one[1]), said("bo", two[0], second, **two[1])])
        assert found and holds in (found.action, found.quality)


def test_of_several_rewritings_the_latest_holds() -> None:
    rows = [said("ann", "rewrite", 2, text="One."), said("bo", "rewrite", 1, text="Two.")]
    assert settled(rows) == rows[0]


def test_a_conflict_is_shown_until_somebody_settles_it() -> None:
    ann, bo = said("ann", "keep", 1), said("bo", "discard", 2)
    assert not conflicting([ann, said("bo", "keep", 2)])
    (found,) = disputed([ann, bo])
    assert (found.id, found.said, found.holds) == ("row", {"ann": ann, "bo": bo}, bo)
    assert disputed([ann, bo, said("ann", "keep", 3, settles=True)]) == []


SETTLED = [said("ann", quality="high"), said("bo", quality="medium"), said("ann", day=1, quality="high", settles=True)]


def test_an_objection_after_a_settlement_is_a_conflict_until_the_next_one() -> None:
    assert not conflicting(SETTLED)
    objected = [*SETTLED, said("bo", "discard", 2)]
    assert conflicting(objected) and settled(objected) == SETTLED[2]
    assert not conflicting([*objected, said("bo", "withdraw", 3)])
    again = [*objected, last := said("cy", "discard", 3, settles=True)]
    assert not conflicting(again) and settled(again) == last
    assert not conflicting([*again, said("di", "discard", 4)])  # agrees
    assert conflicting([*again, said("di", "keep", 4, quality="high")])


def test_two_branches_that_settled_differently_are_a_conflict_until_the_next_settlement() -> None:
    merged = [*SETTLED, said("cy", day=2, quality="low", settles=True)]
    assert conflicting(merged)
    assert not conflicting([*SETTLED, said("cy", day=2, quality="high", settles=True)])
    again = [*merged, last := said("di", day=3, quality="medium", settles=True)]
    assert not conflicting(again) and settled(again) == last


def test_careful_is_the_most_careful_that_stands_whoever_settled() -> None:
    assert careful(SETTLED) == SETTLED[1] and careful([]) is None
    assert careful([*SETTLED, said("bo", "withdraw", 2)]) == SETTLED[2]


def test_the_next_word_is_later_than_a_clock_that_is_ahead() -> None:
    ahead = said("ann").model_copy(update={"time": datetime.now(UTC) + timedelta(minutes=30)})
    assert next_moment([ahead]) > ahead.time
    assert START < next_moment([said("ann")]) <= datetime.now(UTC)


def test_to_keep_as_low_and_to_discard_a_label_is_the_same() -> None:
    assert not conflicting([said("ann", "keep", quality="low"), said("bo", "discard")])
    assert conflicting([said("ann", "keep"), said("bo", "keep", quality="medium")])


lines = st.builds(
    said,
    st.sampled_from(["ann", "bo", "cy"]),
    st.sampled_from(["keep", "discard", "withdraw"]),
    st.integers(0, 3),
    id=st.sampled_from(["one", "two"]),
    settles=st.booleans(),
    quality=st.sampled_from([None, "high", "medium", "low"]),
) | st.builds(
    said, st.sampled_from(["ann", "bo"]), st.just("rewrite"), st.integers(0, 3), text=st.sampled_from(["a", "b"])
)


@settings(deadline=None)
@given(st.lists(lines, max_size=8), st.randoms(use_true_random=False), st.integers(0, 3))
def test_order_and_repetition_of_lines_change_nothing(rows: list[Decision], random: Random, twice: int) -> None:
    shuffled = rows + rows[:twice]
    random.shuffle(shuffled)
    assert holding(shuffled) == holding(rows)
    assert {row.id: row for row in disputed(shuffled)} == {row.id: row for row in disputed(rows)}


@settings(deadline=None)
@given(st.lists(lines, max_size=8))
def test_what_holds_is_one_of_the_standing_decisions(rows: list[Decision]) -> None:
    for key, row in holding(rows).items():
        assert row in standing(each for each in rows if each.id == key).values() and not row.withdrawn
