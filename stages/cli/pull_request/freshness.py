"""Whether dvc.lock is what `dvc repro` would leave: told from Git alone, so that a machine without the data can tell too.

DVC compares what lies on disk. In a bare checkout nothing that stages make lies there, and all would count as changed; so what is
not there is taken at the word of dvc.lock, and must be the same for the stage that made it and for each that read it; what was
given to DVC by `dvc add` is taken at the word of its .dvc file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import networkx

from stages.cli.dvc_graph import pipelines, unreadable


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
            stages = pipelines(repo.index.stages)
            made = {out.fs_path: out for out in repo.index.outs}
            changed = {stage.addressing: list(_changes(stage, made)) for stage in stages}
            graph = networkx.relabel_nodes(repo.index.graph, lambda stage: stage.addressing)
    except DvcException as error:
        raise unreadable(root, error) from None
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
            yield from (f"{dep} ({word})" for word in dep.workspace_status().values() if not _whole(dep, made))
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


def _whole(dep: Any, made: dict[str, Any]) -> bool:  # noqa: ANN401 - as above
    """Whether a folder is as it was read, once what DVC keeps of it and is not on this machine is put in by its hash.

    A folder within it that was given to DVC as one has no hashes of its files here: that the rest is the same cannot be told, and is
    not held against it as long as the folder's files are not fetched.
    """
    absent = {path: out for path, out in made.items() if path.startswith(f"{dep.fs_path}/") and not out.exists}
    if not absent or not dep.hash_info:
        return False
    if any(out.hash_info.isdir for out in absent.values()):
        return True
    tree = _tree(dep)
    for path, out in absent.items():
        tree.add(dep.fs.parts(path[len(dep.fs_path) + 1 :]), out.meta, out.hash_info)
    tree.digest()
    return bool(tree.hash_info == dep.hash_info)


def _tree(dep: Any) -> Any:  # noqa: ANN401 - as above
    """Return what lies in a folder, as DVC hashes it."""
    from dvc_data.hashfile.build import build  # noqa: PLC0415 - 0.3 s

    return build(dep.local_cache, dep.fs_path, dep.fs, dep.hash_name, ignore=dep.dvcignore, dry_run=True)[2]
