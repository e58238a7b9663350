"""The frontier as a picture: what each setting gains, and how much of what may be lost it loses, measure by measure."""

from collections.abc import Iterator, Mapping, Sequence
from math import log
from typing import Any

from benchmarks.frontier_choice import Setting
from stages.cli.plots import Mark, Panel

FARTHEST = 3.0  # margins; what lies beyond stands there
KINDS = {
    "kl": "KL(base‖tuned)",
    "disagreement": "another token preferred",
    "text": "perplexity of general text",
    "right_answer": "right answers' likelihood",
    "accuracy": "accuracy",
}


def panels(found: Sequence[Setting]) -> list[Panel]:
    """Return a plot for each measure: gain across, loss upwards in margins, so that what is above the line has lost too much."""
    names = dict.fromkeys(name for one in found for name in one.found["measures"])
    return [_panel(name, found) for name in names]


def _panel(name: str, found: Sequence[Setting]) -> Panel:
    series: dict[str, list[Mark]] = {}
    for one in found:
        row = one.found["measures"].get(name)
        if row is None or row["verdict"] == "not measurable":
            continue
        gain, (value, low, high) = one.found["gain"], lost(name, row)
        series.setdefault(_series(one), []).append(
            Mark(one.gain, value, low, high, f"{one.title}: {row['verdict']}", gain["low"], gain["high"])
        )
    kind, _, which = name.partition(" ")
    title = f"{KINDS[kind]}, {which.replace('_', ' ')}"
    return Panel(title, "gain, nats a character", series, note="loss in margins; above 1 too much", limit=1.0)


def _series(one: Setting) -> str:
    mixed = ", mixed" if one.recipe.get("mix") else ""
    epochs = f", {one.recipe['epochs']} epochs" if "epochs" in one.recipe else ""
    return f"rate {one.recipe.get('learning_rate', 'as set')}{mixed}{epochs}"


def lost(name: str, row: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return a measure's loss with its interval, in margins, at most `FARTHEST`: above zero is worse."""
    ends = list(_losses(name.split()[0], row))
    value, low, high = ends[0], min(ends), max(ends)
    inside = (max(-FARTHEST, min(FARTHEST, end)) for end in (value, low, high))
    return next(inside), next(inside), next(inside)


def _losses(kind: str, row: Mapping[str, Any]) -> Iterator[float]:
    for key in ("value", "low", "high"):
        end = row["value"] if row[key] is None else row[key]
        if kind == "text":
            yield log(end) / log(1 + row["margin"])
        elif kind in ("accuracy", "right_answer"):
            yield -end / row["margin"]
        else:
            yield end / row["margin"]
