"""The run's picture: what is better stands right of the line, and a loss stands where its margin says."""

from math import log
from typing import Any

import pytest

from stages.reporting.forest import BEYOND, LEFT, WIDTH, Line, forest


def comparison(**measures: tuple[float, float, float]) -> dict[str, Any]:
    """Return a comparison of 40 rows with these changes: delta, low, high; of other measures there are no rows."""
    none: dict[str, float | None] = {"n": 0, "base": None, "model": None, "delta": None, "low": None, "high": None}
    found = dict.fromkeys(("nll_per_character", "format", "label", "atomic"), none)
    for name, (delta, low, high) in measures.items():
        found[name] = {"n": 40, "base": 0.5, "model": 0.5 + delta, "delta": delta, "low": low, "high": high}
    return {"rows": 40, "measures": found}


def retention(**measures: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict that rests on these measures."""
    return (
        {name: {} for name in ("accuracy", "right_answer", "text", "kl", "disagreement", "conduct")}
        | {"verdict": "retained"}
        | measures
    )


def row(low: float | None, high: float | None, margin: float, **more: float) -> dict[str, Any]:
    """Return a measure of the verdict."""
    return {"low": low, "high": high, "margin": margin, "verdict": "retained", **more}


def test_fewer_nats_are_better_and_an_interval_over_zero_cannot_tell() -> None:
    drawn = forest(comparison(nll_per_character=(-0.1, -0.2, -0.05), format=(0.1, -0.1, 0.3)), retention())
    nats, form = (one.line for one in drawn.domain)
    assert nats == Line("references, nats a character", 0.5, 0.25, 1.0, "0.500 → 0.400", "better")
    assert (form.shown, form.verdict) == ("50.0 % → 60.0 %", "cannot tell")
    worse = forest(comparison(atomic=(-0.2, -0.3, -0.1)), retention()).domain[0].line
    assert (worse.verdict, worse.low) == ("worse", -1.0) and worse.high == pytest.approx(-1 / 3)


def test_a_measure_without_rows_or_interval_is_left_out() -> None:
    alone = comparison(format=(0.1, 0.0, 0.2))
    alone["measures"]["format"]["low"] = None
    assert forest(alone, retention()).domain == []


def test_a_measure_that_no_row_shows_changed_says_so() -> None:
    (same,) = (one.line for one in forest(comparison(format=(0.0, 0.0, 0.0)), retention()).domain)
    assert (same.shown, same.verdict) == ("50.0 % → 50.0 %, no conversation differs", "cannot tell")


def test_conduct_is_drawn_where_it_can_be_measured() -> None:
    asked = {"harmful_en": row(-0.3, -0.1, 0.1, delta=-0.2), "memory_en": row(0.0, 0.0, 0.1, delta=0.0)}
    asked["memory_en"]["verdict"] = "not measurable"
    (line,) = (one.line for one in forest(comparison(), retention(conduct=asked)).general)
    assert (line.label, line.shown) == ("conduct, harmful en", "-20.0 pp")
    assert (line.low, line.value, line.high) == pytest.approx((-3, -2, -1))


def test_every_loss_is_in_margins_and_left_of_the_line() -> None:
    drawn = forest(
        comparison(),
        retention(
            accuracy={"small_0_shot": row(-0.1, 0.0, 0.05, delta=-0.05)},
            right_answer={"small_0_shot": row(-0.2, 0.1, 0.2, delta=-0.1)},
            text={"en": row(1.0, 1.21, 0.1, ratio=1.1)},
            kl={"en": row(0.35, 0.7, 0.7, value=0.35)},
            disagreement={"zh": row(0.25, 0.5, 0.5, value=0.5)},
        ),
    )
    spans = {one.line.label: (one.line.low, one.line.value, one.line.high) for one in drawn.general}
    assert spans == {
        "accuracy, small 0 shots": (-2, -1, 0),
        "right answers, small 0 shots": (-1, -0.5, 0.5),
        "perplexity of general text, en": pytest.approx((-log(1.21) / log(1.1), -1, 0)),
        "KL(base‖tuned), en": (-1, -0.5, -0.5),
        "another token preferred, zh": (-1, -1, -0.5),
    }
    accuracy = drawn.general[0]
    assert (accuracy.value, accuracy.low) == (drawn.margin, LEFT)  # two margins: beyond the edge, hence at it
    assert drawn.zero == LEFT + WIDTH / 2 and drawn.margin == pytest.approx(drawn.zero - WIDTH / 2 / BEYOND, abs=0.1)


def test_a_figure_without_interval_says_so() -> None:
    line = forest(comparison(), retention(accuracy={"small_0_shot": row(None, None, 0.05, delta=0.05)})).general[0].line
    assert (line.low, line.value, line.high, line.shown) == (1, 1, 1, "+5.0 pp, interval –")


def test_a_perplexity_beyond_any_number_is_drawn_at_the_edge() -> None:
    broken = row(1.2, None, 0.1) | {"ratio": None}
    (one,) = forest(comparison(), retention(text={"en": broken})).general
    assert (one.value, one.low) == (LEFT, LEFT)
    better = row(0.0, 0.9, 0.1, ratio=0.5)
    (one,) = forest(comparison(), retention(text={"en": better})).general
    assert one.value > one.low
