"""Order of choice: a center of each community, then the next members by quality."""

from stages.rows.label_quality import Quality
from stages.samples.selection.quotas import by_turns, fill, highest, preferred, rooms


def test_better_quality_first_ties_by_order() -> None:
    assert preferred(["low", "high", "medium", "no_fault", "high"]) == [1, 4, 3, 2, 0]
    assert preferred(["faulty", "low", "doubtful", "medium", "no_fault"]) == [4, 2, 3, 0, 1]


def test_centers_then_the_next_members_by_quality() -> None:
    grades: list[Quality] = ["medium", "high", "low", "high", "medium"]
    #  community a: 0 (center), 1, 2; community b: 3 (center), 4
    assert by_turns(grades, list("aaabb"), [True, False, False, True, False]) == [3, 0, 1, 4, 2]


def test_without_its_center_a_community_offers_its_best() -> None:
    assert by_turns(["low", "high", "high"], list("aab"), [False, False, True]) == [1, 2, 0]


def test_the_highest_first_ties_by_order() -> None:
    assert highest([1.0, 3.0, 2.0, 3.0]) == [1, 3, 2, 0]


def test_a_cell_takes_what_it_has_room_for() -> None:
    assert fill([3, 0, 1, 2], ["a", "a", "b", "a"], {"a": 2}) == {3, 0}


def test_shares_become_whole_rows() -> None:
    assert rooms(10, {"a": 0.25, "b": 0.25, "c": 0.5}) == {"a": 3, "b": 2, "c": 5}
    assert rooms(10, {"a": 0.1, "b": 0.2}) == {"a": 1, "b": 2}
    assert rooms(7, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 3, "b": 2, "c": 2}
    assert rooms(7, {}) == {}
    assert rooms(100, {"a": 0.29}) == {"a": 29}  # 28.999999999999996 as a float
