"""A noisy version names its original, by the customer or case where the original's file has one."""

import pytest

from stages.dialogues.noise.rates import PRESETS
from stages.dialogues.noise.versions import NoiseSettings, is_noisy, version
from tests.dialogues.conftest import Make

RECORDED = NoiseSettings("recorded", dict(PRESETS["recorded"]), 7)


@pytest.mark.parametrize(("group", "expected"), [("", "re-buy-001"), ("case 7", "case 7")])
def test_all_but_turns_is_kept(make: Make, group: str, expected: str) -> None:
    row = make("Hello there, how are you?", "Fine, and you?", key="re-buy-001").model_copy(
        update={"context": "3 rooms"}
    )
    made = version(row, group, 2, RECORDED)
    assert (made.id, made.group, made.context) == ("re-buy-001~noise-recorded-7-2", expected, "3 rooms")
    assert (made.scene, made.source, made.role, made.language) == (row.scene, row.source, row.role, row.language)
    assert made.turns != version(row, group, 1, RECORDED).turns


def test_noisy_versions_are_told_by_their_id() -> None:
    assert is_noisy("re-buy-001~noise-chat-7-1") and is_noisy("a.jsonl:3/2~noise-none--1-12")
    assert not is_noisy("re-buy-001") and not is_noisy("noise-chat-7-1") and not is_noisy("a~noise-chat-7-1b")


def test_every_version_of_every_run_has_an_id_that_tells_it(make: Make) -> None:
    row = make("Hello there.", "Fine, and you?", key="re-buy-001")
    settings = [NoiseSettings(name, dict(rates), seed) for name, rates in PRESETS.items() for seed in (-1, 1, 11)]
    made = {version(row, "", number, own).id for own in settings for number in (1, 11)}
    assert len(made) == 2 * len(settings)
    assert all(is_noisy(name) for name in made)
