"""A swept setting, as a table of figures by its values and as lines in a plot; of several seeds the mean, the lowest and the highest."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from stages.cli.plots import Mark, Panel
from stages.cli.side_by_side.figures import Figures
from stages.cli.side_by_side.lines import COMPARED, QUALITY, RETAINED, TRAINING, Line, count, hundredths, thousandths
from stages.cli.side_by_side.tables import cell
from stages.cli.versions.plan import Run
from stages.reporting.wording import percent

FIGURES = (
    Line("labelled rows", QUALITY, "n", count),
    Line("richness", QUALITY, "richness", percent),
    Line("redundancy", QUALITY, "redundancy", percent),
    Line("communities", QUALITY, "communities/count", count),
    Line("rows trained on", TRAINING, "rows", count),
    Line("domain score", RETAINED, "domain/tuned", hundredths),
    Line("nats a character, change", COMPARED, "measures/nll_per_character/delta", thousandths),
    Line("fact F1", COMPARED, "measures/atomic/model", thousandths),
    Line("KL, English", RETAINED, "kl/en/value", thousandths),
)  # fmt: skip
DRAWN = ("richness", "domain score", "nats a character, change", "fact F1")


class Point(NamedTuple):
    """The figures of one version at one value of the setting, a value for each seed."""

    version: str
    value: str
    figures: dict[str, list[Any]]


def points(runs: Sequence[Run], root: Path = Path()) -> list[Point]:
    """Read the experiments of a sweep, seeds together, in the order in which they were planned."""
    found: dict[tuple[str, str], list[Figures]] = {}
    for run in runs:
        found.setdefault((run.version, run.value), []).append(Figures(run.name, root))
    return [Point(*place, _read(each)) for place, each in found.items()]


def _read(each: Sequence[Figures]) -> dict[str, list[Any]]:
    values = {line.label: [figures.value(line.path, line.key) for figures in each] for line in FIGURES}
    return {label: [value for value in row if value is not None] for label, row in values.items()}


def table(key: str, made: Sequence[Point]) -> Iterator[str]:
    """Yield a Markdown table: a line for each version and value, a column for each figure that there is."""
    lines = [line for line in FIGURES if any(point.figures[line.label] for point in made)]
    yield f"| version | {key} | {' | '.join(line.label for line in lines)} |"
    yield f"|---|---:|{'---:|' * len(lines)}"
    for point in made:
        cells = [cell(point.figures[line.label], line.shown) for line in lines]
        yield f"| {point.version} | {point.value} | {' | '.join(cells)} |"


def panels(key: str, made: Sequence[Point], paper: Sequence[Mapping[str, Any]] = ()) -> list[Panel]:
    """Return a plot of each figure that was swept over numbers, and the paper's own by size where rows were swept."""
    every = [_panel(key, label, made) for label in DRAWN]
    drawn = [panel for panel in every if panel.series]
    if key == "select.target" and paper:
        marks = [Mark(row["rows"], row["domain"], row["domain"], row["domain"]) for row in paper]
        drawn.append(Panel("the paper's: domain score (GPT-4, v0.5)", "rows", {"the paper's": marks}, joined=True))
    return drawn


def _panel(key: str, label: str, made: Sequence[Point]) -> Panel:
    series: dict[str, list[Mark]] = {}
    for point in made:
        if (values := point.figures[label]) and (x := _number(point.value)) is not None:
            series.setdefault(point.version, []).append(Mark(x, fmean(values), min(values), max(values)))
    return Panel(label, key, series, joined=True)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
