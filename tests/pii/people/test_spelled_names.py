"""Names that are spelled out or said character by character, and letters that are no name."""

import pytest

from stages.pii.anonymizer import anonymized
from stages.pii.people import spelled_names
from stages.pii.values.spans import KINDS, Mask, Span
from stages.rows.dialogue import Dialogue, Turn


def spelled(talk: str, name: str = "") -> list[str]:
    """Return what is spelled of names in turns `A | B`, where `name`, if given, was found as somebody."""
    texts = talk.split(" | ")
    people = [
        [Span(text.index(name), text.index(name) + len(name), "person", "7")] if name and name in text else []
        for text in texts
    ]
    spans = list(spelled_names.find(texts, people, [Mask() for _ in texts]))
    assert not name or all(span.value == "7" for _, span in spans)
    return [texts[turn][span.start : span.end] for turn, span in spans]


@pytest.mark.parametrize(
    ("talk", "name", "letters"),
    [
        ("Ada Carrow. C, A, double R, O, W.", "Ada Carrow", "C, A, double R, O, W"),
        ("Carow? | It's C, A, double R, O, W.", "Carow", "C, A, double R, O, W"),
        ("Ife Adeyo-Marsh | A, D, E, Y, O, hyphen, Marsh", "Ife Adeyo-Marsh", "A, D, E, Y, O, hyphen, Marsh"),
        ("林知远先生吗 | 林，知，远。", "林知远", "林，知，远"),
        ("林知 | 林、知", "林知", "林、知"),
    ],
)
def test_a_known_name_spelled_is_the_same_person(talk: str, name: str, letters: str) -> None:
    assert spelled(talk, name) == [letters]


def test_letters_answer_a_question_for_a_name() -> None:
    assert spelled("How do you spell your surname? | C, A, double R, O, W.") == ["C, A, double R, O, W"]
    assert spelled("What's the last name? | C as in Cat, A, R, O, W") == ["C as in Cat, A, R, O, W"]


@pytest.mark.parametrize(
    ("talk", "name"),
    [
        ("Ada Carrow | Is it type A, B, C or D?", "Ada Carrow"),
        ("What's the name of the street? | C, A, R, R, O, W", ""),
        ("How do you spell the company? | C, A, R, R, O, W", ""),
        ("我姓林，知道吗", "林知"),
        ("林，知识产权我不懂", "林知"),
    ],
)
def test_other_letters_and_words_stay(talk: str, name: str) -> None:
    assert spelled(talk, name) == []


def test_letters_become_the_placeholder_of_the_person() -> None:
    texts = ("Could I take your name?", "My name is Ada Carrow.", "Sorry?", "C, A, double R, O, W.")
    turns = tuple(Turn(party="customer", speaker="", text=text) for text in texts)
    talk = Dialogue(
        id="0" * 16, key="k", language="en", scene="buying", source="im_messages", role="real_estate_agent", turns=turns
    )
    after, _ = anonymized(talk, KINDS, frozenset())
    assert [turn.text for turn in after.turns][1::2] == ["My name is [PERSON_1].", "[PERSON_1]."]
