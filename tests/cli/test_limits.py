"""What limits of params.yaml hold, where an answer is given less than the limit because of its form."""

import pytest

from stages.cli.limits import TooLow, Wanted, _low


def answers(*needed: int, form: int) -> list[Wanted]:
    """Return answers of so many tokens in a form that is given `form`, whatever the limit."""
    return [(each, lambda most: min(most, form)) for each in needed]


@pytest.mark.parametrize(
    ("rows", "limit", "found"),
    [
        (answers(*[40] * 18, 60, 60, form=48), 640, (0.9, None)),  # no limit would hold the longer ones
        (answers(*[40] * 18, 60, 60, form=99), 50, (0.9, 60)),
        (answers(*[40] * 38, 60, form=99) + answers(60, form=48), 39, (0.0, 40)),
        (answers(*[40] * 18, 60, 60, form=99), 640, None),
    ],
)
def test_a_limit_that_would_hold_more_is_told_only_where_there_is_one(
    rows: list[Wanted], limit: int, found: tuple[float, int | None] | None
) -> None:
    said = list(_low("predict.max_tokens", {"predict": {"max_tokens": limit}}, "references", lambda: rows))
    assert [(row.share, row.enough) for row in said] == ([found] if found else [])
    assert all(("no limit holds" in row.why) == (row.enough is None) for row in said)
    assert all(isinstance(row, TooLow) and (row.enough or limit + 1) > limit for row in said)
