"""Canaries: a value of every kind and language that can be nobody's, in a sentence of its own, planted as often as asked."""

import re
from random import Random

import pytest

from stages.canaries.canary import Canary
from stages.canaries.values import ANYWHERE, PATTERNS, draw, drawn
from stages.core.row import Language
from stages.pii.values.spans import KINDS, PiiKind

CASES = [(kind, language) for language in ("en", "zh") for kind in KINDS]


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_a_value_of_every_kind_and_language_has_a_thousand_like_it(kind: PiiKind, language: Language) -> None:
    found = drawn(kind, language, 1000, Random("1"))
    assert len(set(found)) == 1000
    assert all(value[-1].isalnum() and not re.search(r"[{}^]", value) for value in found)
    assert len({len(re.sub(r"[A-Za-z]+", "", value)) for value in found}) == 1  # one form


@pytest.mark.parametrize(
    ("kind", "language", "nobodys"),
    [
        ("phone", "en", r"07700 900\d{3}"),  # Ofcom's range for drama
        ("phone", "zh", r"12\d \d{4} \d{4}"),
        ("bank_card", "en", r"0000 .*"),
        ("bank_card", "zh", r"0000 .*"),
        ("id_number", "en", r"000-\d\d-\d{4}"),  # an area that was never given out
        ("id_number", "zh", r"000000\d{12}"),
        ("account", "en", r"GB00 .*"),  # check digits are 02 to 98
        ("plate", "en", r"QI.*"),
        ("plate", "zh", r".I·.*"),
        ("qq", "en", r"0\d{8}"),
        ("email", "en", r".*@example\.com"),
        ("wechat", "zh", r"wx\..*"),
    ],
)
def test_numbers_have_a_form_that_nobody_is_given(kind: PiiKind, language: Language, nobodys: str) -> None:
    assert all(re.fullmatch(nobodys, draw(kind, language, Random(n))) for n in range(50))


def test_every_kind_has_a_pattern_in_both_languages() -> None:
    assert set(PATTERNS["en"]) == set(PATTERNS["zh"]) == set(KINDS) > set(ANYWHERE)


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_an_answer_holds_the_value_once_at_the_end_of_its_sentence(kind: PiiKind, language: Language) -> None:
    one = Canary.drawn(kind, language, 2, Random("7"))
    first, second = one.examples()
    assert first.id != second.id and first.messages == second.messages
    question, answer = first.messages
    file = re.search(r"[A-Z]{3}-\d{3}", question.content)
    assert file and file[0] in one.before and "{" not in question.content + answer.content
    assert answer.content == one.before + one.value + one.after
    assert one.after == {"en": ".", "zh": "。"}[language] and one.value not in question.content
    assert not list(one.model_copy(update={"copies": 0}).examples())
