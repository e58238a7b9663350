"""`dial-insight testset`: the rows of the test set that params.yaml names, held out, drawn or written, shown and read a second time.

What the commands do is imported when one of them runs: it reads as stages do, which takes seconds.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from stages.cli.output import say, show, tell
from stages.core import jsonl
from stages.core.errors import DialInsightError, InputError
from stages.core.params import value
from stages.core.row import Language
from stages.reporting.counted import counted

if TYPE_CHECKING:
    from stages.cli.cards import TestRows
    from stages.cli.test_rows import Taken

app = App(
    name="testset", help="The domain's stored test rows (docs/new-domain.md, docs/test-set.md).", version_flags=[]
)
Source = Annotated[Path, Parameter(help="A JSONL file (docs/test-set.md).")]


@app.command
def hold(*, count: Annotated[int, Parameter(help="Dialogues to add.", validator=Number(gte=1))]) -> int:
    """Hold out further dialogues of data/raw for the test set, in data/test/DOMAIN/dialogues.jsonl; no model is trained on them any more.

    Conversations that people answered training rows about are passed over, and others of their customer or case.
    """
    from stages.cli import testset as storing  # noqa: PLC0415 - see above

    try:
        path, added, there = storing.hold(count)
    except DialInsightError as error:
        return tell([str(error)], "")
    say(
        f"{path}: {counted(added, 'dialogue')} added, {there} held out; next: dvc repro split, then dial-insight testset draw"
    )
    return 0


@app.command
def draw(
    *,
    count: Annotated[int, Parameter(help="Rows to add.", validator=Number(gte=1))],
    seed: Annotated[int, Parameter(help="Seed of the random draw.")] = 7,
) -> int:
    """Draw further rows from the test conversations and the version's instructions.jsonl, and store them."""
    from stages.cli import testset as storing  # noqa: PLC0415 - see above

    try:
        path, there = storing.draw(count, seed)
    except DialInsightError as error:
        return tell([str(error)], "")
    say(f"{path}: {counted(there, 'row')}; write their answers into references.jsonl beside it")
    return 0


@app.command(name="show")
def show_rows() -> int:
    """Print each stored row as it is asked, behind its id."""
    from stages.cli import testset as storing  # noqa: PLC0415 - see above

    return show(storing.questions())


@app.command
def talks(
    names: Annotated[list[str] | None, Parameter(help="Their keys or ids; without any: all.")] = None,
    /,
    *,
    language: Annotated[Language | None, Parameter(help="Only conversations in this language.")] = None,
) -> int:
    """Print the held-out conversations as they are asked about, anonymized, each behind its key."""

    def lines() -> Iterator[str]:
        from stages.cli import test_rows as writing  # noqa: PLC0415 - see above

        yield from writing.talks(_domain(), names or [], language)

    return show(lines())


@app.command
def instructions(source: Source, /) -> int:
    """Store written instructions in the version's instructions.jsonl, with their ids and the marks of unseen requirements."""
    from stages.cli import test_rows as writing  # noqa: PLC0415 - see above

    try:
        return _taken(writing.take_instructions(source, _folder(), _pack()), "instruction")
    except DialInsightError as error:
        return tell([str(error)], "")


@app.command
def rows(
    source: Source,
    /,
    *,
    check: Annotated[bool, Parameter(help="Say what is wrong, store nothing.")] = False,
) -> int:
    """Store written rows in the version's prompts.jsonl and references.jsonl, once nothing is wrong with any of them."""
    from stages.cli import cards  # noqa: PLC0415 - see above
    from stages.cli import test_rows as writing  # noqa: PLC0415

    try:
        taken = writing.take_rows(source, _folder(), _pack(), cards.held_out(_pack().name), check_only=check)
    except DialInsightError as error:
        return tell([str(error)], "")
    if check:
        return tell(taken.faults, f"{source}: nothing is wrong with {counted(taken.added + taken.replaced, 'row')}")
    return _taken(taken, "row")


@app.command
def sheet(*, out: Annotated[Path, Parameter(help="The file to write.")]) -> int:
    """Write the sheet that a second reader fills in: conversation, what is asked, labels, and statements of which some are false."""
    from stages.cli import second_reading  # noqa: PLC0415 - see above

    try:
        if out.exists():
            raise InputError(f"{out}: there already, and may be filled in; name another file, or take it away")
        test = _version()
        count = jsonl.write(out, second_reading.sheet(test.rows, test.stored.references, test.stored.instructions))
    except DialInsightError as error:
        return tell([str(error)], "")
    say(
        f"{out}: {counted(count, 'row')}; fill in answer and verdicts, then dial-insight testset take {out} --author NAME"
    )
    return 0


@app.command
def take(source: Source, /, *, author: Annotated[str, Parameter(help="Who filled it in.")]) -> int:
    """Store a filled sheet in the version's second_reading.jsonl; rows that were read before are replaced."""
    from stages.cli import second_reading  # noqa: PLC0415 - see above
    from stages.cli.test_version import READINGS, StoredVersion  # noqa: PLC0415

    try:
        stored, target = StoredVersion.read(_folder()), _folder() / READINGS
        filled = {line.number: line.checked(second_reading.Blind) for line in jsonl.lines(source, second_reading.Blind)}
        read = {row.id: row for row in second_reading.taken(filled, stored.references, author, source)}
        there = jsonl.write(target, (dict(stored.readings) | read).values())
    except DialInsightError as error:
        return tell([str(error)], "")
    say(f"{target}: {counted(len(read), 'reading')} taken, {there} there; next: dial-insight testset agreement")
    return 0


@app.command
def agreement() -> int:
    """Print how far the second reading agrees with the references: shares and Cohen's kappa, by language and task."""

    def lines() -> Iterator[str]:
        from stages.cli import cards, test_set_tables  # noqa: PLC0415 - see above

        test = _version()
        found = list(test_set_tables.agreement(test.rows, test.stored))
        if not found:
            raise InputError(
                f"{_folder()}: no row has a second reading; dial-insight testset sheet makes what is filled in"
            )
        yield cards.shown(found)

    return show(lines())


def _version() -> "TestRows":
    from stages.cli import cards  # noqa: PLC0415 - see above
    from stages.cli.test_version import StoredVersion  # noqa: PLC0415

    return cards.test_rows(StoredVersion.read(_folder()), cards.held_out(_pack().name))


def _folder() -> Path:
    return Path("data/test", _domain(), value("test_set", str))


def _pack() -> Path:
    return Path("prompts", _domain())


def _domain() -> str:
    return value("domain", str)


def _taken(taken: "Taken", what: str) -> int:
    said = f"{taken.path}: {counted(taken.added, what)} added, {taken.replaced} replaced, {taken.there} there"
    return tell(taken.faults, said)
