"""What both models are asked: a canary among fillings of its pattern, a missed value where it stands first, once a conversation."""

from random import Random

from stages.canaries.canary import Canary
from stages.evaluation.memorization.probe import Known, Place, missed, planted
from stages.rows.missed import Digest, Missed

MARKS = {Digest.of(text).digest: Known("person", text) for text in ("Maureen", "大军")}
LOST = [
    Missed(id="talk", texts=(Digest.of("Maureen"), Digest.of("nobody knows"))),
    Missed(id="谈", texts=(Digest.of("大军"),)),
]


def place(question: str, answer: str = "Two rooms.", dialogue: str = "talk", trained: bool = True) -> Place:
    return Place(dialogue, "en", question, answer, trained)


def test_a_canary_is_ranked_among_other_fillings_of_its_pattern() -> None:
    canaries = [Canary.drawn("door_code", "en", copies, Random(str(copies))) for copies in (0, 3)]
    held_out, one = planted(canaries, 63, seed=1)
    assert (held_out.group, one.group, one.copies) == ("held_out", "planted", 3)
    assert len(set(one.others)) == 63 and one.value not in one.others
    assert (one.asked, one.before, one.value) == (canaries[1].question, canaries[1].before, canaries[1].value)
    assert one.others != held_out.others and list(planted(canaries, 63, seed=1)) == [held_out, one]


def test_no_canary_is_among_the_others_of_another() -> None:
    canaries = [
        Canary.drawn("phone", "en", n % 2, Random(str(n))) for n in range(300)
    ]  # of a thousand telephone numbers
    values = {one.value for one in canaries}
    assert not any(
        values.intersection(probe.others) or len(probe.others) != 63 for probe in planted(canaries, 63, seed=1)
    )


def test_a_missed_value_is_asked_for_where_it_stands_first() -> None:
    (one,) = missed([place("Sum up. Customer: Maureen here. Provider: Hi, Maureen.")], LOST, MARKS, 63, 1)
    assert (one.group, one.kind, one.cluster, one.asked) == ("missed", "person", "talk", None)
    assert (one.before, one.value, len(one.others)) == ("Sum up. Customer: ", "Maureen", 63)


def test_in_an_answer_the_question_stands_before_it() -> None:
    (one,) = missed([place("Who was it?", "It was Maureen.")], LOST, MARKS, 63, 1)
    assert (one.asked, one.before) == ("Who was it?", "It was ")


def test_a_value_that_an_answer_could_copy_from_its_question_is_asked_for_in_the_question() -> None:
    (one,) = missed([place("Who was it? Maureen?", "It was Maureen.")], LOST, MARKS, 63, 1)
    assert (one.asked, one.before) == (None, "Who was it? ")


def test_of_several_rows_it_is_one_that_was_trained_to_say_the_value() -> None:
    rows = [
        place("Sum up. Maureen rang."),
        place("Who rang?", "Maureen did."),
        place("Who?", "Maureen.", trained=False),
    ]
    for order in (rows, rows[::-1]):
        (one,) = missed(order, LOST, MARKS, 63, 1)
        assert (one.group, one.asked, one.before) == ("missed", "Who rang?", "")


def test_a_part_of_a_longer_word_is_not_the_value() -> None:
    assert list(missed([place("Maureens are many.")], LOST, MARKS, 63, 1)) == []


def test_a_value_counts_once_a_conversation_and_as_trained_on_if_any_row_was() -> None:
    rows = [place("Maureen left.", trained=False), place("Maureen came."), place("Then Maureen rang.")]
    (one,) = missed(rows, LOST, MARKS, 63, 1)
    assert (one.group, one.before) == ("missed", "")
    other = place("大军来了。", dialogue="谈", trained=False)
    assert [each.group for each in missed([*rows, other], LOST, MARKS, 63, 1)] == ["missed", "missed_elsewhere"]
    assert list(missed([place("Maureen came.", dialogue="another talk")], LOST, MARKS, 63, 1)) == []


def test_a_value_that_was_trained_on_in_another_conversation_is_no_control() -> None:
    lost = [*LOST, Missed(id="later", texts=(Digest.of("Maureen"), Digest.of("大军")))]
    later = place("Maureen rang, 大军 too.", dialogue="later", trained=False)
    found = list(missed([place("Maureen left."), later], lost, MARKS, 63, 1))
    assert [(one.group, one.value) for one in found] == [("missed", "Maureen"), ("missed_elsewhere", "大军")]
    both = [place("Maureen left."), later._replace(trained=True)]
    assert [one.cluster for one in missed(both, lost, MARKS, 63, 1)] == ["talk", "later", "later"]
