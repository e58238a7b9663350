"""Values of the same form as a real one: names become names, digits digits; where too few have the form there are none."""

import re
from random import Random

import pytest

from stages.evaluation.memorization.similar import similar
from stages.pii.people.given_names import GIVEN_NAMES
from stages.pii.values.spans import PiiKind


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        ("Delia", "person", r"[A-Z][a-z]{4}"),
        ("maureen", "person", r"[a-z]{7}"),
        ("大军", "person", r"[\u4e00-\u9fff]{2}"),
        ("张哥", "person", r"[\u4e00-\u9fff]哥"),
        ("好运师傅", "person", r"[\u4e00-\u9fff]{2}师傅"),
        ("020 7946 0018", "phone", r"\d{3} \d{4} \d{4}"),
        ("KX14 TRB", "plate", r"[A-Z]{2}\d\d [A-Z]{3}"),
        ("4182 Quarry Road", "address", r"\d{4} Quarry Road"),
        ("望江路318号2栋1201室", "address", r"望江路\d{3}号\d栋\d{4}室"),
        ("Jean-482", "password", r"[A-Z][a-z]{3}-\d{3}"),
    ],
)
def test_others_have_the_form_of_the_value(value: str, kind: PiiKind, form: str) -> None:
    found = similar(value, kind, 63, Random("1"))
    assert len(set(found) - {value}) == 63
    assert all(re.fullmatch(form, other) for other in found)
    assert found == similar(value, kind, 63, Random("1")) != similar(value, kind, 63, Random("2"))


def test_a_name_is_compared_with_names_of_its_own_list() -> None:
    """Rare names from all over the world would leave a common one first before any training."""
    assert {other.lower() for other in similar("Maureen", "person", 60, Random("1"))} <= set(GIVEN_NAMES)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("East Sombra", "address"),
        ("3 Boherbeg", "address"),
        ("Twenty-two sixty-one", "address"),
        ("wet comb", "person"),
    ],
)
def test_where_too_few_have_the_form_there_are_none(value: str, kind: PiiKind) -> None:
    assert similar(value, kind, 63, Random("1")) == []
