"""`dial-insight`: what a person runs beside `dvc`."""

from collections.abc import Iterable
from typing import Annotated

import typer

from stages.cli import cards as composing
from stages.cli import check as checking
from stages.cli import deps as dependencies
from stages.cli import doctor as examination
from stages.errors import DialInsightError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Grow a domain data set, fine-tune a model on it, and prove that nothing collapsed. Run in the repository's root."""


@app.command()
def doctor() -> None:
    """Look whether this machine can run the graph; each line that fails names its remedy."""
    failed = False
    for finding in examination.examine():
        typer.echo(str(finding))
        failed |= not finding.ok
    raise typer.Exit(int(failed))


@app.command()
def check() -> None:
    """Check params.yaml, the domain packs, the meta-prompts and the reviews, whole, before anything runs."""
    _tell(checking.faults(), "params.yaml, prompts/ and data/review/ are valid")


@app.command()
def deps(
    fix: Annotated[bool, typer.Option("--fix", help="Rewrite the lists of .py files in dvc.yaml.")] = False,
) -> None:
    """Compare dvc.yaml with what the code imports and the commands name."""
    if fix and _fixed():
        typer.echo("dvc.yaml: lists of .py files rewritten")
    _tell(_listed(), "dvc.yaml declares what the code imports and the commands name; the floors hold")


@app.command()
def cards(
    fix: Annotated[bool, typer.Option("--fix", help="Rewrite the tables in the data cards.")] = False,
) -> None:
    """Count conversations and test rows, and compare the tables of data/raw/README.md and data/test/README.md with them."""
    try:
        held = {name: composing.holdings(name) for name in composing.domains()}
        for line in composing.summary(held):
            typer.echo(line)
        for path in composing.fix(held) if fix else ():
            typer.echo(f"{path}: tables rewritten")
        found = list(composing.faults(held))
    except DialInsightError as error:
        found = [str(error)]
    _tell(found, "the tables in the data cards are what the data holds")


def _fixed() -> bool:
    try:
        return dependencies.fix()
    except DialInsightError as error:
        _tell([str(error)], "")
        return False


def _listed() -> list[str]:
    try:
        return dependencies.faults()
    except DialInsightError as error:
        return [str(error)]


def _tell(faults: Iterable[str], otherwise: str) -> None:
    """Print each fault on a line and exit 1, or print that all is well."""
    found = False
    for line in faults:
        found = True
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo(otherwise)


if __name__ == "__main__":
    app()
