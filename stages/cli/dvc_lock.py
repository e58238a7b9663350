"""Which results in a revision's dvc.lock belong together: an experiment that ran half the graph keeps the other half of its parent.

A stage is due where its params or what other stages made for it are no longer what it ran with, or where one before it is due. An
edit of code or of a file that people keep is `dvc status`'s to find: here nothing is hashed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from stages.cli.revision import PARAMS, Revision

GRAPH = "dvc.yaml"
ABSENT = object()  # equal to no value


def due(revision: Revision) -> list[str]:
    """Return the stages that have to run again, in dvc.lock's order, and those of dvc.yaml that never ran."""
    params, stages = revision.yaml(PARAMS), current(revision)
    makers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}
    found = {name for name, stage in stages.items() if _other_params(stage, params) or _other_files(stage, revision)}
    while further := {name for name in stages.keys() - found if found & _before(stages[name], makers)}:
        found |= further
    return [*(name for name in stages if name in found), *(name for name in declared(revision) if name not in stages)]


def current(revision: Revision) -> dict[str, dict[str, Any]]:
    """Return what dvc.lock says of each stage, without those of items that are no longer iterated over, which nothing runs again."""
    entries, names = revision.yaml(GRAPH).get("stages") or {}, declared(revision)
    iterating = {name for name, body in entries.items() if "foreach" in body}
    return {
        name: stage
        for name, stage in revision.stages.items()
        if name in names or name.partition("@")[0] not in iterating
    }


def declared(revision: Revision) -> list[str]:
    """Return the stages of dvc.yaml by the names that dvc.lock has for them: with the item of a foreach behind an @."""
    names, params = list[str](), revision.yaml(PARAMS)
    for name, body in (revision.yaml(GRAPH).get("stages") or {}).items():
        items = body.get("foreach", ABSENT)
        if isinstance(items, str):  # ${evaluation.models}
            items = at(params, items.strip("${}"))
        if "foreach" not in body:
            names.append(name)
        elif isinstance(items, (Mapping, list)):
            names += [f"{name}@{item}" for item in items]
    return names


def maker(revision: Revision, path: str) -> str:
    """Return the stage that makes a file, or ""."""
    stages = revision.stages.items()
    return next((name for name, stage in stages for out in stage.get("outs", ()) if _in(path, out["path"])), "")


def _other_params(stage: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    asked = stage.get("params", {}).get(PARAMS, {})
    return any(at(params, key) != value for key, value in asked.items())


def at(params: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - YAML
    """Return the value under a dotted key; what is not there equals nothing."""
    value: Any = params
    for name in key.split("."):
        value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def _other_files(stage: Mapping[str, Any], revision: Revision) -> bool:
    deps = {dep["path"]: dep.get("md5") for dep in stage.get("deps", ())}
    return any(path in revision.made and revision.made[path] != md5 for path, md5 in deps.items())


def _before(stage: Mapping[str, Any], makers: Mapping[str, str]) -> set[str]:
    """Return the stages that make what a stage reads, or a part of a folder that it reads."""
    deps: Iterable[str] = [dep["path"] for dep in stage.get("deps", ())]
    return {name for path, name in makers.items() if any(_in(path, dep) or _in(dep, path) for dep in deps)}


def _in(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def named(stages: Iterable[str], name: str) -> set[str]:
    """Return the stages that a name calls, as DVC understands it: one, or all of a foreach."""
    return {stage for stage in stages if stage == name or stage.startswith(f"{name}@")}


def up_to(revision: Revision, until: str) -> set[str]:
    """Return the stages that `until` calls and all that they need, or every stage without one; those that never ran included."""
    stages = current(revision)
    every = {*stages, *declared(revision)}
    if not until:
        return every
    makers = {out["path"]: name for name, stage in stages.items() for out in stage.get("outs", ())}
    found, new = set[str](), named(every, until)
    while new:
        found |= new
        new = set[str]().union(*(_before(stages[name], makers) for name in new & stages.keys())) - found
    return found
