"""The commands that ask what figures rest on: a row's ancestry, versions side by side, what goes with what."""

from json import dumps
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from stages.cli.from_root import from_root
from stages.cli.output import say, show, tell
from stages.core.errors import DialInsightError


def register(app: App) -> None:
    """Add the commands to `app`."""
    for command in (trace, report, versions, correlate):
        app.command(command)


def trace(
    row: Annotated[str, Parameter(help="The row's id, the id's beginning, or the number of a training row, from 1.")],
    /,
    *,
    rev: Annotated[
        str, Parameter(help="A tag, branch, commit or DVC experiment; without it the files as they are now.")
    ] = "",
    json: Annotated[bool, Parameter(help="Print JSON, with whole hashes and texts.")] = False,
) -> int:
    """Print where a row comes from: label, decisions, prompt, instruction back to its seed, conversation, recorded answers; or why it was dropped."""
    from stages.cli import trace as tracing  # noqa: PLC0415 - commands that do not need it start at once

    try:
        from_root()
        made = tracing.traced(row, rev)
    except DialInsightError as error:
        return tell([str(error)], "")
    for line in [tracing.as_json(made)] if json else tracing.tree(made):
        say(line)
    return 0


def report(
    *,
    compare: Annotated[
        list[str],
        Parameter(help="Tags, branches, commits or DVC experiments.", consume_multiple=True),
    ],
    html: Annotated[Path | None, Parameter(help="Write a page as well.")] = None,
) -> int:
    """Print Tables 1 to 4 of the paper with a column for each version beside the paper's; seeds of a version (NAME-s1, NAME-s2 …) share a column."""
    from stages.cli.side_by_side import page  # noqa: PLC0415 - as above

    try:
        from_root()
        text = page.compared(compare)
        if html:
            page.write(text, html)
    except DialInsightError as error:
        return tell([str(error)], "")
    say(text.rstrip("\n"))
    return 0


def versions(
    *,
    only: Annotated[
        list[str] | None, Parameter(help="Only these versions of data/versions.yaml.", consume_multiple=True)
    ] = None,
    seeds: Annotated[
        list[int] | None, Parameter(help="Make each version once with each seed.", consume_multiple=True)
    ] = None,
    sweep: Annotated[str, Parameter(help="KEY=VALUE,VALUE: make each version once with each value.")] = "",
    until: Annotated[str, Parameter(help="The stage to stop at; `measure`: data without training.")] = "",
    plot: Annotated[Path | None, Parameter(help="Draw a sweep into this SVG file.")] = None,
    html: Annotated[Path | None, Parameter(help="Write a page as well.")] = None,
) -> int:
    """Run those data versions of data/versions.yaml that are missing, as DVC experiments of the last commit, and compare all."""
    from stages.cli.versions import command  # noqa: PLC0415 - as above

    return show(command.versions(only or [], seeds or [], sweep, until, plot, html))


def correlate(
    *revs: Annotated[str, Parameter(help="Tags, branches, commits or DVC experiments; without any: all there are.")],
    reference: Annotated[
        bool, Parameter(help="Count in the runs of metrics/reference/.", negative="--no-reference")
    ] = True,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
    plot: Annotated[Path | None, Parameter(help="Draw scatter plots into this SVG file.")] = None,
) -> int:
    """Correlate each indicator of data quality with each score over all runs of one recipe, and say what so few can show."""
    from stages.cli.correlation import command  # noqa: PLC0415 - as above

    try:
        from_root()
        made = command.correlate(revs, reference=reference)
        if plot:
            command.draw(made, plot)
    except DialInsightError as error:
        return tell([str(error)], "")
    for line in [dumps(command.as_json(made), ensure_ascii=False, indent=2)] if json else command.lines(made):
        say(line)
    return 0
