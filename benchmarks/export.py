"""The table of docs/export.md: what `dial-insight export FOLDER --verify` found of each file, out of the export's card.

python -m benchmarks.export --folder export/tuned
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cyclopts import run

from stages.cli.exporting import card as cards
from stages.cli.output import show
from stages.reporting import wording


def lines(verified: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table in Markdown: a measure a line, a file a column, each against the model that was judged."""
    told = {file: dict(cells(found)) for file, found in verified.items()}
    measures = dict.fromkeys(measure for cells_ in told.values() for measure in cells_)
    yield f"| against the judged model | {' | '.join(told)} |"
    yield f"|---|{'---|' * len(told)}"
    for measure in measures:
        yield f"| {measure} | {' | '.join(cells_.get(measure, wording.MISSING) for cells_ in told.values())} |"


def cells(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was found of a file by measure."""
    judged, base = found["judged"], found["base"]
    yield "**verdict**", judged["verdict"]
    for measure, *_, change, _, verdict in cards.changes(judged):
        yield measure.replace("from the base", "from it"), f"{change}, {verdict}"
    for language, near in judged["references"].items():
        yield (
            f"of the gain in likelihood of references, {language}",
            cards.kept(near).removeprefix(", ") or wording.MISSING,
        )
    yield (
        "the same answers",
        ", ".join(f"{name} {same['same']} of {same['rows']}" for name, same in found["answers"].items()),
    )
    yield "texts cut alike", f"{found['texts']['same']} of {found['texts']['rows']}"
    yield "against the base", f"{base['verdict']} ({base['rests_on']})"


def main(*, folder: Path) -> int:
    """Print the table of an export that was verified."""
    return show(lines(cards.read(folder).verified))


if __name__ == "__main__":
    run(main)
