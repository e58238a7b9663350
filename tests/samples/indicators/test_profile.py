"""The six indicators of a set of rows."""

import pytest

from stages.samples.indicators.formulas import label_quality
from stages.samples.indicators.profile import NAMES, Traits, profile

TRAITS = Traits(
    prompt_tokens=[10, 20, 30, 40],
    dialogue_tokens=[100, 200, 300, 400],
    communities=[1, 1, 1, 2],
    grades=["high", "high", "low", "medium"],
    cells=["a", "a", "b", "b"],
)


def test_of_all_rows() -> None:
    assert profile(TRAITS, top_n=2, possible=4) == {
        "n": 4,
        "prompt_complexity": 25,
        "input_complexity": pytest.approx(250 / 3 + 50 / 3),
        "richness": 0.75,
        "redundancy": 0.25,
        "label_quality": {
            "judged": {"n": 4, "high": 0.5, "medium": 0.25, "low": 0.25},
            "by_rules": {"n": 0, "no_fault": None, "doubtful": None, "faulty": None},
        },
        "balance": pytest.approx(0.5),
    }


def test_of_some_rows_and_of_none() -> None:
    found = profile(TRAITS.of([0, 3]), top_n=1, possible=4)
    assert (found["n"], found["richness"], found["prompt_complexity"]) == (2, 1.0, 25)
    assert found["input_complexity"] == pytest.approx(250 / 3 + 50 / 3)
    assert found["label_quality"] == label_quality(["high", "medium"])
    assert found["balance"] == pytest.approx(0.5)
    assert profile(TRAITS.of([]), top_n=1, possible=4) == {"n": 0, **dict.fromkeys(NAMES)}
