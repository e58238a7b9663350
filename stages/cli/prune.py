"""What items of a `foreach` leave when they are taken out of params.yaml: files that no stage makes, and lines of dvc.lock.

DVC keeps both. A file goes only while it is as its stage made it; what lies in DVC's cache comes back when the item does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages.cli.dvc_graph import GRAPH
from stages.core.errors import InputError


def prune(root: Path = Path()) -> Iterator[str]:
    """Remove it all from the repository in `root`; yield a line for each path, those included that have to stay."""
    from dvc.dvcfile import load_file  # noqa: PLC0415 - 0.3 s
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo, lock_repo  # noqa: PLC0415 - 0.3 s

    try:
        with Repo(str(root)) as repo, lock_repo(repo):
            in_use = {item.fs_path for stage in repo.index.stages for item in (*stage.deps, *stage.outs)}
            graph = load_file(repo, str(root / GRAPH))
            for stage in _gone(graph.stages):
                left = [out for out in stage.outs if out.exists and out.fs_path not in in_use]
                changed = [out for out in left if out.changed_checksum()]
                for out in left:
                    if out not in changed:
                        out.remove(ignore_remove=True)  # its line in .gitignore
                    yield f"{out}: {'changed by hand, left' if out in changed else 'removed'}: {stage.name} is no stage any more"
                if not changed:
                    graph.remove_stage(stage)  # from dvc.lock: dvc.yaml has no such stage
    except DvcException as error:
        raise InputError(f"{root / GRAPH}: DVC cannot prune ({' '.join(str(error).split())}); mend it") from None


def _gone(loader: Any) -> list[Any]:  # noqa: ANN401 - dvc has no public type for it
    """Return the stages of an entry that iterates which dvc.lock has and dvc.yaml has not, with what they made."""
    gone = [
        name
        for name in loader.lockfile_data
        if name not in loader and loader.is_foreach_or_matrix_generated(name.partition("@")[0])
    ]
    return [_made(loader, name, loader.lockfile_data[name]) for name in gone]


def _made(loader: Any, name: str, lock: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
    outs = [out["path"] for out in lock.get("outs", ())]
    return loader.load_stage(loader.dvcfile, name, {"cmd": lock["cmd"], "outs": outs}, lock)
