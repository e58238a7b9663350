"""Facts of two texts: what counts as stated, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.measures.facts import fact_f1, names, negations


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("The rent is £1,250.", "Rent: 1250 pounds"),
        ("At most $450k.", "no more than 450,000 dollars"),
        ("They meet on Friday, 3 May.", "Meeting 3 May (Friday)"),
        ("[PERSON_1] wants a garden.", "A garden is what [PERSON_1] asks for."),
        ("总价320万", "报价为 3200000 元"),
        ("周三看房", "星期三去看房"),
        ("There are 3 rooms.", "It has three rooms, all 3 of them large."),
        ("1. 3 rooms\n2. a garden", "3 rooms and a garden"),
        ("The pet policy is not stated, 2 rooms.", "2 rooms"),
    ],
)
def test_the_same_facts_in_other_words(reference: str, answer: str) -> None:
    assert fact_f1(reference, answer) == 1.0


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("Budget 900, 2 rooms.", "Budget 900, 3 rooms.", 0.5),
        ("Budget 900, 2 rooms.", "Budget 900.", 2 / 3),
        ("Budget 900.", "A budget.", 0.0),
        ("A garden.", "A garden for 900.", 0.0),
        ("He does not want pets.", "He wants pets.", 0.0),
        ("他不要宠物。", "他要宠物。", 0.0),
        ("[PERSON_1] called.", "[PERSON_2] called.", 0.0),
        ("A garden.", "A terrace.", None),
        ("", "", None),
    ],
)
def test_missing_and_invented_facts_cost(reference: str, answer: str, expected: float | None) -> None:
    found = fact_f1(reference, answer)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_names_are_months_days_people_and_places() -> None:
    assert names("We met Rosa in Harbour Lane on Monday, in March") == {"rosa", "harbour", "lane", "mon", "mar"}
    assert names("王先生周日来，星期天也可以") == {"王先生", "周日"}


def test_words_that_only_look_like_negations_do_not_count() -> None:
    assert negations("这套别墅不错，没问题，差不多") == 0
    assert negations("他没有车，也不想买") == 2
    assert negations("I don't know, not now, never") == 3


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_is_symmetric_and_a_share(one: str, two: str) -> None:
    found = fact_f1(one, two)
    assert found is None or 0 <= found <= 1
    assert (found is None) == (fact_f1(two, one) is None)
    assert found is None or found == pytest.approx(fact_f1(two, one))
