"""The figures of the anonymizer, on cases small enough to count by hand."""

import pytest

from stages.pii.gold import Marked, Placed
from stages.pii.recall import Original, against

TEXT = "Ann, call Bo or Annette on 555. Bo!"


def placed(*items: tuple[int, int, str, str]) -> list[Placed]:
    return [Placed(turn=0, start=a, end=b, kind=kind, placeholder=name) for a, b, kind, name in items]


def mark(text: str, kind: str = "person", entity: str = "", turn: int = 0, dialogue: str = "d") -> Marked:
    return Marked(dialogue=dialogue, turn=turn, text=text, kind=kind, entity=entity)


def figures(gold: list[Marked], *items: tuple[int, int, str, str]) -> dict[str, object]:
    return against(gold, {"d": Original([TEXT], placed(*items))})


def test_recall_counts_whole_stretches_whatever_the_kind() -> None:
    gold = [mark("Ann"), mark("Bo"), mark("555", "phone")]
    found = figures(
        gold, (0, 3, "person", "[PERSON_1]"), (10, 11, "person", "[PERSON_2]"), (27, 30, "account", "[ACCOUNT_1]")
    )
    assert (found["leaked"], found["recall"]) == (1, pytest.approx(2 / 3))
    assert found["recall_by_kind"] == {"person": 0.5, "phone": 1.0}
    assert (found["kind_accuracy"], found["wrong_kind"]) == (0.5, 1)


def test_the_second_mark_is_the_second_occurrence_as_a_word() -> None:
    gold = [mark("Bo", entity="b"), mark("Bo", entity="b"), mark("Ann")]
    found = figures(
        gold, (10, 12, "person", "[PERSON_1]"), (32, 34, "person", "[PERSON_2]"), (0, 3, "person", "[PERSON_3]")
    )
    assert found["recall"] == 1.0
    assert found["consistency"] == 0.0


def test_a_part_of_a_word_is_no_occurrence() -> None:
    original = Original(["Annette and Ann"], placed((12, 15, "person", "[PERSON_1]")))
    assert against([mark("Ann")], {"d": original})["leaked"] == 0


def test_precision_is_by_characters() -> None:
    found = figures([mark("Ann")], (0, 3, "person", "[PERSON_1]"), (5, 9, "person", "[PERSON_2]"))
    assert found["precision"] == pytest.approx(3 / 7)
    assert found["false_positives"] == 1


def test_speaker_lines_mark_no_text() -> None:
    told = Marked(dialogue="d", turn=0, text="Ann", kind="person", entity="a", field="speaker")
    found = figures([told, mark("Bo")], (10, 12, "person", "[PERSON_1]"))
    assert (found["marked"], found["missing"], found["recall"]) == (1, 0, 1.0)


def test_one_placeholder_for_two_people_is_counted() -> None:
    gold = [mark("Ann", entity="a"), mark("Bo", entity="b")]
    found = figures(gold, (0, 3, "person", "[PERSON_1]"), (10, 12, "person", "[PERSON_1]"))
    assert (found["merged"], found["consistency"]) == (1, None)


def test_marks_that_are_not_there() -> None:
    found = figures([mark("Zoe"), mark("Ann", turn=9), mark("Ann", dialogue="other")])
    assert (found["marked"], found["missing"], found["leaked"], found["recall"]) == (2, 2, 0, None)


def test_a_mark_without_a_letter_counts_whole() -> None:
    stars = Original(["My code is ****."], placed((11, 15, "code", "[CODE_1]")))
    gold = [mark("****", "code", entity="c")]
    assert against(gold, {"d": stars})["recall"] == 1.0
    assert against(gold, {"d": Original(stars.texts, [])})["recall"] == 0.0
