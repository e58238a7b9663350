"""Reference similarity: the parts, and a blend over those that say something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.rows.score import Parts
from stages.evaluation.similarity.reference import WEIGHTS, blend, chosen, chrf, mean, parts
from stages.rows.instruction import Ask

PROSE = Ask(kind="paragraph")
LABEL = Ask(kind="label", labels=("interested", "not interested"))


def test_the_reference_itself_scores_ten() -> None:
    text = "The customer wants 2 rooms for £900."
    assert parts(text, text, PROSE, 1.0) == Parts(format=1.0, chrf=1.0, cosine=1.0, facts=1.0)
    assert blend(parts(text, text, PROSE, 1.0)) == pytest.approx(10)


def test_an_empty_answer_scores_nothing() -> None:
    assert blend(parts("Two rooms for £900.", " ", PROSE, 0.4)) == 0


def test_a_wrong_figure_costs_more_than_other_words() -> None:
    reference = "The customer wants 2 rooms for £900."
    wrong = parts(reference, "The customer wants 4 rooms for £700.", PROSE, 0.97)
    reworded = parts(reference, "Two rooms: 2, at £900, is what is looked for.", PROSE, 0.8)
    assert blend(reworded) > blend(wrong) + 2


def test_parts_that_say_nothing_leave_their_weight_to_the_others() -> None:
    found = parts("A garden.", "A garden.", PROSE, None)
    assert (found.cosine, found.facts) == (None, None)
    assert blend(found) == pytest.approx(10)
    half = Parts(format=1.0, chrf=0.0)
    assert blend(half) == pytest.approx(10 * WEIGHTS["format"] / (WEIGHTS["format"] + WEIGHTS["chrf"]))


@pytest.mark.parametrize(
    ("answer", "form", "right"),
    [
        ("interested", 1.0, 1.0),
        ("Interested", 1.0, 1.0),
        ("The label is: interested.", 0.0, 1.0),
        ("not interested", 1.0, 0.0),
        ("He is not interested at all", 0.0, 0.0),
        ("not stated", 1.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_a_label_is_right_or_wrong(answer: str, form: float, right: float) -> None:
    assert parts("interested", answer, LABEL, 0.9) == Parts(format=form, label=right)


def test_an_answer_that_names_two_labels_names_none() -> None:
    assert chosen("buy or rent", ("buy", "rent")) == "buy or rent"


def test_negative_cosines_count_as_nothing() -> None:
    assert parts("A garden.", "Taxes.", PROSE, -0.2).cosine == 0


def test_chrf_is_a_share_and_reads_chinese() -> None:
    assert chrf("客户想租两居室", "客户想租两居室") == pytest.approx(1)
    assert 0.2 < chrf("客户想租两居室", "客户想买两居室") < 1


def test_the_mean_of_nothing_is_none() -> None:
    assert mean([None, None]) is None
    assert mean([1.0, None, 0.0]) == 0.5


@given(st.builds(Parts, **{name: st.none() | st.floats(0, 1) for name in Parts.model_fields}))
def test_the_blend_stays_between_nothing_and_ten(found: Parts) -> None:
    assert -1e-9 <= blend(found) <= 10 + 1e-9
