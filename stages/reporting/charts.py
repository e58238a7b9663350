"""The figures of the HTML report, drawn with bars of HTML and one line of SVG: no script, no download."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

LEFT, TOP, WIDTH, HEIGHT = 50, 10, 580, 180  # of the loss curve's plane in the page, pixels


class Chart(NamedTuple):
    """Bars: label, width in percent of the longest, value as shown."""

    title: str
    bars: list[tuple[str, float, str]]


class Heat(NamedTuple):
    """A table of counts: the columns' names, and for each row its name and, by column, count and share of the largest."""

    columns: list[str]
    rows: list[tuple[str, list[tuple[int, float]]]]


def bars(plots: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Chart]:
    """Return the bar charts of the plots that have rows."""
    charts = [
        _composition("Test set by task type and output format (Fig. 3)", plots["composition_test"]),
        _composition("Training draw by task type and output format (Fig. 3)", plots["composition_train"]),
        _chart(
            "Sizes of the largest communities of prompts",
            [(f"community {r['community']}", r["size"], "") for r in plots["communities"]],
        ),
        _chart("Rows by tokens of prompt and dialogue", [(r["bin"], r["rows"], "") for r in plots["complexity"]]),
        _shares("Label quality by task (high, medium, low: judged; the rest: by rules alone)", plots["label_quality"]),
        _shares(
            "Label quality by scene (high, medium, low: judged; the rest: by rules alone)", plots["label_quality_scene"]
        ),
        _chart("Base against tuned", [(f"{r['measure']}: {r['model']}", r["score"], "") for r in plots["scores"]]),
    ]
    return [chart for chart in charts if chart.bars]


def heat(cells: Sequence[Mapping[str, Any]]) -> Heat:
    """Return tasks × output formats with their rows."""
    columns = sorted({cell["format"] for cell in cells})
    counts = {(cell["task"], cell["format"]): cell["rows"] for cell in cells}
    most = max(counts.values(), default=1)
    tasks = sorted({cell["task"] for cell in cells})
    filled = [(task, [counts.get((task, form), 0) for form in columns]) for task in tasks]
    return Heat(columns, [(task, [(count, round(count / most, 2)) for count in row]) for task, row in filled])


def _composition(title: str, rows: Sequence[Mapping[str, Any]]) -> Chart:
    return _chart(title, [(f"{r['kind']}: {r['name']}", r["rows"], "") for r in rows])


def _shares(title: str, rows: Sequence[Mapping[str, Any]]) -> Chart:
    return _chart(title, [(f"{r['group']}: {r['quality']}", 100 * r["share"], " %") for r in rows])


def _chart(title: str, values: Sequence[tuple[str, float, str]]) -> Chart:
    longest = max((value for _, value, _ in values), default=0) or 1
    return Chart(
        title, [(label, round(100 * value / longest, 1), f"{value:.4g}{unit}") for label, value, unit in values]
    )


def curve(points: Sequence[Mapping[str, Any]]) -> dict[str, object] | None:
    """Return the loss as an SVG path with its axis labels, or None without steps."""
    losses = [point["loss"] for point in points]
    if not losses:
        return None
    bottom, top = min(losses), max(losses)
    span, last = (top - bottom) or 1.0, max(len(losses) - 1, 1)
    places = [(LEFT + WIDTH * n / last, TOP + HEIGHT * (top - loss) / span) for n, loss in enumerate(losses)]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    figures = {"first": losses[0], "last": losses[-1], "top": top, "bottom": bottom}
    return {"path": path, "steps": len(losses), **{name: f"{value:.2f}" for name, value in figures.items()}}
