"""What a text denies: the negations that are none, and what each of the others is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.answers.negation import denials, shared


@pytest.mark.parametrize(
    "text",
    [
        "not only a garden, no later than May, no more than 900, No. 12, no problem, whether or not",
        "这套别墅不错，没问题，差不多，特别好",
        "是否有车位，要不要养宠物，有没有阳台，能不能谈，可否改期",
        "另有不同户型，不管大小，价格不得不改",
        "",
    ],
)
def test_what_only_looks_like_a_negation_denies_nothing(text: str) -> None:
    assert denials(text) == []


def test_each_negation_is_about_what_follows_it_in_its_clause() -> None:
    assert denials("I don't know, not now, never") == [{"know"}, {"now"}, set()]
    assert denials("He does not want a car and has pets") == [{"car"}]
    assert denials("他没有车，也不想买") == [{"车"}, {"买"}]
    assert denials("不养宠物；不同意涨租") == [{"养", "养宠", "宠物"}, {"同", "同意", "意涨", "涨租"}]


def test_a_negation_reaches_four_words_of_its_clause() -> None:
    assert denials("never rent house lift garden balcony cellar") == [{"rent", "house", "lift", "garde"}]
    assert denials("never rent but garden") == [{"rent"}]
    assert denials("不租房，买车位") == [{"租", "租房"}]


def test_negations_pair_up_one_to_one() -> None:
    assert shared(denials("no pets, no pets"), denials("no pets")) == 1
    assert shared(denials("no pets, no smoke"), denials("no smoke, no pets")) == 2
    assert shared(denials("no pets, no smoke"), denials("no garden")) == 0
    assert shared(denials("No."), denials("no garden")) == 1
    assert shared([], denials("no garden")) == 0


@given(
    st.text(alphabet="不没有车养a no pets,.，", max_size=60), st.text(alphabet="不没有车养a no pets,.，", max_size=60)
)
def test_sharing_is_symmetric_and_no_more_than_there_is(one: str, two: str) -> None:
    left, right = denials(one), denials(two)
    assert shared(left, right) == shared(right, left) <= min(len(left), len(right))
    assert shared(left, left) == len(left)
