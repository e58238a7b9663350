"""`dial-insight`: what a person runs beside `dvc`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from stages.cli import check as checking
from stages.cli import deps as dependencies
from stages.cli import doctor as examination
from stages.cli import mask as masking
from stages.cli import schema as describing
from stages.core.errors import DialInsightError

app = App(
    name="dial-insight",
    help="Grow a domain data set, fine-tune a model on it, and prove that nothing collapsed. Run in the repository's root.",
    version_flags=[],
)


@app.command
def doctor() -> int:
    """Look whether this machine can run the graph; each line that fails names its remedy."""
    failed = False
    for finding in examination.examine():
        _say(str(finding))
        failed |= not finding.ok
    return int(failed)


@app.command
def check() -> int:
    """Check params.yaml, the domain packs, the meta-prompts and the reviews, whole, before anything runs."""
    return _tell(checking.faults(), "params.yaml, prompts/ and data/review/ are valid")


@app.command
def deps(*, fix: Annotated[bool, Parameter(help="Rewrite the lists of code in dvc.yaml.")] = False) -> int:
    """Compare dvc.yaml with what the code imports and the commands name."""
    try:
        if fix and dependencies.fix():
            _say("dvc.yaml: lists of code rewritten")
        faults, reach = dependencies.faults(), dependencies.reach()
    except DialInsightError as error:
        return _tell([str(error)], "")
    _say(
        f"dvc.yaml: {reach.paths} paths of code in {reach.lines} lines; an edited file reruns {reach.reruns:.2f} stages on average"
    )
    return _tell(faults, "dvc.yaml declares what the code imports and the commands name")


@app.command
def cards(*, fix: Annotated[bool, Parameter(help="Rewrite the tables in the data cards.")] = False) -> int:
    """Count conversations and test rows, and compare the tables of data/raw/README.md and data/test/README.md with them."""
    from stages.cli import cards as composing  # noqa: PLC0415 - reads as three stages do: seconds to import

    try:
        held = {name: composing.holdings(name) for name in composing.domains()}
        for line in composing.summary(held):
            _say(line)
        for path in composing.fix(held) if fix else ():
            _say(f"{path}: tables rewritten")
        faults = list(composing.faults(held))
    except DialInsightError as error:
        faults = [str(error)]
    return _tell(faults, "the tables in the data cards are what the data holds")


@app.command
def mask(
    *,
    row: Annotated[str, Parameter(help="A row's id, or its number from 1.")] = "1",
    source: Annotated[Path, Parameter(help="The rows to train on.")] = masking.SOURCE,
    base: Annotated[Path, Parameter(help="The model to be trained.")] = masking.BASE,
) -> int:
    """Print a training row as the trainer reads it, the tokens that the loss is on in green, and their number."""
    try:
        for line in masking.describe(source, row, base):
            _say(line)
    except DialInsightError as error:
        return _tell([str(error)], "")
    return 0


@app.command
def schema(*, write: Annotated[bool, Parameter(help="Rewrite docs/params.schema.json.")] = False) -> int:
    """Compare the schema of params.yaml, by which editors complete and explain it, with the classes of its sections."""
    try:
        if write:
            describing.write()
            _say(f"{describing.SCHEMA}: rewritten")
            return 0
        faults = list(describing.faults())
    except DialInsightError as error:
        faults = [str(error)]
    return _tell(faults, f"{describing.SCHEMA} is what the classes of the sections give")


def _tell(faults: Iterable[str], otherwise: str) -> int:
    """Print each fault on a line and return 1, or print that all is well."""
    lines = list(faults)
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - the command's output
    if not lines:
        _say(otherwise)
    return int(bool(lines))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's output


def main(words: list[str] | None = None) -> int:
    """Run a command and return its exit code; a wrong command line is one line, with exit code 2."""
    try:
        return int(app(words, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except CycloptsError as error:
        print(f"dial-insight: {' '.join(str(error).split())} --help lists the commands", file=sys.stderr)  # noqa: T201 - the one line
        return 2


if __name__ == "__main__":
    sys.exit(main())
