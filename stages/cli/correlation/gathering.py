"""Which runs there are to correlate: those of tags, branches, experiments and the reference run that have the workspace's recipe."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from stages.cli.correlation.points import Point, at, read
from stages.cli.revision import PARAMS, WORKSPACE, experiments, git
from stages.cli.side_by_side.figures import Figures
from stages.core import metrics
from stages.core.errors import InputError

REFERENCE = Path(
    "metrics/reference"
)  # runs of `make reference`, whose figures are in Git and whose commits need not be
RECIPE = ("domain", "test_set", "base", "finetune", "predict")  # params that have to be alike
MAY_DIFFER: Mapping[str, Sequence[str]] = {
    "finetune": ("seed", "checkpoint_minutes"),
    "predict": ("batch_tokens",),
}  # seeds are averaged (predict's draws the test rows), the others are about time and memory


class Found(NamedTuple):
    """The runs of one recipe, and a line for each that is left out."""

    points: list[Point]
    left_out: list[str]


def gathered(names: Sequence[str], *, reference: bool = True, root: Path = Path()) -> Found:
    """Return the runs of these revisions, or of all tags, branches and experiments, and those in metrics/reference/.

    The recipe is the workspace's: what was trained or tested otherwise is left out, and so is a second name of the same figures.
    """
    recipe = _recipe(Figures(WORKSPACE, root))
    points, left_out, commits = list[Point](), list[str](), dict[str, str]()
    for name in names or everything(root):
        figures = Figures(name, root)
        if (first := commits.setdefault(figures.revision.commit, name)) != name:
            left_out.append(f"{name}: the commit of {first}")
            continue
        point = read(figures.name, "revision", figures.value)
        twin = next((each.name for each in points if each[2:] == point[2:]), "")
        if not (point.indicators and point.scores):
            left_out.append(f"{name}: trained nothing that is scored")
        elif (own := _recipe(figures)) != recipe:
            left_out.append(f"{name}: another recipe ({', '.join(_differing(own, recipe))})")
        elif twin:
            left_out.append(f"{name}: the figures of {twin}")
        else:
            points.append(point)
    if reference:
        for point, other in _reference(root, recipe):
            (left_out.append(f"{point.name}: another recipe ({other})") if other else points.append(point))
    return Found(points, left_out)


def everything(root: Path = Path()) -> list[str]:
    """Return the names of all tags, branches and experiments; of branches the one that is checked out first."""
    tags, heads = (
        (git("for-each-ref", "--format=%(refname:short)", kind, root=root) or b"").decode().split()
        for kind in ("refs/tags", "refs/heads")
    )
    branch = (git("branch", "--show-current", root=root) or b"").decode().split()
    return [*dict.fromkeys([*tags, *branch, *heads, *experiments(root)])]


def _recipe(figures: Figures) -> dict[str, Any]:
    return {name: _without(figures.value(PARAMS, name), MAY_DIFFER.get(name, ())) for name in RECIPE}


def _without(value: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - YAML
    return {key: each for key, each in value.items() if key not in names} if isinstance(value, dict) else value


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name in one:
        if one[name] != other[name]:
            pair = one[name], other[name]
            keys = (
                [key for key in pair[0] if pair[0][key] != pair[1].get(key)]
                if all(isinstance(each, dict) for each in pair)
                else []
            )
            yield from (f"{name}.{key}" for key in keys) if keys else [name]


def _reference(root: Path, recipe: Mapping[str, Any]) -> Iterator[tuple[Point, str]]:
    """Yield the reference runs, each with the keys in which its recipe is another one."""
    then: dict[str, Mapping[str, Any]] = {}
    for path in sorted((root / REFERENCE).glob("*/run.json")):
        told = metrics.read(path)
        commit = str(told.get("commit", ""))
        if commit not in then:
            then[commit] = _of_commit(commit, root)
        others = [key for key, value in told["params"].items() if _another(key, value, recipe)]
        others += [key for key in _changed(then[commit], recipe) if key not in told["params"]]
        yield read(path.parent.name, "reference", partial(at, told)), ", ".join(others)


def _of_commit(commit: str, root: Path) -> Mapping[str, Any]:
    """Return the recipe of params.yaml as a commit has it, which each run changes in its own params; empty where the commit is not here."""
    try:
        return _recipe(Figures(commit, root)) if commit else {}
    except InputError:
        return {}


def _changed(then: Mapping[str, Any], recipe: Mapping[str, Any]) -> Iterator[str]:
    """Yield the settings that are not what they were; one that only one of both has came or went with the code."""
    for section, value in then.items():
        now = recipe[section]
        if isinstance(value, dict) and isinstance(now, dict):
            yield from (f"{section}.{name}" for name in value if name in now and value[name] != now[name])
        elif None not in (value, now) and value != now:
            yield section


def _another(key: str, value: object, recipe: Mapping[str, Any]) -> bool:
    section, _, name = key.partition(".")
    if section not in RECIPE or name in MAY_DIFFER.get(section, ()):
        return False
    held = recipe[section]
    return bool((held.get(name) if isinstance(held, dict) else held) != value)
