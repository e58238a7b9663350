"""The examples are drawn by nobody, the same in each run, and say where they come from."""

from pathlib import Path

import pytest

from stages.core.errors import ParamsError
from stages.reporting.examples import ELIDED, Report, _answered, collect, drawn
from stages.rows.sample import Prediction
from tests.reporting.rows import ROWS, labelled, made

MODELS = ("base", "tuned")


def test_the_draw_depends_on_seed_and_id_alone() -> None:
    rows = [labelled(number) for number in range(50)]
    first = [row.id for row in drawn(rows, 5, 1)]
    assert [row.id for row in drawn(reversed(rows), 5, 1)] == first
    assert [row.id for row in drawn([*rows, labelled(99)], 50, 1) if row.id != "row99"][:5] == first
    assert [row.id for row in drawn(rows, 5, 2)] != first


def test_a_training_row_tells_where_it_comes_from(tmp_path: Path) -> None:
    found = collect(made(tmp_path), MODELS, Report(examples=ROWS, seed=1))
    assert (len(found.train), found.of_train) == (ROWS, ROWS)
    by_id = {one.id: one for one in found.train}
    evolved, unknown = by_id["row1"], by_id["row2"]
    assert evolved.asked == "Say why they called."
    lineage = dict(evolved.lineage)
    assert (
        lineage["instruction"]
        == "asked1, evolved by “add constraint”, generation 2, from parent1, parent2, author somebody"
    )
    assert lineage["conversation"].startswith("talk1: buying") and lineage["quality"] == "no fault"
    assert "talk 1" in evolved.prompt and [told.text for told in evolved.answers] == ["The answer."]
    assert "really said next" in unknown.asked


def test_a_test_row_stands_before_and_after_and_only_where_both_answered(tmp_path: Path) -> None:
    found = collect(made(tmp_path), MODELS, Report(examples=50, seed=1))
    assert found.of_test == len(found.test) == ROWS - 1  # nobody answered the first
    one = found.test[0]
    assert [(told.heading, told.text) for told in one.answers] == [
        ("the reference, by somebody", "The answer."),
        ("base, cut off", "before"),
        ("tuned, cut off", "after"),
    ]
    assert ELIDED in one.asked and "Customer" not in one.asked and "Customer" in one.prompt


def test_an_answer_that_never_came_is_told() -> None:
    failed = Prediction(id="row1", answer="", finish="failed", author="m")
    assert _answered(labelled(1), {"base": {"row1": failed}}).answers[1].heading == "base, no answer came"


def test_none_reads_no_row(tmp_path: Path) -> None:
    found = collect(tmp_path / "nothing", MODELS, Report(examples=0, seed=1))
    assert (found.train, found.test) == ([], [])


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"report\.examples"):
        Report.parse("report", {"examples": -1, "seed": 1})
