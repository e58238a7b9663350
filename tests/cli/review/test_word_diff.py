"""The word diff: it spells both texts, and changes are whole words."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stages.cli.review.word_diff import Run, word_diff

TEXT = st.text(alphabet="ab c.,\n客户房", max_size=40)


@given(TEXT, TEXT)
def test_it_spells_both_texts(old: str, new: str) -> None:
    runs = word_diff(old, new)
    assert "".join(run.text for run in runs if run.kind != "in") == old
    assert "".join(run.text for run in runs if run.kind != "out") == new
    assert all(run.text for run in runs)
    assert not any(one.kind == two.kind for one, two in pairwise(runs))


def test_words_change_whole() -> None:
    assert word_diff("List the budget.", "List the budgets, please.") == [
        Run("same", "List the "),
        Run("out", "budget"),
        Run("in", "budgets, please"),
        Run("same", "."),
    ]


def test_chinese_changes_by_characters() -> None:
    assert word_diff("总结客户的预算", "总结客户的需求") == [
        Run("same", "总结客户的"),
        Run("out", "预算"),
        Run("in", "需求"),
    ]


def test_equal_texts_are_one_run() -> None:
    assert word_diff("as it is", "as it is") == [Run("same", "as it is")]
