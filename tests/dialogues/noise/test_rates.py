"""Presets and changes of them; what is no rate is one line."""

import pytest

from stages.core.errors import InputError
from stages.dialogues.noise.rates import NAMES, PRESETS, Rates, chosen


def test_a_change_holds_in_both_languages_and_leaves_the_others() -> None:
    made = chosen("recorded", ["swap=0", "deletion=0.2"])
    for language, rates in made.items():
        was = PRESETS["recorded"][language]
        assert rates == was.model_copy(update={"swap": 0.0, "deletion": 0.2}) != was
    assert made["en"].substitution != made["zh"].substitution


def test_none_changes_nothing_and_only_who_records_listens() -> None:
    assert list(chosen("none", []).values()) == [Rates(), Rates()]
    assert all(rates.spoken for rates in PRESETS["recorded"].values())
    assert not any(rates.spoken for rates in PRESETS["chat"].values())
    assert "spoken" not in NAMES


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("swop=0.1", "expected NAME=SHARE"),
        ("swap", "expected NAME=SHARE"),
        ("spoken=1", "expected NAME=SHARE"),
        ("swap=1.5", "swap"),
        ("swap=often", "swap"),
        ("deletion=0.95", "at most 1 together"),
    ],
)
def test_a_wrong_rate_is_one_line(change: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        chosen("recorded", [change])
    assert "\n" not in str(error.value)
