"""What the runs of metrics/reference/ say, as the tables of docs/evidence.md.

    python -m benchmarks.reference_table --write        # without --write they are printed

Three tables. Each run: its data and what training on it changed, means over the seeds that are in, with the span from the lowest to
the highest end of their paired intervals. Two data sets: the same test rows answered by both tuned models, paired by row and seed. And how far each indicator
of data quality goes with each score over all data sets, as `dial-insight correlate` says it: Spearman's correlation, the seeds of a data set averaged.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from benchmarks.reference import FIGURES, SCORES_KEPT, planned, the_plan
from stages.cli.correlation import points
from stages.cli.correlation.association import associations, coefficient_shown, told
from stages.cli.correlation.points import MEASURES, Point
from stages.cli.marked_sections import MarkedFile
from stages.core import jsonl, metrics
from stages.evaluation.compare import Compare, change
from stages.evaluation.rows.pair import Pair, paired
from stages.evaluation.rows.score import Score

PAGE = Path("docs/evidence.md")
SECTION = "the reference run"
BETWEEN = (
    ("v1.0", "v0.5"),
    ("large-100", "v0.5"),
    ("large-100", "v1.0"),
    ("v1.0", "self-instruct"),
    ("v1.0", "evol-instruct"),
    ("large-200", "large-50"),
    ("replies", "large-100"),
    ("mixed", "large-100"),
    ("labels-1.5b", "large-100"),
    ("labels-mended", "large-100"),
    ("labels-mended", "labels-1.5b"),
)
INDICATORS = ("richness", "prompt complexity", "input complexity", "balance", "labels without a fault, by rules")
DOSES = "rate"  # the question whose runs differ in the recipe, not in data


class Made(NamedTuple):
    """A run that is in."""

    name: str
    seed: int
    told: Mapping[str, Any]
    scores: list[Score]

    def measure(self, name: str) -> Mapping[str, Any]:
        """Return a measure's change from the base."""
        found: Mapping[str, Any] = self.told["comparison"]["measures"][name]
        return found

    @property
    def point(self) -> Point:
        """The run as `dial-insight correlate` sees it."""
        return points.read(f"{self.name}-s{self.seed}", "reference", lambda path, key: points.at(self.told, path, key))


def read(figures: Path = FIGURES) -> dict[str, list[Made]]:
    """Return the runs that are in by name, in the order of the plan."""
    runs = defaultdict[str, list[Made]](list)
    for run in planned(the_plan()):
        target = run.target(figures)
        if target.exists():
            scores = jsonl.read(target.with_name(SCORES_KEPT), Score)
            runs[run.name].append(Made(run.name, run.seed, metrics.read(target), scores))
    return runs


def tables(runs: Mapping[str, Sequence[Made]]) -> str:
    """Return all three tables, with what is still missing said above them."""
    asked = list(planned(the_plan()))
    there = sum(map(len, runs.values()))
    left = [name for name in dict.fromkeys(run.name for run in asked) if name not in runs]
    devices = sorted({str(run.told.get("device", "CPU")) for each in runs.values() for run in each})
    head = f"In: {there} of {len(asked)} runs, made on {' and '.join(devices) or 'nothing yet'}." + (
        f" Not yet made with any seed: {', '.join(left)}." if left else ""
    )
    parts = [head, "\n".join(each_run(runs)), "\n".join(between(runs)), "\n".join(correlations(runs))]
    return "\n\n".join(parts)


def each_run(runs: Mapping[str, Sequence[Made]]) -> Iterator[str]:
    """Yield the table of runs."""
    yield "| run | seeds | rows | richness | nats a character | asked form | right labels | fact F1 | accuracy, 0 / 5 shots | KL, English | verdict |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    for name, made in runs.items():
        rows = round(fmean(run.told["training"]["rows"] for run in made))
        richness = fmean(run.point.indicators["richness"] for run in made)
        cells = [_spanned([run.measure(each) for run in made], points=each in ("format", "label")) for each in MEASURES]
        yield f"| {name} | {len(made)} | {rows} | {richness:.1%} | {' | '.join(cells)} | {' | '.join(_retention(made))} |".replace(
            "%", " %"
        )


def _spanned(changes: Sequence[Mapping[str, Any]], *, points: bool) -> str:
    """Return the mean change with the span of the intervals; bold where that excludes zero."""
    told = [change for change in changes if change["low"] is not None]
    if not told:
        return "–"
    low, high = min(change["low"] for change in told), max(change["high"] for change in told)
    return _interval(fmean(change["delta"] for change in told), low, high, points=points)


def _interval(value: float, low: float, high: float, *, points: bool) -> str:
    shown = [f"{100 * each:+.1f}" if points else f"{each:+.3f}" for each in (value, low, high)]
    span = f"{shown[1]} … {shown[2]}"
    return f"{shown[0]} ({f'**{span}**' if low > 0 or high < 0 else span})"


def _retention(made: Sequence[Made]) -> Iterator[str]:
    found = [run.told["retention"] for run in made]
    yield " / ".join(
        f"{100 * fmean(each['accuracy'][suite]['delta'] for each in found):+.1f}" for suite in found[0]["accuracy"]
    )
    yield f"{fmean(each['kl']['en']['value'] for each in found):.3f}"
    yield ", ".join(sorted({each["verdict"] for each in found}))


def between(runs: Mapping[str, Sequence[Made]]) -> Iterator[str]:
    """Yield the table of data sets against each other."""
    yield f"| the first less the second | seeds | {' | '.join(MEASURES.values())} |"
    yield f"|---|---:|{'---:|' * len(MEASURES)}"
    for left, right in BETWEEN:
        seeds = {run.seed: run for run in runs.get(right, ())}
        pairs = [pair for run in runs.get(left, ()) if run.seed in seeds for pair in _pairs(seeds[run.seed], run)]
        if pairs:
            cells = [
                _spanned([change(pairs, name, Compare.load()).model_dump()], points=name in ("format", "label"))
                for name in MEASURES
            ]
            yield f"| {left} less {right} | {len({run.seed for run in runs[left]} & set(seeds))} | {' | '.join(cells)} |"


def _pairs(base: Made, model: Made) -> Iterable[Pair[Score]]:
    return paired(base.scores, model.scores, Path(f"{model.name}-s{model.seed}"))


def correlations(runs: Mapping[str, Sequence[Made]]) -> Iterator[str]:
    """Yield the table of rank correlations over the data sets of one recipe; scores are changes from the base, above is better."""
    sets = {name: each for name, each in runs.items() if each[0].told["question"] != DOSES}
    means = points.averaged(_tabled(run.point) for each in sets.values() for run in each)
    found = {(each.indicator, each.score): each for each in associations(means)}
    scores = [score for score in MEASURES.values() if any(score in point.scores for point in means)]
    yield f"| Spearman over {len(sets)} data sets, seeds averaged | {' | '.join(scores)} |"
    yield f"|---|{'---:|' * len(scores)}"
    for name in INDICATORS:
        yield f"| {name} | {' | '.join(coefficient_shown(found[name, score].rho) for score in scores)} |"
    yield f"\n{told(list(found.values()))}"


def _tabled(point: Point) -> Point:
    """Return what the table has of a run: only that is tested."""
    indicators = {name: value for name, value in point.indicators.items() if name in INDICATORS}
    return point._replace(
        indicators=indicators, scores={name: value for name, value in point.scores.items() if name in MEASURES.values()}
    )


def main() -> None:
    """Print the tables, or put them into their page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"put them into {PAGE}")
    options = parser.parse_args()
    told = tables(read())
    if not options.write:
        print(told)  # noqa: T201 - the result
        return
    page = MarkedFile(PAGE)
    page.put(SECTION, told)
    page.write()


if __name__ == "__main__":
    main()
