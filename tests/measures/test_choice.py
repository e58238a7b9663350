"""Order of choice: a center of each community, then the next members by quality."""

from stages.measures.choice import by_turns, preferred
from stages.records.verdict import Quality


def test_better_quality_first_ties_by_order() -> None:
    assert preferred(["low", "high", "medium", "high"]) == [1, 3, 2, 0]


def test_centers_then_the_next_members_by_quality() -> None:
    grades: list[Quality] = ["medium", "high", "low", "high", "medium"]
    #  community a: 0 (center), 1, 2; community b: 3 (center), 4
    assert by_turns(grades, list("aaabb"), [True, False, False, True, False]) == [3, 0, 1, 4, 2]


def test_without_its_center_a_community_offers_its_best() -> None:
    assert by_turns(["low", "high", "high"], list("aab"), [False, False, True]) == [1, 2, 0]
