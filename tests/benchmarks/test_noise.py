"""The channel's rates, measured by alignment on the shipped conversations, are those asked for, within sampling error."""

from math import sqrt

import pytest

from benchmarks import marked_talks, noise
from benchmarks.noise import edits, measured
from stages.core.row import Language
from stages.dialogues.noise.rates import PRESETS
from stages.rows.dialogue import Dialogue

SIGMAS = 4
BLURRED = 0.05  # share of slips that an alignment reads otherwise, as neighboring ones can be told in several ways


@pytest.mark.parametrize(
    ("clean", "read", "expected"),
    [
        ("a b c d", "a x c d", (1, 0, 0)),
        ("a b c d", "a c d", (0, 1, 0)),
        ("a b c d", "a b b c d", (0, 0, 1)),
        ("a b c", "a x b", (0, 1, 1)),  # and not two substitutions
        ("a b", "", (0, 2, 0)),
        ("", "a b", (0, 0, 2)),
        ("a b c", "a b c", (0, 0, 0)),
    ],
)
def test_edits_are_counted(clean: str, read: str, expected: tuple[int, int, int]) -> None:
    found = edits(clean.split(), read.split())
    assert (found["substitution"], found["deletion"], found["insertion"]) == expected
    assert found["words"] == len(clean.split())


@pytest.fixture(scope="module")
def some() -> list[Dialogue]:
    return [talk.dialogue for each in marked_talks.own() for talk in each.talks[::6]]


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["recorded", "chat"])
def test_measured_rates_are_the_asked_ones(some: list[Dialogue], preset: str) -> None:
    languages: tuple[Language, ...] = ("en", "zh")
    found = measured(some, PRESETS[preset], 1)
    for language in languages:
        words = found[language]["words"]
        assert words > 5000
        for name in noise.WORDS:
            asked = getattr(PRESETS[preset][language], name)
            error = SIGMAS * sqrt(asked * (1 - asked) / words)
            assert abs(found[language][name] / words - asked) < error + BLURRED * asked, (language, name)
        lost, asked = found[language]["marks lost"] / found[language]["marks"], PRESETS[preset][language].punctuation
        assert abs(lost - asked) < SIGMAS * sqrt(asked * (1 - asked) / found[language]["marks"])


@pytest.mark.slow
def test_turns_are_split_joined_and_swapped_as_often_as_asked(some: list[Dialogue]) -> None:
    for name, (of, did) in noise.turns_measured(some, PRESETS["recorded"], 1).items():
        asked = getattr(PRESETS["recorded"]["en"], name)
        assert of > 500 and abs(did / of - asked) < SIGMAS * sqrt(asked * (1 - asked) / of), name


@pytest.mark.slow
def test_without_noise_all_marked_data_comes_through_and_is_found_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    own = [each._replace(talks=each.talks[:6]) for each in marked_talks.own()]
    monkeypatch.setattr(marked_talks, "own", lambda: iter(own))
    for _, _, marked, through, clean, read in noise.recall(PRESETS["none"], 1):
        assert 0 < through <= marked and clean == read <= through
