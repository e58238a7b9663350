"""The reference run without DVC: trained, answered and asked by the real stages on a tiny model, then scored as here."""

import json
from pathlib import Path

import pytest

from benchmarks import reference_elsewhere
from benchmarks.reference import REPORTS
from benchmarks.reference_elsewhere import BASE, DONE, run_all, take
from benchmarks.reference_table import each_run, read
from benchmarks.workspace import write_params
from stages.core import jsonl, metrics
from stages.rows.sample import LabeledSample
from tests.support.finetuning import ROWS
from tests.support.labeled_row import Make

pytestmark = pytest.mark.slow
SHORT = {"bench.limit": 1, "bench.shots": [0], "predict.rows": 0, "predict.max_tokens": 8, "compare.resamples": 200}


@pytest.fixture
def packed(tmp_path: Path, labelled: Make) -> Path:
    """Return a folder as `pack` writes it, with one run of six rows."""
    folder, run = tmp_path / "runs", tmp_path / "runs/v0.5-s1"
    asked: list[LabeledSample] = [
        labelled("A flat.").model_copy(update={"id": f"t{n}", "dialogue": f"d{n}"}) for n in range(3)
    ]
    jsonl.write(folder / "test.jsonl", asked)
    jsonl.write(run / "rows.jsonl", ROWS)
    (folder / BASE).mkdir()
    for name in (BASE, run.name):
        write_params(folder / name / "params.yaml", SHORT)
    metrics.write(run / "run.json", {"name": "v0.5", "question": "method", "seed": 1, "params": {}, "commit": "c"})
    quality = {"richness": 0.5, "label_quality": {"by_rules": {"no_fault": 1.0}}}
    metrics.write(run / "quality.json", {"selected": quality})
    for name in ("labels", "evolution"):
        metrics.write(run / f"{name}.json", {})
    return folder


def test_what_was_made_elsewhere_is_scored_here_and_stands_in_the_table(
    packed: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all(packed, tiny_model, at_once=1)
    done = packed / "v0.5-s1" / DONE
    assert json.loads(done.read_text())["seconds"] > 0 and not (packed / "v0.5-s1/tuned").exists()
    before = done.stat().st_mtime_ns
    run_all(packed, tiny_model, at_once=1)  # nothing is left to do
    assert done.stat().st_mtime_ns == before

    monkeypatch.setattr(reference_elsewhere, "FIGURES", tmp_path / "figures")
    take(packed)
    told = json.loads((tmp_path / "figures/v0.5-s1/run.json").read_text())
    assert set(REPORTS) <= set(told) and told["training"]["rows"] == len(ROWS) and told["commit"] == "c"
    assert told["comparison"]["measures"]["nll_per_character"]["n"] == 3
    assert [line.split(" | ")[0] for line in each_run(read(tmp_path / "figures"))][-1] == "| v0.5"


def test_a_run_that_fails_is_named_and_leaves_the_others_alone(
    packed: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (packed / "v0.5-s1/rows.jsonl").write_text("")
    with pytest.raises(SystemExit, match=r"1 of 2 runs failed: v0\.5-s1"):
        run_all(packed, tiny_model, at_once=1)
    assert capsys.readouterr().out.splitlines() == ["base: done", "v0.5-s1: failed"]
    assert (packed / BASE / DONE).exists() and "no rows to train on" in (packed / "v0.5-s1/log").read_text()
