"""Figures as they are written: rounded where more digits are noise, and never so far that they are lost."""

import json
from math import inf, nan
from pathlib import Path

from stages.core import metrics


def test_figures_are_rounded_behind_the_point_and_small_ones_to_their_digits(tmp_path: Path) -> None:
    rows = [{"loss": 2.123456789, "learning_rate": 1.93301270189e-05}, {"loss": nan, "learning_rate": inf}]
    metrics.write(tmp_path / "loss.json", rows, small=("learning_rate",))
    assert json.loads((tmp_path / "loss.json").read_text()) == [
        {"loss": 2.123457, "learning_rate": 1.93301e-05},
        {"loss": None, "learning_rate": None},
    ]
