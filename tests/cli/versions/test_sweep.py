"""What of a sweep is drawn."""

from pathlib import Path

import pytest

from stages.cli import plots
from stages.cli.main import main
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


def test_a_plot_without_a_sweep_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").touch()
    assert main(["versions", "--plot", "sweep.svg"]) == 1
    assert capsys.readouterr().err.startswith("--plot sweep.svg: draws a sweep; ")
