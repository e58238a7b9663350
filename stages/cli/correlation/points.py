"""What can be correlated of a run: the indicators of the rows that it trained on, and what training on them changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from stages.cli.side_by_side.figures import SEED
from stages.cli.side_by_side.lines import COMPARED, RETAINED
from stages.reporting import wording

SELECTED = "metrics/selection.json"
KEPT = {SELECTED: "quality", COMPARED: "comparison", RETAINED: "retention"}  # what a reference run calls these files
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


def read(name: str, source: str, look: Look) -> Point:
    """Return a run as a point; what it has not, or has of no row, is left out of it."""
    indicators = {title: look(SELECTED, f"selected/{key}") for title, key in INDICATORS.items()}
    return Point(name, source, _known(indicators), _known(dict(_scores(look))))


def _scores(look: Look) -> Iterator[tuple[str, Any]]:
    if measure := look(COMPARED, "measure"):
        yield f"domain score, {wording.measure(measure)}", look(COMPARED, f"measures/{measure}/delta")
    for key, title in MEASURES.items():
        change = look(COMPARED, f"measures/{key}/delta")
        yield title, change if change is None or key not in BETTER_BELOW else -change
    for name in look(RETAINED, "accuracy") or {}:
        yield f"accuracy, {name.replace('_', ' ')}", look(RETAINED, f"accuracy/{name}/delta")


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if value is not None}


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
