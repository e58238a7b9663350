"""`dial-insight export`: the judged model as files that others can take, with a card; whether both still belong together; what llama.cpp makes of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from stages.cli.from_root import from_root
from stages.cli.output import say, show, tell
from stages.core.errors import DialInsightError, UsageError
from stages.core.params import PARAMS

Form = Literal["f16", "q8", "q4", "folder"]
EXIT = {"retained": 0, "collapsed": 2, "inconclusive": 3, "not measurable": 3}
ALL: tuple[Form, ...] = ("f16", "q8", "q4", "folder")


def export(
    folder: Annotated[Path, Parameter(help="The folder to write; with --check or --verify one that was written.")],
    /,
    *,
    formats: Annotated[
        list[Form] | None,
        Parameter(
            help="f16, q8, q4: GGUF; folder: safetensors. Without it all; with --verify all GGUF files of the folder.",
            consume_multiple=True,
        ),
    ] = None,
    name: Annotated[
        str, Parameter(help="The model's name, in the names of its files and in its card.")
    ] = "dial-insight-tuned",
    stale: Annotated[bool, Parameter(help="Write although the verdict is stale, marked as such.")] = False,
    check: Annotated[
        bool,
        Parameter(help="Write nothing; say whether the files are those of the card, and whether its verdict is stale."),
    ] = False,
    verify: Annotated[
        bool,
        Parameter(
            help="Judge the GGUF files as the model was judged, through llama.cpp. Exit code: 0 retained, 2 collapsed, 3 cannot tell."
        ),
    ] = False,
    rows: Annotated[
        int,
        Parameter(
            help="With --verify: how many test rows in each language are answered, and their references rated.",
            validator=Number(gte=0),
        ),
    ] = 20,
    questions: Annotated[
        bool,
        Parameter(
            help="With --verify: ask the benchmark questions, which takes most of the time.", negative="--no-questions"
        ),
    ] = True,
    conduct: Annotated[
        bool, Parameter(help="With --verify: make the requests of stage conduct.", negative="--no-conduct")
    ] = True,
    threads: Annotated[
        int, Parameter(help="With --verify: threads of llama.cpp; 0: one for each core.", validator=Number(gte=0))
    ] = 0,
) -> int:
    """Write the judged model as GGUF and as a folder, with a model card that is bound to the hashes of data, params and weights."""
    try:
        if check and verify:
            raise UsageError("--check and --verify: one at a time")
        if check:
            return _check(folder)
        from_root()
        if verify:
            return _verify(folder, formats or list(ALL), rows, threads, questions=questions, conduct=conduct)
    except DialInsightError as error:
        return tell([str(error)], "")
    return show(_write(folder, formats or list(ALL), name, stale))


def _write(folder: Path, formats: list[Form], name: str, stale: bool) -> Iterator[str]:
    from stages.cli.exporting import folder as folders  # noqa: PLC0415 - torch

    yield from folders.export(folder, formats, name, stale=stale)


def _check(folder: Path) -> int:
    from stages.cli.exporting import checking  # noqa: PLC0415 - jinja2, networkx; no torch

    here = PARAMS.is_file() and Path("dvc.lock").is_file()
    where = "and its verdict is not stale" if here else "whether its verdict is stale is told in the repository's root"
    return tell(checking.check(folder, here=here), f"{folder}: the files are those of the card; {where}")


def _verify(folder: Path, formats: list[Form], rows: int, threads: int, *, questions: bool, conduct: bool) -> int:
    """Verify each GGUF file of these formats, write it into the card, and return the exit code of the worst."""
    from stages.cli.exporting import card as cards  # noqa: PLC0415 - as above
    from stages.cli.exporting import checking  # noqa: PLC0415 - as above
    from stages.cli.exporting import verify as verifying  # noqa: PLC0415 - as above

    if faults := checking.check(folder, here=True):
        return tell(faults, "")
    card = cards.read(folder)
    ggufs = sorted(name for name in card.files if name.endswith(tuple(f"-{form}.gguf" for form in formats)))
    if not ggufs:
        raise UsageError(
            f"{folder}: has no GGUF file to verify in {', '.join(formats)}; export with --formats f16, q8 or q4"
        )
    judged, base = verifying.held("tuned"), verifying.held("base")
    what, worst = verifying.asked(judged, rows, questions=questions, conduct=conduct), 0
    for file in ggufs:
        found = verifying.verify(folder / file, card.files[file].sha256, judged, base, what, threads)
        card = card.model_copy(update={"verified": {**card.verified, file: found.model_dump()}})
        cards.write(folder, card)
        say(f"{file}: {found.judged['verdict']} against the judged model ({found.judged['rests_on']})")
        for language, near in found.judged["references"].items():
            say(f"{file}: references {language}: {near['verdict']}{cards.kept(near)}")
        say(f"{file}: {found.base['verdict']} against the base ({found.base['rests_on']})")
        worst = max(worst, EXIT[found.judged["verdict"]], key=(0, 3, 2).index)
    return worst
