import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.instructions.seeding.rouge import rouge_l, words

TEXTS = st.lists(st.sampled_from("abcd"), max_size=12)


def longest(one: list[str], two: list[str]) -> int:
    """Return what the textbook's table says."""
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i, left in enumerate(one):
        for j, right in enumerate(two):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(TEXTS, TEXTS)
def test_it_is_twice_the_longest_common_subsequence_over_both_lengths(one: list[str], two: list[str]) -> None:
    total = len(one) + len(two)
    assert rouge_l(one, two) == pytest.approx(2 * longest(one, two) / total if total else 0.0)


@pytest.mark.parametrize(
    ("one", "two", "score"),
    [
        ("List the customer's needs.", "List the customer's needs!", 1.0),
        ("police killed the gunman", "police kill the gunman", 0.75),
        ("police killed the gunman", "the gunman killed police", 0.5),
        ("请列出客户需求", "请列出客户的需求", 14 / 15),
        ("请列出客户需求", "预算多少", 0.0),
    ],
)
def test_order_counts_and_chinese_goes_by_characters(one: str, two: str, score: float) -> None:
    assert rouge_l(words(one), words(two)) == pytest.approx(score)
    assert rouge_l(words(one), words(two), 0.7) == pytest.approx(score if score >= 0.7 else 0.0)
