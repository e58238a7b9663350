"""The commands that ask what figures rest on: a row's ancestry, versions side by side, what goes with what."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from stages.cli.output import say, tell
from stages.core.errors import DialInsightError


def register(app: App) -> None:
    """Add the commands to `app`."""
    for command in (trace, report):
        app.command(command)


def trace(
    row: Annotated[str, Parameter(help="Its id, the beginning of one, or the number of a training row from 1.")],
    /,
    *,
    rev: Annotated[str, Parameter(help="A tag, branch, commit or DVC experiment; without it the workspace.")] = "",
    json: Annotated[bool, Parameter(help="As JSON, with whole hashes and texts.", negative="")] = False,
) -> int:
    """Print where a row comes from: label, decisions, prompt, instruction back to its seed, conversation, recorded answers; or why it was dropped."""
    from stages.cli import trace as tracing  # noqa: PLC0415 - commands that do not need it start at once

    try:
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
        Parameter(help="Tags, branches, commits or DVC experiments.", consume_multiple=True, negative=""),
    ],
    html: Annotated[Path | None, Parameter(help="Write a page as well.")] = None,
) -> int:
    """Print Tables 1 to 4 of the paper with a column for each version, and the paper's beside them; NAME-s1, NAME-s2 … share a column."""
    from stages.cli.side_by_side import page  # noqa: PLC0415 - as above

    try:
        text = page.compared(compare)
        if html:
            page.write(text, html)
    except DialInsightError as error:
        return tell([str(error)], "")
    say(text.rstrip("\n"))
    return 0
