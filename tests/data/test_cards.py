"""The data cards: their tables are what the data holds."""

import pytest

from stages.cli import cards
from stages.cli.cards import Holdings
from tests.data.conftest import at_root

pytestmark = pytest.mark.xdist_group("corpus")


def test_the_tables_are_what_the_data_holds(held: dict[str, Holdings]) -> None:
    with at_root():
        assert list(cards.faults(held)) == []


def test_every_cell_of_real_estate_has_a_dialogue_and_the_summary_says_so(held: dict[str, Holdings]) -> None:
    line = next(line for line in cards.summary(held) if line.startswith("real_estate: "))
    assert "346 dialogues (213 English, 133 Chinese), 8 to 228 turns, 140 of 140 cells" in line


def test_a_missing_row_is_noticed(held: dict[str, Holdings]) -> None:
    tests = held["real_estate"].tests
    fewer = held["real_estate"]._replace(tests=[tests[0]._replace(rows=tests[0].rows[1:]), *tests[1:]])
    with at_root():
        (line,) = cards.faults({"real_estate": fewer})
    assert line.startswith("data/test/README.md:") and "cards --fix" in line
