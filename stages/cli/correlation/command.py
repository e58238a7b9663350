"""`dial-insight correlate`: quality indicators against scores, as tables, JSON and scatter plots; the paper's three rows beside them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from stages.cli import plots
from stages.cli.correlation.association import Association, associations, coefficient_shown, reach, told
from stages.cli.correlation.gathering import Found, gathered
from stages.cli.correlation.points import Point, averaged, the_papers
from stages.cli.plots import Mark, Panel
from stages.cli.side_by_side.page import PAPER
from stages.core.errors import InputError
from stages.core.metrics import json_safe
from stages.reporting.counted import counted
from stages.statistics.bootstrap import Estimate


class Correlated(NamedTuple):
    """Ours and the paper's: data sets, and what goes with what over them."""

    found: Found
    points: list[Point]
    ours: list[Association]
    paper: list[Association]
    paper_points: list[Point]


def correlate(names: Sequence[str], *, reference: bool, root: Path = Path()) -> Correlated:
    """Gather the runs and correlate; InputError where there is none."""
    found = gathered(names, reference=reference, root=root)
    if not found.points:
        raise InputError(
            "no run of this recipe has both indicators and scores; `make repro` or `make versions` makes some"
        )
    published = the_papers(YAML(typ="safe").load((root / PAPER).read_text(encoding="utf-8")))
    points = averaged(found.points)
    return Correlated(found, points, associations(points), associations(published), published)


def lines(made: Correlated) -> Iterator[str]:
    """Yield what is said on screen, as Markdown."""
    yield f"{counted(len(made.found.points), 'run')} of {counted(len(made.points), 'data set')}."
    for source in dict.fromkeys(point.source for point in made.points):
        yield f"- {source}: {', '.join(point.name for point in made.points if point.source == source)}"
    yield from (f"- left out: {line}" for line in made.found.left_out)
    yield ""
    yield from _table("Spearman's ρ", made.ours, "rho")
    yield ""
    yield from _table("Kendall's τ-b", made.ours, "tau")
    yield ""
    yield (
        f"One observation a data set, its seeds averaged; scores are changes from the base, above is better; 95 % intervals in brackets. "
        f"Redundancy is 1 − richness: the same with the other sign, and no further test. {told(made.ours)}"
    )
    yield ""
    yield from _published(made)


def _table(head: str, found: Sequence[Association], coefficient: str) -> Iterator[str]:
    scores = list(dict.fromkeys(each.score for each in found))
    cells = {(each.indicator, each.score): each for each in found}
    yield f"| {head} | {' | '.join(scores)} |"
    yield f"|---|{'---:|' * len(scores)}"
    for indicator in dict.fromkeys(each.indicator for each in found):
        row = [cells[indicator, score] for score in scores]
        most = max(each.n for each in cells.values())
        shown = [
            coefficient_shown(getattr(each, coefficient)) + (f", n {each.n}" if each.n < most else "") for each in row
        ]
        if any(getattr(each, coefficient) for each in row):
            yield f"| {indicator} | {' | '.join(shown)} |"


def _published(made: Correlated) -> Iterator[str]:
    tested = [each for each in made.paper if each.p is not None]
    yield f"The paper's three rows (arXiv 2403.09167, Table 3; its figures, not ours) against its domain score. {reach(3, len(tested))}:"
    yield ""
    yield "| the paper's | ρ | τ | p, exact |"
    yield "|---|---:|---:|---:|"
    for each in tested:
        yield f"| {each.indicator} | {coefficient_shown(each.rho)} | {coefficient_shown(each.tau)} | {each.p:.2f} |"


def as_json(made: Correlated) -> dict[str, Any]:
    """Return all of it: points, coefficients with intervals, p values."""
    tests = sum(each.p is not None for each in made.ours)
    figures: dict[str, Any] = json_safe(
        {
            "runs": [point._asdict() for point in made.found.points],
            "left_out": made.found.left_out,
            "data_sets": [point._asdict() for point in made.points],
            "tests": tests,
            "reach": reach(len(made.points), tests),
            "associations": [_figures(each) for each in made.ours],
            "the_papers": [_figures(each) for each in made.paper],
        }
    )
    return figures


def _figures(each: Association) -> dict[str, Any]:
    coefficients = {name: _interval(getattr(each, name)) for name in ("rho", "tau")}
    return {
        "indicator": each.indicator,
        "score": each.score,
        "n": each.n,
        **coefficients,
        "p": each.p,
        "p_holm": each.holm,
    }


def _interval(found: Estimate | None) -> dict[str, float | None] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}


def draw(made: Correlated, target: Path) -> None:
    """Write the scatter plots: a row for each indicator, a column for each score, then the paper's."""
    columns = len({each.score for each in made.ours if each.rho})
    plots.write(panels(made), "Indicators of data quality against scores", target, columns)


def panels(made: Correlated) -> list[Panel]:
    """Return a scatter plot for each indicator and score that vary, a series for each source; the paper's apart."""
    ours = [_scatter(each, made.points, made.found.points) for each in made.ours if each.rho]
    paper = [_scatter(each, made.paper_points, made.paper_points) for each in made.paper if each.rho]
    return [*ours, *paper]


def _scatter(each: Association, points: Sequence[Point], runs: Sequence[Point]) -> Panel:
    series: dict[str, list[Mark]] = {}
    for point in points:
        if each.indicator in point.indicators and each.score in point.scores:
            seeds = [
                run.scores[each.score] for run in runs if (run.source, run.data_set) == (point.source, point.data_set)
            ]
            mark = Mark(point.indicators[each.indicator], point.scores[each.score], min(seeds), max(seeds), point.name)
            series.setdefault(point.source, []).append(mark)
    note = f"ρ {coefficient_shown(each.rho)}, n {each.n}"
    title = each.score if "the paper" not in series else f"the paper's: {each.score}"
    return Panel(title, each.indicator, series, note=note)
