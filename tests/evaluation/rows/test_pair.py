"""Rows of two models side by side: by id, in the base's order, and only where both answered the same."""

from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.core.row import Row
from stages.evaluation.rows.pair import Pair, paired


def test_pairs_are_by_id_in_the_bases_order() -> None:
    rows = [Row(id="b"), Row(id="a"), Row(id="c")]
    assert paired(iter(rows), reversed(rows), Path("model.jsonl")) == [Pair(row, row) for row in rows]
    assert paired([], [], Path("model.jsonl")) == []


@pytest.mark.parametrize("others", [[], [Row(id="a"), Row(id="b")], [Row(id="b")]])
def test_other_rows_are_refused_with_the_place(others: list[Row]) -> None:
    with pytest.raises(InputError, match=r"^model\.jsonl: not the rows that the base model answered; run `dvc repro`"):
        paired([Row(id="a")], others, Path("model.jsonl"))
