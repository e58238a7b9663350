"""Counts by language, bands of length, speakers, and cells."""

from pathlib import Path

import pytest

from stages.cli import composition
from stages.core import yaml_files
from stages.core.row import Language
from stages.library.domain_pack import Domain
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue, Turn


def talk(key: str, turns: int, language: Language = "en", people: int = 2) -> Dialogue:
    said = tuple(Turn(party="customer", speaker=str(n % people), text="x") for n in range(turns))
    return Dialogue(
        id=key, key=key, language=language, scene="buying", source="im_messages", role="customer_manager", turns=said
    )


@pytest.fixture
def domain(root: Path) -> Domain:
    return yaml_files.load(root / "prompts/real_estate/domain.yaml", Domain)


def test_names_are_counted_by_language_in_the_given_order_with_zeros_and_a_total() -> None:
    found = composition.by_language("fruit", [("pear", "en"), ("fig", "zh"), ("pear", "zh")], ["plum", "pear"])
    assert found.header == ("fruit", "English", "Chinese", "all")
    assert found.rows == (("plum", 0, 0, 0), ("pear", 1, 1, 2), ("fig", 0, 1, 1), ("all", 1, 2, 3))


@pytest.mark.parametrize(
    ("turns", "expected"),
    [(7, "under 8"), (8, "8–14"), (14, "8–14"), (15, "15–24"), (60, "48–60"), (61, "61 and more")],
)
def test_a_length_has_one_band(turns: int, expected: str) -> None:
    assert composition.band(turns) == expected


def test_bands_stand_from_short_to_long_and_only_those_that_occur() -> None:
    assert composition.bands([talk("a", 50), talk("b", 9), talk("c", 10)]) == ["8–14", "48–60"]


def test_the_same_name_on_two_sides_is_two_speakers_and_five_are_many() -> None:
    one = talk("a", 2, people=1)
    two = one.model_copy(update={"turns": (*one.turns, Turn(party="provider", speaker="0", text="x"))})
    assert [composition.speakers(row) for row in (one, two, talk("b", 9, people=7))] == ["1", "2", "5 and more"]


def test_tables_of_a_corpus_count_its_own_marks_only(domain: Domain) -> None:
    marks = [Marked(dialogue=key, turn=0, text="x", kind="phone") for key in ("a", "a", "elsewhere")]
    found = {table.header[0]: table for table in composition.corpus([talk("a", 9, "zh")], marks, domain)}
    assert list(found) == ["scene", "source", "role", "turns", "speakers", "planted personal data"]
    assert found["planted personal data"].rows == (("phone", 0, 2, 2), ("all", 0, 2, 2))


def test_cells_are_those_a_role_works_in(domain: Domain) -> None:
    stray = talk("b", 9).model_copy(update={"role": "home_designer"})  # works in no sale
    assert composition.cells([talk("a", 9), talk("c", 9, "zh"), stray], domain) == (1, 140)
