"""What the pictures show, and the lines under them."""

from stages.reporting import charts


def test_a_histogram_keeps_gaps_and_names_its_peak() -> None:
    bins = [{"from": 0, "to": 10, "rows": 2}, {"from": 30, "to": 40, "rows": 8}]
    found = charts.histogram(bins, "prompt")
    assert found is not None
    assert [(one.x, one.width, one.height) for one in found.columns] == [(0, 25, 25), (75, 25, 100)]
    assert found.columns[1].name == "30 to 39 tokens: 8 rows"
    assert found.caption == "Of 10 prompts, from 0 to 40 tokens long, the most (8) have 30 to 39."
    assert charts.histogram([], "prompt") is None


def test_communities_stand_by_rank() -> None:
    quality = {"n": 10, "communities": {"count": 4, "singletons": 2, "largest": 6}}
    found = charts.communities([{"community": 1, "size": 6}, {"community": 2, "size": 3}], quality)
    assert found is not None
    assert [(one.x, one.height) for one in found.columns] == [(0, 100), (50, 50)]
    assert "10 rows fall into 4 communities" in found.caption and "60 % of all" in found.caption
    assert charts.communities([], quality) is None


def test_shares_of_quality_lie_side_by_side_from_good_to_bad() -> None:
    rows = [
        {"group": "b_task", "quality": "faulty", "share": 0.25},
        {"group": "b_task", "quality": "no_fault", "share": 0.75},
        {"group": "a", "quality": "high", "share": 1.0},
    ]
    assert charts.stacks(rows) == [
        charts.Stack("a", [("high", 0.0, 100.0)]),
        charts.Stack("b task", [("no_fault", 0.0, 75.0), ("faulty", 75.0, 25.0)]),
    ]


def test_composition_compares_shares_not_counts() -> None:
    train = [{"kind": "task", "name": "a", "rows": 3}, {"kind": "task", "name": "b", "rows": 1}]
    test = [{"kind": "task", "name": "a", "rows": 10}, {"kind": "format", "name": "json", "rows": 10}]
    found = charts.composition(train, test, "task")
    assert [(one.label, one.before, one.after, one.shown) for one in found] == [
        ("a", 75.0, 100.0, "75 %, 100 %"),
        ("b", 25.0, 0.0, "25 %, 0 %"),
    ]


def test_scores_by_task_leave_out_what_nobody_answered() -> None:
    none: dict[str, float | None] = {"n": 0, "base": None, "model": None, "delta": None}
    tasks: dict[str, dict[str, float | None]] = {
        "b": {"n": 4, "base": 1.0, "model": 4.0, "delta": 3.0},
        "a": {"n": 9, "base": 2.0, "model": 1.0, "delta": -1.0},
        "c": none,
    }
    assert charts.scores(tasks) == [
        charts.Couple("a (9)", 50.0, 25.0, "2.00 → 1.00"),
        charts.Couple("b (4)", 25.0, 100.0, "1.00 → 4.00"),
    ]
    assert "higher in 1 of 2 tasks. With 4 to 9 rows" in charts.rises(tasks, "the judge's grade")
    assert charts.scores({"c": none}) == [] and charts.rises({"c": none}, "x") == "No test row was answered."


def test_the_heat_map_has_a_cell_for_every_task_and_format() -> None:
    found = charts.heat([{"task": "b", "format": "list", "rows": 4}, {"task": "a", "format": "json", "rows": 1}])
    assert found.columns == ["json", "list"]
    assert found.rows == [("a", [(1, 0.25), (0, 0.0)]), ("b", [(0, 0.0), (4, 1.0)])]
    assert "2 of the 4 combinations" in found.caption
    assert charts.heat([]).rows == []


def test_the_loss_curve_spans_the_plane() -> None:
    drawn = charts.curve([{"loss": 3.0}, {"loss": 2.0}, {"loss": 1.0}])
    assert drawn and drawn.path == "M0.0 0.0 L50.0 50.0 L100.0 100.0"
    assert "From 3.00 to 1.00 nats a token in 3 steps" in drawn.caption
    assert charts.curve([]) is None


def test_of_one_all_is_said_in_the_singular() -> None:
    """A small run has one row, one community, one task, one step."""
    lengths = charts.histogram([{"from": 0, "to": 10, "rows": 1}], "conversation")
    assert lengths and lengths.columns[0].name == "0 to 9 tokens: 1 row"
    assert lengths.caption == "Of 1 conversation, from 0 to 10 tokens long, the most (1) have 0 to 9."
    quality = {"n": 1, "communities": {"count": 1, "singletons": 1, "largest": 1}}
    alike = charts.communities([{"community": 1, "size": 1}], quality)
    assert alike and alike.columns[0].name == "community 1: 1 row" and (alike.first, alike.last) == ("largest", "")
    assert alike.caption.startswith("1 row falls into 1 community of like prompts, 1 of them")
    assert charts.heat([{"task": "a", "format": "json", "rows": 1}]).caption.startswith(
        "1 task in 1 form; 0 of the 1 combination have"
    )
    drawn = charts.curve([{"loss": 1.0}])
    assert drawn and "in 1 step. " in drawn.caption
    one = {"a": {"n": 1, "base": 1.0, "model": 2.0, "delta": 1.0}}
    assert "higher in 1 of 1 task. With 1 row a task" in charts.rises(one, "the judge's grade")


def test_ranks_are_numbers() -> None:
    quality = {"n": 3, "communities": {"count": 2, "singletons": 1, "largest": 2}}
    found = charts.communities([{"community": 1, "size": 2}, {"community": 2, "size": 1}], quality)
    assert found and found.last == "number 2"


def test_bins_without_rows_are_no_picture() -> None:
    assert charts.histogram([{"from": 0, "to": 10, "rows": 0}], "prompt") is None
