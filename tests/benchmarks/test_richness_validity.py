"""Sets of known redundancy: what they are made of, and that the headline finds it where the literal readings do not."""

from pathlib import Path

import pytest

from benchmarks import richness_validity as sets
from stages.core.row import Language
from stages.prompting.splicing import PromptParts


@pytest.fixture(scope="module")
def packs(root: Path) -> dict[str, PromptParts]:
    return {name: PromptParts.read(root / "prompts" / name) for name in sets.PACKS}


@pytest.fixture(scope="module")
def halves(root: Path) -> tuple[list[sets.Ask], list[sets.Ask]]:
    return sets.asks(0, root), sets.asks(1, root)


def test_the_halves_share_no_ask(halves: tuple[list[sets.Ask], list[sets.Ask]]) -> None:
    one, other = ({row.instruction.text for row in half} for half in halves)
    assert not one & other
    assert min(len(one), len(other)) > 50


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_rewording_says_the_same_otherwise(halves: tuple[list[sets.Ask], list[sets.Ask]], language: Language) -> None:
    asked = next(row.instruction.text for row in halves[0] if row.instruction.language == language)
    wordings = [sets.reworded(asked, language, number) for number in range(4)]
    assert wordings[0] == asked
    assert len(set(wordings)) == 4
    assert all(0.7 < len(text) / len(asked) < 1.5 for text in wordings)


def test_a_set_has_as_many_asks_as_it_says(
    halves: tuple[list[sets.Ask], list[sets.Ask]], packs: dict[str, PromptParts]
) -> None:
    made = sets.known_set(halves[1], packs, "mixed", 60, 0.5, "spliced")
    assert (len(made.rows), made.richness) == (60, 0.5)
    assert all(row.instruction in row.narrative and row.narrative in row.prompt for row in made.rows)
    assert any(len(row.prompt) > 2 * len(row.narrative) for row in made.rows)


@pytest.mark.slow
@pytest.mark.parametrize("mix", ["en", "zh"])
def test_the_headline_tracks_known_redundancy_and_the_literal_readings_do_not(
    halves: tuple[list[sets.Ask], list[sets.Ask]], packs: dict[str, PromptParts], mix: sets.Mix
) -> None:
    known = [sets.known_set(halves[1], packs, mix, 120, share, "spliced") for share in (0.05, 0.25, 0.5, 1.0)]

    def errors(part: str, name: str) -> list[float]:
        found = sets.evaluated(known, part, name, (0.82,))[:, 0]
        return [abs(value - one.richness) for value, one in zip(found, known, strict=True)]

    assert max(errors("instruction", "tfidf")) < 0.12
    assert max(errors("prompt", "token counts")) > 0.2
    assert max(errors("prompt", "padded token ids")) > 0.2


def test_the_sets_are_as_large_as_the_page_says(root: Path) -> None:
    page = (root / "docs/richness.md").read_text(encoding="utf-8")
    assert " and ".join(map(str, sets.SIZES)) + " prompts" in page
