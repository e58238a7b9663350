"""Small plots in one SVG file that needs nothing else: points, joined or not, each series in a color and a shape of its own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.core.files import atomic

WIDTH, HEIGHT = 300, 220  # of a panel, pixels
LEFT, TOP, RIGHT, BOTTOM = 52, 30, 12, 42  # around its plane
COLUMNS = 4
HEAD, KEY = 48, (150, 16)  # above the panels, pixels; of a series in the legend, width and height
COLORS = ("#3568a8", "#b3382c", "#2b7a4b", "#8a5aa8", "#a8742b", "#4a7f86")


class Mark(NamedTuple):
    """A point, with the lowest and the highest that its value stands for, and how far to the sides it may lie, if that is known."""

    x: float
    y: float
    low: float
    high: float
    name: str = ""
    left: float | None = None
    right: float | None = None


class Panel(NamedTuple):
    """One plot: its title, what stands on the x axis, and the points of each series; `note` stands under the title.

    `limit` is a value across which a line is drawn, such as a margin.
    """

    title: str
    x_label: str
    series: Mapping[str, Sequence[Mark]]
    joined: bool = False
    note: str = ""
    limit: float | None = None


class Drawn(NamedTuple):
    """A point where it stands in the file."""

    x: float
    y: float
    low: float
    high: float
    left: float
    right: float
    name: str
    color: str
    series: str


class Placed(NamedTuple):
    """A panel where it stands in the file; `across` and `up` are the places at which its least and greatest values are written."""

    panel: Panel
    x: int
    y: int
    marks: list[Drawn]
    paths: list[tuple[str, str]]  # color, and where a line goes
    across: dict[str, float]
    up: dict[str, float]
    limit: float | None


def drawn(panels: Sequence[Panel], head: str, columns: int = COLUMNS) -> str:
    """Return panels side by side, `columns` in a row, under a heading, with a legend where there are several series."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(names)}
    across = max(1, min(columns, len(panels)))
    width = max(across * WIDTH, 620)
    beside = width // KEY[0]  # series in a line of the legend
    top = HEAD + (len(names) - 1) // beside * KEY[1] if len(names) > 1 else HEAD
    placed = [
        _placed(panel, (number % across) * WIDTH, top + (number // across) * HEIGHT, colors)
        for number, panel in enumerate(panels)
    ]
    keys = [
        (name, color, number % beside * KEY[0], number // beside * KEY[1])
        for number, (name, color) in enumerate(colors.items())
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True
    )
    return environment.get_template("plots.svg.j2").render(
        head=head,
        panels=placed,
        legend=keys if len(names) > 1 else [],
        width=width,
        height=top + -(-len(panels) // across) * HEIGHT,
        plane=(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM),
    )


def write(panels: Sequence[Panel], head: str, target: Path, columns: int = COLUMNS) -> None:
    """Write the file."""
    with atomic(target) as file:
        file.write(drawn(panels, head, columns))


def _placed(panel: Panel, x: int, y: int, colors: Mapping[str, str]) -> Placed:
    every = [mark for marks in panel.series.values() for mark in marks]
    wide = [end for mark in every for end in (mark.x, mark.left, mark.right) if end is not None]
    high = [end for mark in every for end in (mark.low, mark.high)]
    high += [] if panel.limit is None else [panel.limit]
    (left, right), (bottom, top) = _ends(wide), _ends(high)

    def across(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (value - left) / (right - left), 1)

    def up(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (top - value) / (top - bottom), 1)

    def place(mark: Mark, name: str) -> Drawn:
        left, right = (across(mark.x if end is None else end) for end in (mark.left, mark.right))
        middle, low, high = (up(value) for value in (mark.y, mark.low, mark.high))
        return Drawn(across(mark.x), middle, low, high, left, right, mark.name, colors[name], name)

    by_series = {name: [place(mark, name) for mark in marks] for name, marks in panel.series.items()}
    return Placed(
        panel,
        x,
        y,
        [mark for marks in by_series.values() for mark in marks],
        [(colors[name], _path(marks)) for name, marks in by_series.items() if panel.joined and len(marks) > 1],
        {_shown(value): across(value) for value in (min(wide), max(wide))},
        {_shown(value): up(value) for value in (min(high), max(high))},
        None if panel.limit is None else up(panel.limit),
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis: those of its values, with some room where they are all alike."""
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _path(marks: Sequence[Drawn]) -> str:
    return "M" + " L".join(_pairs(sorted(marks)))


def _pairs(marks: Sequence[Drawn]) -> Iterator[str]:
    for mark in marks:
        yield f"{mark.x} {mark.y}"
