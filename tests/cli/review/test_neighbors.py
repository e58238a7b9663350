"""Which texts say nearly the same, and what happens to those that say nothing."""

import pytest

from stages.cli.review.neighbors import MOST, neighbors
from stages.core.row import Language

BUDGET = "List the customer's budget, the area and every wish that was voiced."


def test_nearly_the_same_texts_know_of_each_other() -> None:
    texts = [BUDGET, "Name the next step and who takes it.", BUDGET.replace(".", ", please."), "请总结客户提到的预算。"]
    languages: list[Language] = ["en", "en", "en", "zh"]
    assert neighbors(texts, languages) == {0: [2], 2: [0]}


def test_a_crowd_is_not_shown_whole() -> None:
    found = neighbors([f"{BUDGET} {'x' * n}" for n in range(9)], ["en"] * 9)
    assert len(found[0]) == MOST and all(found[row] == [0] for row in range(1, 9))


@pytest.mark.parametrize("texts", [[], [""], ["…", "!!!"], ["the", "the"]])
def test_texts_without_a_word_of_their_own_have_none(texts: list[str]) -> None:
    assert neighbors(texts, ["en"] * len(texts)) == {}
