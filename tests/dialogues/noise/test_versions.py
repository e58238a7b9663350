"""A noisy version names its original, by the customer or case where the original's file has one."""

import pytest

from stages.dialogues.noise.rates import PRESETS
from stages.dialogues.noise.versions import is_noisy, version
from tests.dialogues.conftest import Make


@pytest.mark.parametrize(("group", "expected"), [("", "re-buy-001"), ("case 7", "case 7")])
def test_all_but_turns_is_kept(make: Make, group: str, expected: str) -> None:
    row = make("Hello there, how are you?", "Fine, and you?", key="re-buy-001").model_copy(
        update={"context": "3 rooms"}
    )
    made = version(row, group, 2, dict(PRESETS["recorded"]), 1)
    assert (made.id, made.group, made.context) == ("re-buy-001~noise2", expected, "3 rooms")
    assert (made.scene, made.source, made.role, made.language) == (row.scene, row.source, row.role, row.language)
    assert made.turns != version(row, group, 1, dict(PRESETS["recorded"]), 1).turns


def test_noisy_versions_are_told_by_their_id() -> None:
    assert is_noisy("re-buy-001~noise1") and is_noisy("a.jsonl:3/2~noise12~noise1")
    assert not is_noisy("re-buy-001") and not is_noisy("noise1") and not is_noisy("a~noise1b")
