"""The measure of the frozen test set, on the small second domain."""

from pathlib import Path

import pytest

from benchmarks import test_set
from stages.cli import cards
from stages.core import jsonl
from stages.rows.dialogue import HeldOut

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _at_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def test_new_conversations_are_new_and_like_the_shipped_ones() -> None:
    shipped = cards.holdings("bank_service").dialogues
    new = list(test_set.made(shipped, 50, None))
    assert len({row.id for row in (*shipped, *new)}) == len(shipped) + 50
    assert {row.scene for row in new} == {row.scene for row in shipped}
    assert {row.scene for row in test_set.made(shipped, 5, "cards")} == {"cards"}


def test_no_addition_loses_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        test_set, "made", lambda shipped, count, scene, of=test_set.made: of(shipped, count // 20, scene)
    )
    _, *rows = test_set.growth("bank_service")
    held_out = jsonl.read(Path("data/test/bank_service/dialogues.jsonl"), HeldOut)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert len(cells) == 6 and {cell[3] for cell in cells} == {"55 of 55"}
    assert {cell[5].split()[0] for cell in cells[:5]} == {str(len(held_out))}
    assert cells[5][5].split()[0] == str(2 * len(held_out))


def test_the_marks_leave_nothing() -> None:
    _, before, after = test_set.privacy("bank_service")
    assert "| 18 of 55 |" in before and "| 0 of 55 |" in after
