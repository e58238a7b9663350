"""Tables 1 to 4 of the paper, a column for each version; the paper's own figures stand beside them and are called the paper's."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from stages.cli.side_by_side.figures import Figures
from stages.cli.side_by_side.lines import (
    ABILITIES,
    ENDING,
    INDICATORS,
    PUBLISHED,
    RETAINED,
    SIZES,
    VERSIONS,
    Line,
    Shown,
    word,
)
from stages.reporting.wording import MISSING, percent

THE_PAPER = "the paper: "

Published = Mapping[str, Any]


class Table(NamedTuple):
    """One table: its title, what its figures are, a header and rows of cells."""

    title: str
    note: str
    header: list[str]
    rows: list[list[str]]


def tables(versions: Mapping[str, Sequence[Figures]], paper: Published) -> Iterator[Table]:
    """Yield those of Tables 1 to 4 to which a version has a figure; a cell of several seeds is their mean, with the lowest and the highest."""
    every = _every(versions, paper)
    yield from (table for table in every if any(set(row[1 : 1 + len(versions)]) != {MISSING} for row in table.rows))


def _every(versions: Mapping[str, Sequence[Figures]], paper: Published) -> Iterator[Table]:
    quality = {f"{THE_PAPER}{row['version']}": row for row in paper["quality"]}
    sizes = {f"{THE_PAPER}v0.5, {row['rows']:,} rows": row for row in paper["sizes"]}
    models = {f"{THE_PAPER}{_named(row)}": row for row in paper["models"]}
    yield _table("Table 1: the versions", "", VERSIONS, versions, quality)
    yield _table(
        "Table 2: score by size",
        "The paper's score is GPT-4's, of 0 to 10, for 14 billion parameters; ours is named in the table. They do not compare.",
        SIZES,
        versions,
        sizes,
    )
    yield _table(
        "Table 3: data quality",
        "Richness falls with the number of rows: compare columns of equal numbers, or what so many rows drawn would have.",
        INDICATORS,
        versions,
        quality,
    )
    yield _table(
        "Table 4: domain and general ability",
        "Our benchmark is a small one of our own, by the texts of the choices; the paper's are C-Eval, MMLU and CMMLU.",
        (*ABILITIES, *_benchmarks(versions), *PUBLISHED, *ENDING),
        versions,
        models,
    )


def _named(row: Published) -> str:
    rows = f", {row['rows']:,} rows" if "rows" in row else ""
    return f"{row['name']}{rows}" + (f" and {row['general']:,} general" if "general" in row else "")


def _benchmarks(versions: Mapping[str, Sequence[Figures]]) -> Iterator[Line]:
    """Yield a line for base and tuned of each benchmark that a version took."""
    taken = (figures.value(RETAINED, "accuracy") or {} for each in versions.values() for figures in each)
    for name in dict.fromkeys(name for found in taken for name in found):
        for model in ("base", "tuned"):
            yield Line(f"accuracy, {word(name)}, {model}", RETAINED, f"accuracy/{name}/{model}", percent)


def _table(
    title: str,
    note: str,
    lines: Sequence[Line],
    versions: Mapping[str, Sequence[Figures]],
    paper: Mapping[str, Published],
) -> Table:
    rows = [[line.label, *_ours(line, versions), *_theirs(line, paper)] for line in lines]
    return Table(title, note, ["", *versions, *paper], [row for row in rows if set(row[1:]) != {MISSING}])


def _ours(line: Line, versions: Mapping[str, Sequence[Figures]]) -> Iterator[str]:
    for each in versions.values():
        values = [figures.value(line.path, line.key) for figures in each] if line.path else []
        yield cell([value for value in values if value is not None], line.shown)


def cell(values: Sequence[Any], shown: Shown) -> str:
    """Return a figure of one run, or of several seeds: their mean, their range and their number."""
    if len(set(values)) < 2 or not all(isinstance(value, (int, float)) for value in values):
        return " / ".join(dict.fromkeys(map(shown, values))) or MISSING
    return f"{shown(fmean(values))} ({shown(min(values))} … {shown(max(values))}; {len(values)} seeds)"


def _theirs(line: Line, paper: Mapping[str, Published]) -> Iterator[str]:
    for row in paper.values():
        yield line.shown(row.get(line.paper)) if line.paper else MISSING


def unmade(versions: Mapping[str, Sequence[Figures]]) -> Iterator[str]:
    """Yield which figures are left out, and why."""
    for figures in (figures for each in versions.values() for figures in each):
        if figures.due:
            yield f"{figures.name}: no figure of {', '.join(figures.due)}, which have not run since their params or inputs changed"
