"""docs/versions.md: what goes with what, as `dial-insight correlate` says it of the committed run and the reference runs."""

import re
from functools import partial
from pathlib import Path

import pytest

from stages.cli.correlation.association import associations, coefficient_shown, told
from stages.cli.correlation.points import Point, at, averaged, read
from stages.core import metrics

pytestmark = pytest.mark.slow  # some five seconds of a core

NAMED = re.compile(r"^- reference: (.+)$", re.MULTILINE)
COMMITTED = {
    "quality": "metrics/selection.json",
    "comparison": "metrics/comparison/tuned.json",
    "retention": "metrics/retention.json",
}


def test_what_goes_with_what_is_what_the_committed_figures_say(root: Path) -> None:
    page = (root / "docs/versions.md").read_text(encoding="utf-8")
    (names,) = NAMED.findall(page)
    committed = {name: metrics.read(root / path) for name, path in COMMITTED.items()}
    points = [read("the committed run", "revision", partial(at, committed)), *_reference(root, names.split(", "))]
    found = associations(averaged(points))
    assert f"{len(points)} runs of {len(averaged(points))} data sets." in page
    assert told(found) in page
    shown = [each for each in found if f"| {each.indicator} | {coefficient_shown(each.rho)} |" in page]
    assert {each.indicator for each in shown} == {"rows", "richness", "labels faulty, by rules"}


def _reference(root: Path, data_sets: list[str]) -> list[Point]:
    """Return the reference runs of these data sets, all seeds of each."""
    paths = [path for name in data_sets for path in sorted((root / "metrics/reference").glob(f"{name}-s*/run.json"))]
    return [read(path.parent.name, "reference", partial(at, metrics.read(path))) for path in paths]
