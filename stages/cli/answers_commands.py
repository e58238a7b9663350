"""The commands for models and their answers: recorded ones and the live cache, answers by file, models by name."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from stages.cli.from_root import from_root, lines_from_root
from stages.cli.output import show, tell
from stages.core.dropped import Reason
from stages.core.errors import InputError

cache = App(
    name="cache", help="Recorded answers (data/recorded) and the live cache (docs/backends.md).", version_flags=[]
)
Forgettable = Literal[  # reasons for which what is stored is no answer
    Reason.TRUNCATED, Reason.NO_ANSWER, Reason.FILTERED, Reason.OVER_CONTEXT, Reason.ENDPOINT_FAILED
]
batch = App(name="batch", help="Answers by file, for backend `batch` (docs/backends.md).", version_flags=[])
models = App(
    name="models",
    help="Models by name, and their files in the folder that all clones share (docs/models.md).",
    version_flags=[],
)


@cache.command(name="export")
def cache_export(*, author: Annotated[str, Parameter(help="Only answers of this author.")] = "") -> int:
    """Write the cached answers that data/recorded lacks as new segments there."""
    from stages.cli import cache as caching  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(caching.export(author)))


@cache.command(name="import")
def cache_import(paths: Annotated[list[Path], Parameter(help="Segments, or folders of them.")], /) -> int:
    """Copy segments of recorded answers from elsewhere to data/recorded, once all of them are found whole."""
    from stages.cli import cache as caching  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(caching.bring(paths)))


@cache.command(name="verify")
def cache_verify() -> int:
    """Check every segment of data/recorded, and count answers by author."""
    from stages.cli import cache as caching  # noqa: PLC0415 - imported where it is used

    try:
        from_root()
    except InputError as error:
        return tell([str(error)], "")
    lines, faults = caching.verify()
    return max(show(lines), tell(faults, "all segments are whole"))


@cache.command(name="forget")
def cache_forget(
    *,
    failed: Annotated[bool, Parameter(help="Requests that failed: filtered, too long, or given up.")] = False,
    reason: Annotated[Forgettable | None, Parameter(help="Answers that a ledger counts under this reason.")] = None,
    author: Annotated[str, Parameter(help="Answers of this author.")] = "",
    key: Annotated[list[str] | None, Parameter(help="Answers under one of these keys.", consume_multiple=True)] = None,
) -> int:
    """Delete answers from the live cache, so that they are asked again; several options together mean all of them."""
    from stages.cli import cache as caching  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(caching.forget(key or [], author, failed, reason)))


@batch.command(name="import")
def batch_import(
    files: Annotated[list[Path], Parameter(help="JSONL, as a provider, vLLM or a person wrote it.")],
    /,
    *,
    author: Annotated[str, Parameter(help="Who wrote them; `project`: a person, whichever model was asked.")] = "",
) -> int:
    """Store the answers to requests that stages wrote into files."""
    from stages.cli import batch as batches  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(batches.bring(files, author)))


@batch.command(name="status")
def batch_status() -> int:
    """Tell which stages wait for answers, and how many are there."""
    from stages.cli import batch as batches  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(batches.status()))


@batch.command(name="show")
def batchshow(stage: Annotated[str, Parameter(help="A stage, as `batch status` names it.")], /) -> int:
    """Print the open requests of a stage for a person to answer."""
    from stages.cli import batch as batches  # noqa: PLC0415 - imported where it is used

    return show(lines_from_root(batches.show(stage)))


@models.command(name="list")
def models_list() -> int:
    """List the models of the catalog, and which files are in the cache folder."""
    from stages.catalog.catalog import Catalog  # noqa: PLC0415 - imported where it is used
    from stages.cli import models as cataloged  # noqa: PLC0415 - imported where it is used

    return show(cataloged.table(Catalog.load()))


@models.command(name="fetch")
def models_fetch(name: Annotated[str, Parameter(help="A name of `dial-insight models list`.")], /) -> int:
    """Fetch the file of a model of the catalog, unless the cache folder has it; a fetch that was stopped goes on."""
    from stages.cli import models as cataloged  # noqa: PLC0415 - imported where it is used

    return show(cataloged.fetch(name))


@models.command(name="verify")
def models_verify() -> int:
    """Hash the model files in the cache folder again, and compare with the catalog; of folders the size. What stages made is DVC's."""
    from stages.catalog.catalog import Catalog  # noqa: PLC0415 - imported where it is used
    from stages.cli import models as cataloged  # noqa: PLC0415 - imported where it is used

    return show(cataloged.verify(Catalog.load()))
