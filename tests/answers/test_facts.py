"""Facts of two texts: what counts as stated, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.answers.facts import compare, exchanged, names


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
        ("1、3室\n2.朝南", "3室，朝南"),
        ("三月、四月都可以看房", "3、4月都可以看房"),
        ("The pet policy is not stated, 2 rooms.", "2 rooms"),
        ("It has three rooms.", "3 rooms"),
        ("Rosa wants a garden.", "It is Rosa who wants a garden."),
        ("The viewing is on Jan 6.", "Viewing: 6 January"),
        ("No pets are allowed.", "Pets aren't allowed."),
        ("客户Rosa要看人民路的房子。", "Rosa想看人民路那套。"),
        ("三居室，不养宠物。", "3居室，没有宠物"),
        ("是否有车位待确认，8月入住。", "8月入住，有没有车位待确认"),
    ],
)
def test_the_same_facts_in_other_words(reference: str, answer: str) -> None:
    assert compare(reference, answer).f1 == 1.0


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("Budget 900, 2 rooms.", "Budget 900, 3 rooms.", 0.5),
        ("Budget 900, 2 rooms.", "Budget 900.", 2 / 3),
        ("Budget 900.", "A budget.", 0.0),
        ("A garden.", "A garden for 900.", 0.0),
        ("He does not want pets.", "He wants pets.", 0.0),
        ("他不要宠物。", "他要宠物。", 0.0),
        ("No garden, but a balcony.", "No balcony, but a garden.", 0.0),
        ("She has a car and no pets.", "She has pets and no car.", 0.0),
        ("不要阳台，要车位。", "不要车位，要阳台。", 0.0),
        ("No pets. No smoking.", "No pets.", 2 / 3),
        ("Meet in May.", "Meet in June.", 0.0),
        ("看人民路的房子。", "看中山路的房子。", 0.0),
        ("[PERSON_1] called.", "[PERSON_2] called.", 0.0),
        ("A garden.", "A terrace.", None),
        ("", "", None),
    ],
)
def test_missing_and_invented_facts_cost(reference: str, answer: str, expected: float | None) -> None:
    found = compare(reference, answer).f1
    assert found == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("reference", "answer", "conflicts"),
    [
        ("Budget 900, 2 rooms.", "Budget 900, 3 rooms.", 1),
        ("Budget 900, 2 rooms.", "Budget 900.", 0),
        ("Budget 900.", "Budget 900, 2 rooms.", 0),
        ("Meet Rosa in May.", "It was Otto who met Rosa in June.", 1),
        ("[PERSON_1] called.", "[PERSON_2] called.", 1),
        ("about four fifteen with rain", "about four fifty with rain", 1),
        ("月租两千二", "月租两千三", 1),
        ("3分，2分，3分", "3分，2分，1分", 1),  # a figure that stands twice needs two
        ("Rent 1,250, so 1250 in all.", "1.25k of rent.", 0),
        ("No pets.", "No smoking.", 0),
    ],
)
def test_what_stands_in_the_place_of_another_fact_is_a_conflict(reference: str, answer: str, conflicts: int) -> None:
    assert compare(reference, answer).conflicts == compare(answer, reference).conflicts == conflicts


@pytest.mark.parametrize(
    ("reference", "answer", "places"),
    [
        ("[PERSON_1] rents, [PERSON_2] calls the agency.", "[PERSON_2] rents, [PERSON_1] calls the agency.", 2),
        ("[PERSON_1] rents, [PERSON_2] calls the agency.", "The agency hears from [PERSON_2]; [PERSON_1] rents.", 0),
        ("[PERSON_1]要租房，[PERSON_2]打电话。", "[PERSON_2]要租房，[PERSON_1]打电话。", 2),
        (
            "[PERSON_1] rents the flat in spring. [PERSON_2] sells it as he has to. [ORG_1] waits.",
            "[PERSON_2] rents the flat in spring. [ORG_1] sells it as he has to. [PERSON_1] waits.",
            3,
        ),
        ("[PERSON_1] and [PERSON_2] rent.", "[PERSON_2] and [PERSON_1] rent.", 0),  # nothing tells them apart
        ("[PERSON_1] rents, [PERSON_2] calls.", "[PERSON_2] rents.", 0),  # only one is in both
        (
            "[PERSON_1] it is who rents. [PERSON_2] it is who calls.",
            "[PERSON_2] it is rents. [PERSON_1] it is calls.",
            0,
        ),
        ("[PERSON_1] it is rents. [PERSON_2] it is calls.", "[PERSON_2] it is rents. [PERSON_1] it is calls.", 2),
        ("", "", 0),
    ],
)
def test_placeholders_that_changed_places_are_told_by_the_words_near_them(
    reference: str, answer: str, places: int
) -> None:
    assert exchanged(reference, answer) == exchanged(answer, reference) == places
    assert compare(reference, answer).conflicts == places


def test_a_figure_in_words_is_a_fact() -> None:
    assert compare("He pays four fifteen.", "He pays.") == (0, 1, 0, 0)
    assert compare("租金八百五。", "租金850。").f1 == 1


def test_names_are_months_days_people_and_places() -> None:
    assert names("We met Rosa in Harbour Lane on Monday, in March") == {"rosa", "harbour", "lane", "mon", "mar"}
    assert names("王先生周日来，星期天也可以") == {"王先生", "周日"}


def test_words_that_are_also_months_and_days_count_only_as_dates() -> None:
    assert names("May I ask? The Sun came out, it Sat there. A Mar on the wall") == {
        "sun",
        "sat",
    }  # capitals inside a sentence
    assert names("Sun and rain. May be. March on.") == set()
    assert names("on Sat, 3 May, or next Sun") == {"sat", "may", "sun"}


def test_words_in_capitals_for_loudness_are_no_names() -> None:
    assert names("it IS a question and NOT an answer, says the FHA") == {"fha"}


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_is_symmetric_and_a_share(one: str, two: str) -> None:
    found = compare(one, two).f1
    assert found is None or 0 <= found <= 1
    assert (found is None) == (compare(two, one).f1 is None)
    assert found is None or found == pytest.approx(compare(two, one).f1)
