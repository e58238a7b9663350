"""What the search for a recipe trains on, and what it puts aside."""

from argparse import Namespace

from benchmarks.tuning import apart, combinations
from stages.rows.instruction import Ask
from stages.rows.sample import LabeledSample


def row(number: int) -> LabeledSample:
    """Return one of two rows of a conversation."""
    return LabeledSample(
        id=f"{number}",
        dialogue=f"talk {number // 2}",
        prompt="p",
        instruction="i",
        language="en",
        scene="buying",
        source="im_messages",
        role="real_estate_agent",
        task="reasoning",
        ask=Ask(kind="paragraph"),
        before="What is said?",
        conversation="Hello.",
        after="",
        answer="Hello.",
        author="us",
        origin="provided",
    )


def test_conversations_are_put_aside_whole_and_more_rows_move_none() -> None:
    rows = [row(n) for n in range(200)]
    few, all_of_them = apart(rows[:100], 5), apart(rows, 5)
    assert {row.dialogue for row in few.training}.isdisjoint(row.dialogue for row in few.validation)
    assert len(few.training) + len(few.validation) == 100 and 4 <= len(few.validation) <= 40
    assert [row for row in all_of_them.validation if int(row.id) < 100] == few.validation
    assert [row for row in all_of_them.training if int(row.id) < 100] == few.training


def test_more_rows_than_there_are_become_all_once() -> None:
    options = Namespace(rows=[20, 60, 90], epochs=[1, 3], learning_rate=[1e-4], seeds=[1])
    found = [each.name for each in combinations(options, 45)]
    assert found == ["n20-e1-lr0.0001-s1", "n20-e3-lr0.0001-s1", "n45-e1-lr0.0001-s1", "n45-e3-lr0.0001-s1"]
