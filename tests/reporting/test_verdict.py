"""The run in one sentence."""

from typing import Any

import pytest

from stages.reporting.verdict import sentence
from tests.reporting.test_forest import comparison, retention, row


def said(verdict: str, accuracy: dict[str, Any], **changes: tuple[float, float, float]) -> str:
    kept = retention(accuracy=accuracy) | {"verdict": verdict, "measures": 3}
    return sentence({"comparison": {"tuned": comparison(**changes)}, "retention": kept})


def test_what_got_better_worse_and_what_cannot_be_told_stand_apart() -> None:
    text = said("retained", {}, format=(0.2, 0.1, 0.3), atomic=(-0.2, -0.3, -0.1), label=(0.1, -0.1, 0.3))
    assert text == (
        "On 40 test rows training made the model better at the asked form and worse at facts (of labels it cannot be told); "
        "its general ability is retained: none of 3 measures lost more than its margin."
    )


def test_one_of_a_kind_is_in_the_singular() -> None:
    kept = retention(accuracy={}) | {"verdict": "retained", "measures": 1}
    text = sentence({"comparison": {"tuned": comparison(format=(0.2, 0.1, 0.3)) | {"rows": 1}}, "retention": kept})
    assert text == (
        "On 1 test row training made the model better at the asked form; its general ability is retained: the one measure lost no more than its margin."
    )


def test_the_only_measure_that_cannot_tell_is_no_share_of_measures() -> None:
    wide = row(-0.5, 0.3, 0.05, delta=0.0) | {"verdict": "inconclusive"}
    kept = retention(accuracy={"small_0_shot": wide}) | {"verdict": "inconclusive", "measures": 1}
    text = sentence({"comparison": {"tuned": comparison()}, "retention": kept})
    assert "; whether its general ability is kept the one measure cannot tell (accuracy, small 0 shots" in text


def test_a_collapse_is_named() -> None:
    lost = row(-0.5, -0.3, 0.05, delta=-0.4) | {"verdict": "collapsed"}
    text = said("collapsed", {"small_5_shot": lost}, format=(0.1, -0.1, 0.3))
    assert "no change can be told from chance in 1 measure;" in text
    assert text.endswith("its general ability collapsed: accuracy, small 5 shots.")


@pytest.mark.parametrize(
    ("verdict", "words"), [("inconclusive", "1 of 3 cannot tell"), ("not measurable", "could not be measured")]
)
def test_what_is_not_known_is_said(verdict: str, words: str) -> None:
    wide = row(-0.5, 0.3, 0.05, delta=0.0) | {"verdict": "inconclusive"}
    text = said(verdict, {"small_0_shot": wide})
    assert words in text and "no measure has an interval" in text
