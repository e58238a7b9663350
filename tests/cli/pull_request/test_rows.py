"""Which rows of a file came, went and changed."""

import json

import pytest

from stages.cli.pull_request.rows import Moved, _compared

Rows = list[dict[str, str]]


def text(rows: Rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


FIRST, SECOND, OTHER = ({"id": "a", "by": name} for name in ("Ann", "Ben", "Cas"))


@pytest.mark.parametrize(
    ("before", "now", "counts"),
    [
        ([FIRST], [FIRST, SECOND], (1, 0, 0)),  # one more decides on the same row
        ([FIRST, SECOND], [SECOND], (0, 1, 0)),
        ([FIRST, SECOND], [OTHER, SECOND], (0, 0, 1)),
        ([FIRST], [FIRST, FIRST], (1, 0, 0)),
        ([FIRST, SECOND], [SECOND, FIRST], (0, 0, 0)),
        ([{"id": "a", "by": "a\u2028b"}], [{"id": "a", "by": "a\u2028c"}], (0, 0, 1)),  # a line break within a text
        ([], [{"by": "Ann"}], (1, 0, 0)),
    ],
)
def test_rows_of_one_id_are_counted_one_by_one(before: Rows, now: Rows, counts: tuple[int, int, int]) -> None:
    assert _compared("rows.jsonl", text(before), text(now)) == Moved("rows.jsonl", *counts)
