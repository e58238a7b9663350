"""Whether dvc.lock is what `dvc repro` would leave: told from Git alone, so that a machine without the data can tell too.

DVC compares what lies on disk. In a bare checkout nothing that stages make lies there, and all would count as changed; so what is
not there is taken at the word of dvc.lock, and must be the same for the stage that made it and for each that read it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import networkx

from stages.cli.dvc_graph import GRAPH
from stages.core.errors import InputError


class Stale(NamedTuple):
    """Stages that would run: those that changed, with what did, and those that follow from them, in the graph's order."""

    changed: dict[str, list[str]]
    follow: list[str]

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [*self.changed, *self.follow]


def stale(root: Path = Path()) -> Stale:
    """Return what would run in the repository in `root`; raise InputError where DVC cannot read it."""
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo, lock_repo  # noqa: PLC0415 - 0.3 s

    try:
        with Repo(str(root)) as repo, lock_repo(repo):
            stages = [stage for stage in repo.index.stages if stage.name]
            made = {out.fs_path: out for stage in stages for out in stage.outs}
            changed = {stage.addressing: list(_changes(stage, made)) for stage in stages}
            graph = networkx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing)
    except DvcException as error:
        raise InputError(f"{root / GRAPH}: DVC cannot read it ({' '.join(str(error).split())}); mend it") from None
    found = {name: causes for name, causes in changed.items() if causes}
    behind = {
        name for start in found for name in networkx.ancestors(graph, start)
    }  # an edge goes to what is depended on
    return Stale(found, [name for name in changed if name in behind and name not in found])


def faults(found: Stale) -> Iterator[str]:
    """Yield a line for each stage that would run."""
    yield from (
        f"dvc.lock: {name} is stale: {', '.join(causes)}; run `dvc repro`" for name, causes in found.changed.items()
    )
    yield from (f"dvc.lock: {name} follows from these" for name in found.follow)


def _changes(stage: Any, made: dict[str, Any]) -> Iterator[str]:  # noqa: ANN401 - dvc has no public type for it
    """Yield what about a stage is not as dvc.lock says."""
    from dvc.dependency import ParamsDependency  # noqa: PLC0415 - 0.3 s

    if stage.cmd_changed:
        yield "its command"
    for dep in stage.deps:
        if isinstance(dep, ParamsDependency):
            yield from sorted(key for keys in dep.status().values() for key in keys)
        elif dep.exists:
            yield from (f"{dep} ({word})" for word in dep.workspace_status().values())
        elif dep.fs_path not in made:
            yield f"{dep} (not there)"
        elif not dep.hash_info:
            yield f"{dep} (new)"
        elif dep.hash_info != made[dep.fs_path].hash_info:
            yield f"{dep} (another one than was read)"
    for out in stage.outs:
        if not out.hash_info:
            yield f"{out} (not in dvc.lock)"
        elif out.exists:
            yield from (f"{out} ({word})" for word in out.workspace_status().values())
        elif not out.use_cache:
            yield f"{out} (not there)"  # it is kept in Git
