"""`dial-insight review --status`, `--export`, `--import`: what people decided, without a page to decide on.

What the commands do is imported when one of them runs: it reads as stages do, which takes seconds.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from stages.cli.from_root import lines_from_root
from stages.cli.output import show
from stages.core.errors import UsageError

app = App(
    name="review",
    help="Decide on rows: `review QUEUE` opens a page for it, the commands count and take rows to other tools and back (docs/review.md, docs/review-files.md).",
    version_flags=[],
)
Queue = Literal["seeds", "evolved", "prompts", "labels"]


@app.command(name="--status")
def status() -> int:
    """Count what is decided and what waits at each gate; name the rows that reviewers disagree on, and say how far they agree."""
    from stages.cli.annotation import status as counting  # noqa: PLC0415 - see above

    return show(lines_from_root(counting.lines()))


@app.command(name="--export")
def export(
    tool: Annotated[Literal["argilla", "labelstudio"], Parameter(help="The tool that reads the file.")],
    queue: Annotated[Queue, Parameter(help="The rows to write.")],
    target: Annotated[Path, Parameter(help="The file to write; the tool's settings for it are written beside it.")],
    /,
    *,
    everything: Annotated[bool, Parameter(name="--all", help="Decided rows as well.")] = False,
) -> int:
    """Write the rows that wait at a gate as a file for Argilla or Label Studio."""
    from stages.cli.annotation import exporting  # noqa: PLC0415 - see above

    return show(exporting.export(tool, queue, target, everything=everything))


@app.command(name="--import")
def take(
    source: Annotated[
        Path, Parameter(help="The file, as Argilla's records.to_json or Label Studio's JSON export wrote it.")
    ],
    /,
    *,
    reviewer: Annotated[
        Sequence[str],
        Parameter(help="ID=NAME: what a user of the tool is called in data/review; give it once for each user."),
    ] = (),
    at: Annotated[
        datetime | None,
        Parameter(
            help="When it was decided, where the file does not tell; without it, rows that this reviewer has decided before are left as they are."
        ),
    ] = None,
) -> int:
    """Add what people said in Argilla or Label Studio to data/review; what is there already is not added again."""
    from stages.cli.annotation import importing  # noqa: PLC0415 - see above

    def lines() -> Iterator[str]:
        yield from importing.take(source, _names(reviewer), at)

    return show(lines())


def _names(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for user, equals, name in pairs:
        if not (user and equals and name.strip()):
            raise UsageError("--reviewer: expected ID=NAME, such as 3=ann")
    return {user: name.strip() for user, _, name in pairs}
