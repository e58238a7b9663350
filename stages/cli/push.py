"""Push what others need to compute nothing again: this version's data, and all that DVC's run cache remembers, figures included.

`dvc push --run-cache` pushes the list of past runs, and of what they made only what this version uses. A figure of an earlier run lies
in the local cache alone (Git has this version's), so elsewhere no past run with a figure, and nearly every stage has one, could be
taken from the run cache: it would run again.
"""

from collections.abc import Iterator
from pathlib import Path

from stages.core.errors import InputError
from stages.reporting.counted import counted


def push(root: Path = Path(), remote: str = "") -> Iterator[str]:
    """Push to `remote`, or the default one; yield what was pushed."""
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo, lock_repo  # noqa: PLC0415 - 0.3 s

    try:
        with Repo(str(root)) as repo, lock_repo(repo):
            yield f"{counted(repo.push(remote=remote or None), 'file')} of this version and its data pushed"
            runs = repo.stage_cache.push(remote or None)
            ids = {each for found in repo.stage_cache.get_used_objs(runs).values() for each in found}
            here = {each for each in ids if repo.cache.local.exists(each.value)}
            done = repo.cloud.push(here, remote=remote or None)
            yield f"{counted(len(runs), 'past run')} and {counted(len(done.transferred), 'file')} of theirs pushed"
            storage = repo.cloud.get_remote_odb(remote or None, "push")
            there = set(storage.oids_exist([each.value for each in ids - here]))
            if lost := sum(each.value not in there for each in ids - here) + len(done.failed):
                yield f"{counted(lost, 'file')} of past runs neither here nor there (dvc gc): what made them runs again where it is asked for"
    except DvcException as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{root.resolve()}: DVC cannot push ({said}); look at `dvc remote list` and your keys"
        ) from None
