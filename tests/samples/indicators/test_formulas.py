"""The formulas of §3.3 on figures one can check by hand, and on the paper's own."""

import pytest

from stages.samples.indicators import formulas


def test_complexity_by_hand() -> None:
    assert formulas.prompt_complexity([100, 200]) == 150
    assert formulas.input_complexity([100, 200], [600, 900]) == pytest.approx((600 / 3 + 200 / 3 + 300 + 400 / 3) / 2)


def test_the_papers_v05() -> None:
    rich = formulas.richness([40000 // 624] * 623 + [40000 - 623 * (40000 // 624)], top_n=1)
    assert round(100 * rich, 2) == 1.56
    assert round(100 * formulas.redundancy(rich), 2) == 98.44


def test_richness_counts_at_most_top_n_of_a_community() -> None:
    assert formulas.richness([5, 2, 1], top_n=1) == 3 / 8
    assert formulas.richness([5, 2, 1], top_n=2) == 5 / 8
    assert formulas.richness([1, 1, 1], top_n=1) == 1


@pytest.mark.parametrize(
    "values", [[0], [7, 7, 7], [3, 99], list(range(1000)), [5, 123456], [0, 59], [1000, 1011], [10, 22]]
)
def test_a_histogram_holds_every_value_in_few_round_bins(values: list[int]) -> None:
    bins = formulas.histogram(values, most=12)
    assert len(bins) <= 12
    assert [count for _, _, count in bins] == [sum(low <= v < below for v in values) for low, below, _ in bins]
    assert sum(count for _, _, count in bins) == len(values)
    (width,) = {below - low for low, below, _ in bins}
    assert str(width).rstrip("0") in {"1", "2", "5"}
    assert all(low % width == 0 for low, _, _ in bins)
    assert bins[0][2] and bins[-1][2]  # no bin before the first value, none behind the last
    narrower = [step for step in (1, 2, 5, 10, 20, 50, 1000, 2000, 5000, 10_000) if step < width]
    assert all(max(values) // step - min(values) // step + 1 > 12 for step in narrower)


def test_a_histogram_of_nothing() -> None:
    assert formulas.histogram([], most=12) == []


def test_label_quality_is_shares_in_order() -> None:
    found = formulas.label_quality(
        ["low", "high", "no_fault", "high", "medium", "faulty", "no_fault", "doubtful", "no_fault"]
    )
    assert list(found["judged"].items()) == [("n", 4), ("high", 0.5), ("medium", 0.25), ("low", 0.25)]
    assert list(found["by_rules"].items()) == [("n", 5), ("no_fault", 0.6), ("doubtful", 0.2), ("faulty", 0.2)]


def test_where_nobody_judged_label_quality_is_unknown_whatever_rules_say() -> None:
    found = formulas.label_quality(["no_fault", "no_fault"])
    assert found["judged"] == {"n": 0, "high": None, "medium": None, "low": None}
    assert found["by_rules"] == {"n": 2, "no_fault": 1, "doubtful": 0, "faulty": 0}
    nothing = {"judged": found["judged"], "by_rules": {"n": 0, "no_fault": None, "doubtful": None, "faulty": None}}
    assert formulas.label_quality([]) == nothing


def test_balance_is_one_when_every_cell_is_full_and_zero_in_one_cell() -> None:
    assert formulas.balance("abcd" * 3, possible=4) == pytest.approx(1)
    assert str(formulas.balance("aaaa", possible=4)) == "0.0"  # a card and the metrics would show -0.0
    assert formulas.balance("ab", possible=4) == pytest.approx(0.5)
    assert formulas.balance("aab", possible=2) == pytest.approx(0.9183, abs=1e-4)  # (log 3 - 2/3 log 2) / log 2
    assert formulas.balance("a", possible=1) == 0
