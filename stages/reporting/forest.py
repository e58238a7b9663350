"""The run in one picture: what training changed on the test rows, and how much of what may be lost in general it lost (§3.5)."""

from collections.abc import Iterator, Mapping
from math import inf, log
from typing import Any, NamedTuple

from stages.reporting.wording import MISSING, UNMOVED, meant, number, percent, points, unmoved, widest

LEFT, WIDTH, TOP, STEP = (
    300,
    300,
    64,
    24,
)  # of the plane between the two columns of words; of its first line; of a line: pixels
BEYOND = 1.6  # margins to each side that are drawn; what lies farther ends at the edge

DOMAIN = {
    "nll_per_character": "references, nats a character",
    "format": "answers in the asked form",
    "label": "right labels",
    "atomic": "fact F1",
}
LOSES = ("nll_per_character",)  # below is better
SHARES = ("format", "label")


class Line(NamedTuple):
    """One measure: its change with the interval, right of zero better; in margins, or in parts of the row's own widest change."""

    label: str
    value: float
    low: float
    high: float
    shown: str
    verdict: str


class Drawn(NamedTuple):
    """A line in pixels."""

    line: Line
    y: int
    value: float
    low: float
    high: float


class Forest(NamedTuple):
    """What the template draws."""

    domain: list[Drawn]
    general: list[Drawn]
    rows: int
    verdict: str
    zero: float
    margin: float  # where what may be lost ends
    second: int  # the second part's first line
    height: int


def forest(comparison: Mapping[str, Any], retention: Mapping[str, Any]) -> Forest:
    """Return the picture of a model's metrics/comparison and metrics/retention.json."""
    better, kept = list(_domain(comparison["measures"])), list(general(retention))
    second = TOP + STEP * (len(better) + 3)
    return Forest(
        domain=[_drawn(line, TOP + STEP * n) for n, line in enumerate(better)],
        general=[_drawn(line, second + STEP * n) for n, line in enumerate(kept)],
        rows=comparison["rows"],
        verdict=retention["verdict"],
        zero=_x(0),
        margin=_x(-1),
        second=second,
        height=second + STEP * (len(kept) + 1),
    )


def _domain(measures: Mapping[str, Mapping[str, Any]]) -> Iterator[Line]:
    for name, label in DOMAIN.items():
        change = measures[name]
        if not meant(change, widest(name)):
            continue
        sign = -1 if name in LOSES else 1
        low, high = sorted(sign * change[end] for end in ("low", "high"))
        scale = max(abs(low), abs(high)) or 1.0
        verdict = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
        if name in SHARES:
            shown = f"{percent(change['base'], 1)} → {percent(change['model'], 1)}"
        else:
            shown = f"{number(change['base'], 3)} → {number(change['model'], 3)}"
        shown += f", {UNMOVED}" if unmoved(change) else ""
        yield Line(label, sign * change["delta"] / scale, low / scale, high / scale, shown, verdict)


def general(retention: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the measures of general ability in margins: at −1 lies what may be lost."""
    for name, row in retention["accuracy"].items():
        yield _in_margins(f"accuracy, {_words(name)}", row, row["delta"], points(row["delta"]))
    for name, row in retention["right_answer"].items():
        yield _in_margins(
            f"right answers, {_words(name)}", row, row["delta"], f"{number(row['delta'], 3)} nats a character"
        )
    for name, row in retention.get("score", {}).items():  # of `dial-insight retain` only
        yield _in_margins(f"score, {_words(name)}", row, row["delta"], number(row["delta"], 3))
    for language, row in retention["text"].items():
        logs = (
            dict.fromkeys(("low", "high"))
            if row["low"] is None
            else {name: _log(row[name]) for name in ("low", "high")}
        )
        shown = f"× {number(row['ratio'], 3)}"
        label = f"perplexity of general text, {language}"
        yield _in_margins(label, {**row, **logs, "margin": log(1 + row["margin"])}, _log(row["ratio"]), shown, -1)
    for name, unit in (("kl", " nats a token"), ("disagreement", " of the tokens")):
        for language, row in retention.get(name, {}).items():
            shown = percent(row["value"], 0) if name == "disagreement" else number(row["value"], 3)
            label = {"kl": "KL(base‖tuned)", "disagreement": "another token preferred"}[name]
            yield _in_margins(f"{label}, {language}", row, row["value"], shown + unit, -1)
    for name, row in retention.get("conduct", {}).items():  # figures of an earlier revision have none
        if row["verdict"] != "not measurable":
            yield _in_margins(f"conduct, {_words(name)}", row, row["delta"], points(row["delta"]))


def _log(ratio: float | None) -> float:
    """Return the logarithm; metrics hold null for what is beyond any number, and 0 for what is below their digits."""
    return inf if ratio is None else log(ratio) if ratio else -inf


def _words(name: str) -> str:
    return name.replace("_shot", " shots").replace("_", " ")


def _in_margins(label: str, row: Mapping[str, Any], value: float, shown: str, sign: int = 1) -> Line:
    ends = sorted(sign * row[end] / row["margin"] for end in ("low", "high")) if row["low"] is not None else None
    middle = sign * value / row["margin"]
    low, high = ends or (middle, middle)
    return Line(label, middle, low, high, shown if ends else f"{shown}, interval {MISSING}", row["verdict"])


def _drawn(line: Line, y: int) -> Drawn:
    return Drawn(line, y, _x(line.value), _x(line.low), _x(line.high))


def _x(value: float) -> float:
    """Return where a value stands in the plane; beyond its edges, at the edge."""
    inside = max(-BEYOND, min(BEYOND, value))
    return round(LEFT + WIDTH * (inside + BEYOND) / (2 * BEYOND), 1)


def across(x: float) -> float:
    """Return a place in the plane, in pixels, as percent of its width: for a page whose plane is as wide as its screen."""
    return round(100 * (x - LEFT) / WIDTH, 2)
