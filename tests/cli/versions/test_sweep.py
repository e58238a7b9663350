"""What of a sweep is drawn."""

import pytest

from stages.cli import plots
from stages.cli.versions.sweep import FIGURES, Point, panels


@pytest.mark.parametrize(
    ("values", "count"), [(("random", "communities"), 0), (("0.7", "0.8"), 1), (("off", "0.8"), 1)]
)
def test_only_what_was_swept_over_numbers_is_drawn(values: tuple[str, str], count: int) -> None:
    made = [
        Point("v1.0", value, {line.label: [0.3] if line.label == "richness" else [] for line in FIGURES})
        for value in values
    ]
    drawn = panels("select.strategy", made)
    assert len(drawn) == count
    assert not drawn or "richness" in plots.drawn(drawn, "")
