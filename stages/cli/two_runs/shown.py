"""A verdict as a person reads it: the table, the forest plot in characters, and what to know before believing it."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from stages.cli.two_runs.judged import TwoRuns
from stages.evaluation.retention.changes import AccuracyChange, LikelihoodChange, PerplexityChange
from stages.reporting import forest
from stages.reporting.wording import MISSING, number, percent, points

HEAD = ("measure", "items", "base", "tuned", "change", "interval", "lost / won", "noise", "margin", "verdict")
HALF = 20  # columns on each side of zero in the plot
COLUMNS = HALF / forest.BEYOND  # of one margin

PAGE_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Did anything collapse?</title>
<style>
body { font: 16px system-ui, sans-serif; margin: 2em } table { border-collapse: collapse }
td, th { border-bottom: 1px solid #ccc; padding: .3em .6em; text-align: right } td:first-child, th:first-child { text-align: left }
pre { overflow-x: auto }
</style>
"""

Cells = tuple[str, ...]
Change = AccuracyChange | LikelihoodChange | PerplexityChange


def rows(found: TwoRuns) -> list[Cells]:
    """Return the table's lines, a measure each; last the formulations that do not count."""
    lines = [_accuracy(f"accuracy, {name}", change) for name, change in found.accuracy.items()]
    lines += [_mean(f"right answers, {name}", change) for name, change in found.right_answer.items()]
    lines += [_mean(f"score, {name}", change) for name, change in found.score.items()]
    lines += [_perplexity(f"perplexity, {name}", change) for name, change in found.text.items()]
    for name, other in found.other_formulation.items():
        shown = f"{name}, {other.formulation}" if name in found.accuracy else name
        lines.append((*_accuracy(f"({shown})", other)[:-1], "not counted"))
    lines += [(*_mean(f"({name})", change)[:-1], "not counted") for name, change in found.other_score.items()]
    return lines


def _accuracy(name: str, change: AccuracyChange) -> Cells:
    between = _interval(points(change.low), points(change.high))
    figures = (percent(change.base, 1), percent(change.tuned, 1), points(change.delta), between)
    return (name, f"{change.n:,}", *figures, f"{change.lost} / {change.won}", *_limits(change, points), change.verdict)


def _mean(name: str, change: LikelihoodChange) -> Cells:
    between = _interval(_signed(change.low), _signed(change.high))
    figures = (number(change.base, 3), number(change.tuned, 3), _signed(change.delta), between)
    return (name, f"{change.n:,}", *figures, "", *_limits(change, _signed), change.verdict)


def _perplexity(name: str, change: PerplexityChange) -> Cells:
    between = _interval(_times(change.low), _times(change.high))
    figures = (number(change.base, 2), number(change.tuned, 2), _times(change.ratio), between)
    limits = tuple(_times(None if limit is None else 1 + limit) for limit in (change.noise, change.margin))
    return (name, f"{change.n:,}", *figures, "", *limits, change.verdict)


def _limits(change: Change, shown: Callable[[float | None], str]) -> tuple[str, str]:
    """Return noise and margin, which have no sign."""
    return shown(change.noise).lstrip("+"), shown(change.margin).lstrip("+")


def _signed(value: float | None) -> str:
    return MISSING if value is None else f"{value:+.3f}"


def _times(value: float | None) -> str:
    return MISSING if value is None else f"× {value:.3f}"


def _interval(low: str, high: str) -> str:
    return MISSING if MISSING in (low, high) else f"{low} … {high}"


def table(found: TwoRuns) -> Iterator[str]:
    """Yield the table in columns."""
    lines = [HEAD, *rows(found)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell.ljust(width) if n in (0, 9) else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def plot(found: TwoRuns) -> Iterator[str]:
    """Yield the forest plot: each interval in margins, right of zero better, a loss that may be at the first mark."""
    lines = list(forest.general(found.model_dump()))
    width = max((len(line.label) for line in lines), default=0)
    head = [" "] * (2 * HALF + 1)
    for at, mark in ((-1.0, "−margin"), (0.0, "0")):
        column = _column(at)
        head[column : column + len(mark)] = mark
    yield f"{'':{width}}  {''.join(head).rstrip()}"
    for line in lines:
        yield f"{line.label:{width}}  {_drawn(line)}  {line.verdict}"


def _drawn(line: forest.Line) -> str:
    """Return an interval as characters; beyond the plot's edges it ends in an arrow."""
    cells = [" "] * (2 * HALF + 1)
    cells[_column(-1)] = cells[_column(0)] = "┊"
    low, high = _column(line.low), _column(line.high)
    cells[low : high + 1] = "─" * (high + 1 - low)
    cells[_column(line.value)] = "●"
    if line.low < -forest.BEYOND:
        cells[0] = "◂"
    if line.high > forest.BEYOND:
        cells[-1] = "▸"
    return "".join(cells)


def _column(margins: float) -> int:
    return round(HALF + COLUMNS * max(-forest.BEYOND, min(forest.BEYOND, margins)))


def notes(found: TwoRuns) -> Iterator[str]:
    """Yield the verdict and what it rests on, then what a reader must know."""
    yield f"verdict: {found.verdict} ({found.rests_on})"
    if found.left_out:
        items, are = ("item", "is") if found.left_out == 1 else ("items", "are")
        yield f"{found.left_out:,} {items} that only one run has {are} left out; the verdict is of the {found.items:,} common ones"
    if found.one_by_one:
        yield f"counted one by one, as no subject is named, or only one: {', '.join(found.one_by_one)}"
    if found.identical:
        yield "no item differs between the two runs, not in the last digit; make sure that these are the logs of two models"
    for name, count in found.unknown.items():
        yield f"right answers, {name}: not measured, as {count:,} of them have no finite log-probability"
    for name, count in found.untold.items():
        yield f"right answers, {name}: not measured, as the log does not tell the right choice of {count:,} question{'s' * (count > 1)}"
    if scores := [f"score, {name}" for name, change in found.score.items() if change.verdict != "not measurable"]:
        yield f"what a guess would score is not known, so a base that guesses passes for one that knows: {'; '.join(scores)}"
    changes = list(_changes(found))
    if small := list(_small(found)):
        yield f"the base has no more to lose than the margin, so that losing all of it would be no collapse: {'; '.join(small)}"
    if drowned := [name for name, change in changes if change.noise is not None and change.noise >= change.margin]:
        yield f"margin below the noise, so that a loss as large can be chance; ask more items: {'; '.join(drowned)}"
    if coarse := [name for name, change in changes if _coarse(change)]:
        yield f"a loss just beyond the margin is noticed less often than 8 times of 10; more items tell: {'; '.join(coarse)}"
    if not found.noise_runs:
        yield "noise: not measured; run the base once more through the same path, and add it as --noise"


def _changes(found: TwoRuns) -> Iterator[tuple[str, Change]]:
    measures: Sequence[tuple[str, dict[str, Change]]] = [
        ("accuracy", dict(found.accuracy)),
        ("right answers", dict(found.right_answer)),
        ("score", dict(found.score)),
        ("perplexity", dict(found.text)),
    ]
    for measure, changes in measures:
        for name, change in changes.items():
            if change.verdict != "not measurable":
                yield f"{measure}, {name}", change


def _small(found: TwoRuns) -> Iterator[str]:
    """Yield the measures of which the base has less than a margin: right answers above guessing, or grades above 0."""
    leads: list[tuple[str, AccuracyChange | LikelihoodChange, float]] = [
        *((f"accuracy, {name}", change, change.base - change.chance) for name, change in found.accuracy.items()),
        *((f"score, {name}", change, change.base) for name, change in found.score.items()),
    ]
    for name, change, lead in leads:
        if change.verdict != "not measurable" and lead <= change.margin:
            yield name


def _coarse(change: Change) -> bool:
    """Whether a loss just beyond the margin may pass unnoticed; where nothing at all changed, this is not known."""
    if change.detectable is None:
        return change.low is None or change.low != change.high
    return change.detectable > change.margin


def text(found: TwoRuns) -> str:
    """Return all of it for a terminal."""
    return "\n".join([*table(found), "", *plot(found), "", *notes(found)])


def markdown(found: TwoRuns) -> str:
    """Return it for a comment or a page in Markdown."""
    lines = [HEAD, tuple("---:" if n in range(1, 9) else "---" for n in range(10)), *rows(found)]
    table_lines = [" | ".join(["", *(cell.replace("|", "/") for cell in line), ""]).strip() for line in lines]
    return "\n".join([*table_lines, "", "```", *plot(found), "```", "", *(f"- {note}" for note in notes(found)), ""])


def html(found: TwoRuns) -> str:
    """Return it as a page that needs nothing else."""
    cells = "".join(
        f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in line)}</tr>\n"
        for tag, line in [("th", HEAD), *(("td", line) for line in rows(found))]
    )
    said = "".join(f"<li>{escape(note)}</li>\n" for note in notes(found))
    picture = escape("\n".join(plot(found)))
    return f"{PAGE_HEAD}<h1>{escape(found.verdict)}</h1>\n<table>\n{cells}</table>\n<pre>{picture}</pre>\n<ul>\n{said}</ul>\n"
