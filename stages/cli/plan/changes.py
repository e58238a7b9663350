"""Which stages a run would take up and why, as DVC decides it, with nothing run: from dvc.lock, the files and the run cache.

DVC looks at a stage after those before it have run. Here what these would write is known only where the run cache has it; else
a stage behind one that runs *may* run, because its input may change.
"""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any, Literal

from stages.cli.dvc_graph import Step, opened, pipelines, step
from stages.cli.dvc_lock import ABSENT, at
from stages.cli.plan.differences import differences, edited, short
from stages.core.params import PARAMS
from stages.core.row import Record

Fate = Literal["runs", "restored", "may run"]
NAMED = 3  # edited files that are named
OUT = {"deleted": "not there", "modified": "not as this stage made it", "not in cache": "not in DVC's cache"}
DEP = {"deleted": "not there", "modified": "changed", "new": "new to this stage"}


class Due(Record):
    """A stage that a run would take up."""

    step: Step
    fate: Fate
    why: tuple[str, ...]  # what differs from dvc.lock
    inputs: tuple[tuple[str, str], ...]  # what may change before it runs, each with the stage that makes it

    @property
    def fixed(self) -> bool:
        """Whether what it reads is what lies there now."""
        return not self.inputs


def due(root: Path, params: Path) -> tuple[list[Due], int]:
    """Return the stages that `dvc repro` would run or may run with these params, in its order, and how many stages there are."""
    read = params.absolute()
    with chdir(root), opened(Path(), read) as repo:  # DVC looks up the paths in its run cache from where it is
        return _Outlook(repo, Path()).dues()


class _Outlook:
    """What is known while the graph is walked, inputs first."""

    def __init__(self, repo: Any, root: Path) -> None:  # noqa: ANN401 - dvc has no public type for it
        from dvc.dependency.param import read_param_file  # noqa: PLC0415 - 0.3 s

        self.repo, self.root = repo, root
        self.values: dict[str, Any] = read_param_file(repo.fs, str(root.resolve() / PARAMS))
        self.found = dict[Any, Due]()  # by DVC's stage
        self.unknown = dict[str, str]()  # outs that will change or may: path, and the stage that makes it
        self.known = dict[str, Any]()  # outs that come from the run cache: path, and their hash
        self.moved = dict[str, str]()  # of these, what is another than now: path, and the stage that makes it
        self.edited = edited(root)

    def dues(self) -> tuple[list[Due], int]:
        from dvc.repo.reproduce import get_active_graph, plan_repro  # noqa: PLC0415 - 0.3 s

        planned = pipelines(plan_repro(get_active_graph(self.repo.index.graph)))
        order = [stage for stage in planned if not stage.frozen]
        for stage in order:
            self._look(stage)
        return list(self.found.values()), len(order)

    def _look(self, stage: Any) -> None:  # noqa: ANN401 - as above
        why, waits = [*self._of_its_own(stage)], [*self._waits(stage)]
        if not why and not waits:
            return
        fate: Fate = "runs" if why else "may run"
        if not waits and (made := self._restored(stage)) is not None:
            fate = "restored"
            self.known.update(made)
            self.moved.update({out.fs_path: stage.name for out in stage.outs if out.hash_info != made.get(out.fs_path)})
        if fate != "restored":
            self.unknown.update({out.fs_path: stage.name for out in stage.outs})
        self.found[stage] = Due(step=step(stage), fate=fate, why=tuple(why), inputs=tuple(waits))

    def _of_its_own(self, stage: Any) -> Iterator[str]:  # noqa: ANN401 - as above
        """Yield what differs from dvc.lock, whatever other stages do."""
        if not any(item.hash_info for item in (*stage.deps, *stage.outs)):
            yield "it has not run yet: dvc.lock does not have it"
            return
        if stage.changed_stage():
            yield "dvc.yaml: its command is another"
        if stage.is_callback or stage.always_changed:
            yield "dvc.yaml: it always runs"
        for dep in stage.deps:
            yield from self._dep(dep)
        for out in stage.outs:
            for path, state in out.status().items():
                yield f"{path}: {OUT.get(state, state)}"

    def _dep(self, dep: Any) -> Iterator[str]:  # noqa: ANN401 - as above
        if hasattr(dep, "params"):
            yield from self._params(dep)
        elif dep.fs_path in self.known:
            if dep.hash_info != self.known[dep.fs_path]:
                yield f"{dep.def_path}: another version, from the run cache"
        elif not self._made_anew(dep):
            for state in dep.status().values():
                yield f"{dep.def_path}{self._which(dep.def_path)}: {DEP.get(state, state)}"

    def _params(self, dep: Any) -> Iterator[str]:  # noqa: ANN401 - as above
        before, now = dep.hash_info.value or {}, self._chosen(dep)
        for key in dict.fromkeys([*before, *now]):
            for name, old, new in differences(key, before.get(key, ABSENT), now.get(key, ABSENT)):
                yield f"{dep.def_path}: {name} {short(old)} → {short(new)}"

    def _chosen(self, dep: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        """Return the params that a stage reads, by dotted key, as far as they are there."""
        return (
            {key: value for key in dep.params if (value := at(self.values, key)) is not ABSENT}
            if dep.params
            else self.values
        )

    def _waits(self, stage: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as above
        """Return which inputs may change before it runs, each with the stage that makes it."""
        return [(dep.def_path, maker) for dep in stage.deps if (maker := self._made_anew(dep))]

    def _made_anew(self, dep: Any) -> str:  # noqa: ANN401 - as above
        """Return the first stage that runs before and makes this path, something in it, or what it is in, so that it may change."""
        path = dep.fs_path
        if path in self.known:
            return ""
        makers = (
            maker
            for out, maker in (self.unknown | self.moved).items()
            if out == path or out.startswith(f"{path}/") or path.startswith(f"{out}/")
        )
        return next(makers, "")

    def _restored(self, stage: Any) -> dict[str, Any] | None:  # noqa: ANN401 - as above
        """Return the hashes of what it would make, by path, if DVC has all of it from an earlier run, as `restore` finds it."""
        from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s

        try:
            changed = stage.changed_stage() or any([*self._dep(dep)] for dep in stage.deps)
            if not changed and stage.outs_cached():
                return {out.fs_path: out.hash_info for out in stage.outs}
            for dep in stage.deps:
                dep.hash_info, dep.meta = (
                    self._hash(dep),
                    type(dep.meta)(),
                )  # which would bring the old hash of a folder
            # `restore(dry=True)` looks the stage up by its old inputs: what DVC looks up in a run is only in this one
            entry = self.repo.stage_cache._load(stage)
            made = self.repo.stage_cache._create_stage(entry, wdir=stage.wdir) if entry else None
        except (AssertionError, DvcException, OSError):  # it cannot be hashed, or an input is not there
            return None
        if made is None or not made.outs_cached():
            return None
        return {out.fs_path: out.hash_info for out in made.outs}

    def _hash(self, dep: Any) -> Any:  # noqa: ANN401 - as above
        if hasattr(dep, "params"):
            return type(dep.hash_info)("params", self._chosen(dep))
        return self.known.get(dep.fs_path) or dep.get_hash()

    def _which(self, path: str) -> str:
        """Return the files under a folder that Git finds edited, in brackets."""
        inner = [name.removeprefix(f"{path}/") for name in self.edited if name.startswith(f"{path}/")]
        more = f" and {len(inner) - NAMED} more" if len(inner) > NAMED else ""
        return f" ({', '.join(inner[:NAMED])}{more})" if inner else ""
