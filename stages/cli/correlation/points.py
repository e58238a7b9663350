"""What can be correlated: the indicators of the rows that a run trained on, and what training on them changed, of every run that there is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from stages.cli.revision import PARAMS, WORKSPACE, experiments, git
from stages.cli.side_by_side.figures import SEED, Figures
from stages.cli.side_by_side.tables import COMPARED, RETAINED
from stages.core import metrics

SELECTED = "metrics/selection.json"
REFERENCE = Path(
    "metrics/reference"
)  # runs of `make reference`, whose figures are in Git and whose commits need not be
KEPT = {SELECTED: "quality", COMPARED: "comparison", RETAINED: "retention"}  # what a reference run calls these files
RECIPE = ("domain", "test_set", "base", "finetune", "predict")  # params that have to be alike, but for their seeds
INDICATORS = {  # of the rows trained on; redundancy is 1 − richness, hence no further test
    "rows": "n",
    "richness": "richness",
    "prompt complexity": "prompt_complexity",
    "input complexity": "input_complexity",
    "balance": "balance",
    "labels judged high": "label_quality/judged/high",
    "labels judged medium": "label_quality/judged/medium",
    "labels judged low": "label_quality/judged/low",
    "labels without a fault, by rules": "label_quality/by_rules/no_fault",
    "labels doubtful, by rules": "label_quality/by_rules/doubtful",
    "labels faulty, by rules": "label_quality/by_rules/faulty",
}
MEASURES = {  # changes from the base model
    "nll_per_character": "nats a character",
    "format": "asked form",
    "label": "right labels",
    "atomic": "fact F1",
}
BETTER_BELOW = ("nll_per_character",)

Look = Callable[[str, str], Any]  # of a file, by a key with slashes


class Point(NamedTuple):
    """A run, or the mean of those that differ in their seeds: indicators and scores by name, above is better."""

    name: str
    source: str  # revision | reference | the paper
    indicators: dict[str, float]
    scores: dict[str, float]

    @property
    def data_set(self) -> str:
        """The run's name without its seed: runs of one data set are one observation."""
        return SEED.sub("", self.name)


class Found(NamedTuple):
    """The runs of one recipe, and a line for each that is left out."""

    points: list[Point]
    left_out: list[str]


def gathered(names: Sequence[str], *, reference: bool = True, root: Path = Path()) -> Found:
    """Return the runs of these revisions, or of all tags, branches and experiments, and those in metrics/reference/.

    The recipe is the workspace's: what was trained or tested otherwise is left out, and so is a second name of the same figures.
    """
    recipe = _recipe(Figures(WORKSPACE, root))
    points, left_out = list[Point](), list[str]()
    for name in names or everything(root):
        figures = Figures(name, root)
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


def read(name: str, source: str, look: Look) -> Point:
    """Return a run as a point; what it has not, or has of no row, is left out of it."""
    indicators = {title: look(SELECTED, f"selected/{key}") for title, key in INDICATORS.items()}
    return Point(name, source, _known(indicators), _known(dict(_scores(look))))


def _scores(look: Look) -> Iterator[tuple[str, Any]]:
    if measure := look(COMPARED, "measure"):
        yield "domain score", look(COMPARED, f"measures/{measure}/delta")
    for key, title in MEASURES.items():
        change = look(COMPARED, f"measures/{key}/delta")
        yield title, change if change is None or key not in BETTER_BELOW else -change
    for name in look(RETAINED, "accuracy") or {}:
        yield f"accuracy, {name.replace('_', ' ')}", look(RETAINED, f"accuracy/{name}/delta")


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if value is not None}


def _recipe(figures: Figures) -> dict[str, Any]:
    return {name: _seedless(figures.value(PARAMS, name)) for name in RECIPE}


def _seedless(value: Any) -> Any:  # noqa: ANN401 - YAML
    return {key: each for key, each in value.items() if key != "seed"} if isinstance(value, dict) else value


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
    for path in sorted((root / REFERENCE).glob("*/run.json")):
        told = metrics.read(path)

        others = [key for key, value in told["params"].items() if _another(key, value, recipe)]
        yield read(path.parent.name, "reference", partial(at, told)), ", ".join(others)


def _another(key: str, value: object, recipe: Mapping[str, Any]) -> bool:
    section, _, name = key.partition(".")
    held = recipe.get(section)
    return section in RECIPE and name != "seed" and (held.get(name) if isinstance(held, dict) else held) != value


def at(told: Mapping[str, Any], path: str, key: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a reference run says that a revision's file says under a key with slashes; None where it says nothing."""
    found: Any = told.get(KEPT[path])
    for name in key.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def averaged(points: Iterable[Point]) -> list[Point]:
    """Return one point for each data set: the means over its seeds, as two seeds of one data set say of data what one says."""
    groups: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        groups.setdefault((point.source, point.data_set), []).append(point)
    return [
        Point(name, source, _means([each.indicators for each in group]), _means([each.scores for each in group]))
        for (source, name), group in groups.items()
    ]


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: fmean(row[name] for row in rows) for name in rows[0] if all(name in row for row in rows)}


def the_papers(paper: Mapping[str, Any]) -> list[Point]:
    """Return the three rows of the paper's Table 3, whose domain score is GPT-4's."""
    titles = {key.rpartition("/")[2]: title for title, key in INDICATORS.items() if "by_rules" not in key}
    titles |= {"rows": "rows"}
    return [
        Point(
            row["version"],
            "the paper",
            _known({title: row.get(key) for key, title in titles.items()}),
            {"domain score": row["domain"]},
        )
        for row in paper["quality"]
    ]
