"""`dial-insight`: what a person runs beside `dvc`."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from stages.cli import evidence_commands
from stages.cli.annotation.commands import app as review
from stages.cli.answers_commands import batch, cache, models
from stages.cli.export import export
from stages.cli.from_root import from_root
from stages.cli.output import say as _say
from stages.cli.output import show as _show
from stages.cli.output import tell as _tell
from stages.cli.output import worth_saying
from stages.cli.retain import retain
from stages.cli.running import run
from stages.cli.testset_commands import app as testset
from stages.core.errors import DialInsightError
from stages.core.row import Language

app = App(
    name="dial-insight",
    help="Grow a domain data set, fine-tune a model on it, and see whether anything collapsed. Run in the repository's root.",
    version_flags=[],
    default_parameter=Parameter(negative="", show_default=worth_saying),
)
SET = "KEY=VALUE: a setting of params.yaml for this once, as `dvc exp run -S` takes it."
app.command(cache)
app.command(batch)
app.command(models)
app.command(testset)
app.command(review)
evidence_commands.register(app)
app.command(retain)
app.command(export)


@app.command
def doctor() -> int:
    """Check whether this machine can run the graph; each line that fails names its remedy."""
    from stages.cli import doctor as examination  # noqa: PLC0415 - imported where it is used

    failed = False
    for finding in examination.examine():
        _say(str(finding))
        failed |= not finding.ok
    return int(failed)


@app.command
def check(
    domain: Annotated[
        str, Parameter(help="A domain: list instead all that it still needs, in the order to do it.")
    ] = "",
    /,
) -> int:
    """Check all of params.yaml, the domain packs, the meta-prompts and the reviews, before anything runs."""
    from stages.cli import check as checking  # noqa: PLC0415 - imported where it is used

    if domain:
        from stages.cli import domain_check  # noqa: PLC0415 - reads conversations as a stage does: seconds to import

        return domain_check.tell(domain)
    for line in checking.notes():
        _say(line)
    return _tell(checking.marked(), "params.yaml, prompts/ and data/review/ are valid")


@app.command
def plan(
    *,
    set_param: Annotated[list[str] | None, Parameter(name=["-S", "--set-param"], help=SET)] = None,
    json: Annotated[bool, Parameter(help="Print all of it as JSON.")] = False,
) -> int:
    """Tell which stages `dvc repro` would run and why, how many requests are new, and what they cost at most; nothing is run or written.

    Exit code: 1 where a setting of `-S` or an input would end the run, which the last lines say; those of params.yaml are `check`'s.
    """
    from stages.cli.plan import outlook, shown  # noqa: PLC0415 - reads as stages do: seconds to import

    try:
        found = outlook.plan(Path(), set_param or [])
    except DialInsightError as error:
        return _tell([str(error)], "")
    _show([found.model_dump_json(indent=2)] if json else shown.shown(found))
    ends = [f"it would end: {fault}" for fault in found.ends()]
    return _tell(ends, "") if ends else 0


@app.command
def preview(
    stage: Annotated[str, Parameter(help="A stage of dvc.yaml.")],
    /,
    *,
    rows: Annotated[
        int, Parameter(name=["-n", "--rows"], help="How many rows.", validator=Number(gte=1, lte=1000))
    ] = 5,
    row: Annotated[str, Parameter(help="Show this row: its id, or the id's beginning.")] = "",
    language: Annotated[Language | None, Parameter(help="Only rows in this language.")] = None,
    set_param: Annotated[list[str] | None, Parameter(name=["-S", "--set-param"], help=SET)] = None,
    request: Annotated[bool, Parameter(help="Show the requests as they were sent.", negative="--no-request")] = True,
    cache: Annotated[
        bool, Parameter(help="Store new answers in .llm-cache, where a run finds them.", negative="--no-cache")
    ] = True,
) -> int:
    """Run a stage on a few rows in a temporary folder and show what it asked, what was answered and what it made of that."""
    from stages.cli import mask as masking  # noqa: PLC0415 - imported where it is used
    from stages.cli.preview import chosen, look, shown  # noqa: PLC0415 - reads as stages do: seconds to import

    try:
        found = look.preview(Path(), stage, chosen.Wanted(rows, row, language or ""), set_param or [], cache)
    except DialInsightError as error:
        return _tell([str(error)], "")
    return _show(shown.Printer(masking.in_color(sys.stdout), request).lines(found))


@app.command
def deps(*, fix: Annotated[bool, Parameter(help="Rewrite the lists of code in dvc.yaml.")] = False) -> int:
    """Compare dvc.yaml with what the code imports and the commands name."""
    from stages.cli import deps as dependencies  # noqa: PLC0415 - imported where it is used

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
def prune() -> int:
    """Remove the files of models that are no longer in evaluation.models; `make repro` does it first."""
    from stages.cli import prune as pruning  # noqa: PLC0415 - imported where it is used

    return _show(pruning.prune())


@app.command
def cards(*, fix: Annotated[bool, Parameter(help="Rewrite the tables in the data cards.")] = False) -> int:
    """Count conversations and test rows, and compare the tables of data/raw/README.md and data/test/README.md with them."""
    from stages.cli import cards as composing  # noqa: PLC0415 - reads as three stages do: seconds to import

    try:
        from_root()
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
def push(
    remote: Annotated[str, Parameter(help="A name of `dvc remote list`; without it DVC's default remote.")] = "", /
) -> int:
    """Push this version's data and all that past runs made, so that nobody with the same keys computes it again (docs/sharing.md)."""
    from stages.cli import push as pushing  # noqa: PLC0415 - imported where it is used

    return _show(pushing.push(remote=remote))


@app.command(name="pull-request")
def pull_request(
    base: Annotated[
        str, Parameter(help="A branch, tag or commit: what came since the branch left it; without it main.")
    ] = "",
    /,
    *,
    fresh: Annotated[
        bool, Parameter(help="Only say whether dvc.lock is fresh; exit code 1 where it is stale.")
    ] = False,
    link: Annotated[str, Parameter(help="The web address of the branch's files, for links to them.")] = "",
) -> int:
    """Print as Markdown what this branch changes, for its reviewer: dvc.lock, verdict, figures, params, prompts, rows, and what waits for a person."""
    from stages.cli.pull_request import comment, freshness  # noqa: PLC0415 - NetworkX and DVC: a second

    try:
        if fresh:
            return _tell(freshness.faults(freshness.stale()), "dvc.lock is fresh: `dvc repro` would run no stage")
        _say(comment.comment(wanted=base, link=link).rstrip())
    except DialInsightError as error:
        return _tell([str(error)], "")
    return 0


@app.command
def look(path: Annotated[Path, Parameter(help="A file of conversations, or a folder of them.")], /) -> int:
    """Print what ingest would read of a file: format, conversations, parties, what is dropped; for an unknown one, a field map."""
    from stages.cli import look as looking  # noqa: PLC0415 - as above

    return _show(looking.look(path))


@app.command
def new_domain(
    name: Annotated[
        str,
        Parameter(help="The domain's name, such as car_rental: its folder under prompts/, data/raw/ and data/test/."),
    ],
    /,
    *,
    source: Annotated[
        list[Path] | None,
        Parameter(name="--from", help="Files of conversations, or folders of them.", consume_multiple=True),
    ] = None,
    skeleton: Annotated[bool, Parameter(help="Ask no model: write files with comments and TODO only.")] = False,
    force: Annotated[bool, Parameter(help="Where the folder exists already, write the files that it lacks.")] = False,
    languages: Annotated[
        list[Language] | None,
        Parameter(help="Languages of the instructions; without it those of the conversations.", consume_multiple=True),
    ] = None,
    sample: Annotated[
        int, Parameter(help="How many conversations llm.generator is shown.", validator=Number(gte=1))
    ] = 24,
    sort: Annotated[
        bool,
        Parameter(help="Ask llm.generator for each scene; write data/raw/NAME/conversations.jsonl, not copies."),
    ] = False,
) -> int:
    """Draft a domain pack from conversations: what llm.generator proposes, and TODO where a person has to write."""
    from stages.cli.new_domain import command as drafting  # noqa: PLC0415 - as above

    return _show(drafting.new_domain(name, source or [], skeleton, force, languages or [], sample, sort))


@app.command
def noise(
    *,
    source: Annotated[list[Path], Parameter(help="Files of conversations, or folders of them.", consume_multiple=True)],
    target: Annotated[Path, Parameter(help="The JSONL file to be written, which ingest reads.")],
    preset: Annotated[
        Literal["recorded", "chat", "none"], Parameter(help="The rates, from docs/noise.md.")
    ] = "recorded",
    rate: Annotated[
        list[str] | None,
        Parameter(help="NAME=SHARE: this rate instead of the preset's.", consume_multiple=True),
    ] = None,
    seed: Annotated[int, Parameter(help="Seed of the random draws.")],
    versions: Annotated[
        int, Parameter(help="How many versions of each conversation.", validator=Number(gte=1, lte=99))
    ] = 1,
) -> int:
    """Write noisy versions of conversations: words misheard or lost, no punctuation, turns split, joined or given to the other party."""
    from stages.cli import noise as distorting  # noqa: PLC0415 - reads as a stage does: seconds to import

    return _show(distorting.noise(source, target, preset, rate or [], seed, versions))


@app.command
def overlap(
    *,
    rows: Annotated[list[Path], Parameter(help="JSONL files that a model is trained on.", consume_multiple=True)],
    items: Annotated[
        list[Path],
        Parameter(help="JSONL files of benchmark items, with fields item and question.", consume_multiple=True),
    ],
    target: Annotated[Path, Parameter(help="The JSONL file to be written: what was found.")],
    ngram: Annotated[
        int,
        Parameter(help="How many words (Chinese characters) in a row make a match.", validator=Number(gte=5, lte=50)),
    ] = 13,
    near: Annotated[
        float,
        Parameter(
            help="Cosine similarity from which an item counts as nearly in a row.", validator=Number(gt=0, lte=1)
        ),
    ] = 0.7,
) -> int:
    """Look for benchmark items in training rows, in any files of yours: which ones a model may have seen (docs/overlap.md)."""
    from stages.cli import overlap as overlapping  # noqa: PLC0415 - NumPy and the stage: a part of a second

    return _show(overlapping.look(rows, items, target, ngram, near))


@app.command
def mask(
    *,
    row: Annotated[str, Parameter(help="A row's id, or its number from 1.")] = "1",
    source: Annotated[Path, Parameter(help="The rows to train on.")] = Path("data/train/train.jsonl"),
    base: Annotated[Path, Parameter(help="The model to be trained.")] = Path("models/base"),
) -> int:
    """Print a training row as the trainer reads it, with the tokens that it learns from in green, and how many they are."""
    from stages.cli import mask as masking  # noqa: PLC0415 - imported where it is used

    try:
        for line in masking.describe(source, row, base):
            _say(line)
    except DialInsightError as error:
        return _tell([str(error)], "")
    return 0


@app.command
def schema(*, write: Annotated[bool, Parameter(help="Rewrite docs/params.schema.json.")] = False) -> int:
    """Compare the schema of params.yaml, by which editors complete and explain it, with the classes of its sections."""
    from stages.cli import schema as describing  # noqa: PLC0415 - imported where it is used

    try:
        if write:
            describing.write()
            _say(f"{describing.SCHEMA}: rewritten")
            return 0
        faults = list(describing.faults())
    except DialInsightError as error:
        faults = [str(error)]
    return _tell(faults, f"{describing.SCHEMA} is what the classes of the sections give")


@app.command
def profile(
    name: Annotated[str, Parameter(help="A profile; without it all are listed.")] = "",
    /,
    *,
    check: Annotated[bool, Parameter(help="Change nothing; fail where params.yaml differs.")] = False,
) -> int:
    """Put a profile's values into params.yaml and leave its other lines; the way back: `git checkout params.yaml`."""
    from stages.cli import profile as profiling  # noqa: PLC0415 - imported where it is used

    if check and not name:
        return _tell(["profile: --check compares params.yaml with a profile; name it"], "")
    if not name:
        return _show(profiling.table())
    try:
        if check:
            return _tell(profiling.differences(name), f"params.yaml has all values of profile {name}")
        for line in profiling.write(name):
            _say(line)
    except DialInsightError as error:
        return _tell([str(error)], "")
    _say(f"params.yaml has all values of profile {name}; the way back: {profiling.BACK}")
    return 0


@app.command
def serve(
    name: Annotated[str, Parameter(help="A name of `dial-insight models list`.")],
    /,
    *,
    port: Annotated[int, Parameter(help="The port; 0: a free one.", validator=Number(gte=0, lte=65535))] = 8000,
    slots: Annotated[int, Parameter(help="How many requests at once.", validator=Number(gte=1, lte=256))] = 4,
    context: Annotated[
        int, Parameter(help="Tokens of question and answer together, for each request.", validator=Number(gte=512))
    ] = 4096,
    threads: Annotated[int, Parameter(help="Threads that compute; 0: one for each core.", validator=Number(gte=0))] = 0,
) -> int:
    """Serve a model on this machine as an OpenAI-compatible endpoint, on loopback only, and print how to ask it."""
    from stages.chat.settings import LlamaCpp  # noqa: PLC0415 - imported where it is used
    from stages.cli import serve as serving  # noqa: PLC0415 - imported where it is used

    values = {"model": name, "slots": slots, "context": context, "threads": threads}
    try:
        settings = LlamaCpp.parse("serve", {"backend": "llama_cpp", "temperature": 0, "top_p": 1, **values})
        serving.serve(settings, port, _say)
    except DialInsightError as error:
        return _tell([str(error)], "")
    return 0


@review.default
def review_page(
    queue: Annotated[
        Literal["seeds", "evolved", "prompts", "labels", "preferences", "personal"],
        Parameter(help="The rows to decide on."),
    ],
    /,
    *,
    port: Annotated[int, Parameter(help="The port; 0: a free one.", validator=Number(gte=0, lte=65535))] = 0,
    reviewer: Annotated[str, Parameter(help="Who decides; without it `git config user.name`.")] = "",
    browser: Annotated[bool, Parameter(help="Open the page in a browser.", negative="--no-browser")] = True,
) -> int:
    """Open a page on this machine where a person decides row by row, by keyboard or mouse; each decision goes to data/review/ at once."""
    from stages.cli.review import server  # noqa: PLC0415 - a web server only where a page is served
    from stages.cli.review.queues import every  # noqa: PLC0415 - as above

    try:
        server.review(every.named(queue), reviewer, port, browser, _say)
    except DialInsightError as error:
        return _tell([str(error)], "")
    return 0


def main(words: list[str] | None = None) -> int:
    """Run a command and return its exit code; `words` are the command line's without any."""
    return run(app, words)


if __name__ == "__main__":
    sys.exit(main())
