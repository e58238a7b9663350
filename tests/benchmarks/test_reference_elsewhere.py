"""The reference run without DVC: trained, answered and asked by the real stages on a tiny model, then scored as here."""

import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks import reference_elsewhere
from benchmarks.reference import REPORTS
from benchmarks.reference_elsewhere import BASE, DONE, run_all, take
from benchmarks.reference_table import each_run, read
from benchmarks.workspace import write_params
from stages.core import jsonl, metrics
from stages.rows.training import TrainingRow
from tests.support.finetuning import ROWS
from tests.support.labeled_row import labeled_row

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("elsewhere")]
SHORT: dict[str, object] = {
    "bench.limit": 1,
    "bench.shots": [0],
    "predict.rows": 0,
    "predict.max_tokens": 8,
    "compare.resamples": 200,
    "retain.resamples": 200,
}


class Ran(NamedTuple):
    """A folder whose runs were done as far as they can be, what was said meanwhile, and how it ended."""

    folder: Path
    said: list[str]
    ended: str


def packed(folder: Path, runs: dict[int, list[TrainingRow]]) -> None:
    """Write a folder as `pack` writes it, with a run for each seed, of these rows."""
    asked = [labeled_row("A flat.").model_copy(update={"id": f"t{n}", "dialogue": f"d{n}"}) for n in range(3)]
    jsonl.write(folder / "test.jsonl", asked)
    (folder / BASE).mkdir()
    write_params(folder / BASE / "params.yaml", SHORT)
    quality = {"richness": 0.5, "label_quality": {"by_rules": {"no_fault": 1.0}}}
    for seed, rows in runs.items():
        run = folder / f"v0.5-s{seed}"
        jsonl.write(run / "rows.jsonl", rows)
        write_params(run / "params.yaml", SHORT)
        told = {"name": "v0.5", "question": "method", "seed": seed, "params": {}, "commit": "c"}
        metrics.write(run / "run.json", told)
        metrics.write(run / "quality.json", {"selected": quality})
        for name in ("labels", "evolution"):
            metrics.write(run / f"{name}.json", {})


@pytest.fixture(scope="module")
def ran(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Do the base, a run of six rows, and one without rows, which fails."""
    folder, said = tmp_path_factory.mktemp("elsewhere") / "runs", io.StringIO()
    packed(folder, {1: ROWS, 2: []})
    with redirect_stdout(said), pytest.raises(SystemExit) as ended:
        run_all(folder, tiny_model, at_once=1)
    return Ran(folder, said.getvalue().splitlines(), str(ended.value))


def test_a_run_that_fails_is_named_and_leaves_the_others_alone(ran: Ran) -> None:
    assert ran.ended.startswith("1 of 3 runs failed: v0.5-s2;")
    assert ran.said == ["base: done", "v0.5-s1: done", "v0.5-s2: failed"]
    assert (ran.folder / BASE / DONE).exists() and "no rows to train on" in (ran.folder / "v0.5-s2/log").read_text()


def test_what_was_made_elsewhere_is_scored_here_and_stands_in_the_table(
    ran: Ran, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(ran.folder, tmp_path / "runs"))
    done = folder / "v0.5-s1" / DONE
    assert json.loads(done.read_text())["seconds"] > 0 and not (folder / "v0.5-s1/tuned").exists()
    before = done.stat().st_mtime_ns
    shutil.rmtree(folder / "v0.5-s2")
    run_all(folder, tiny_model, at_once=1)  # nothing is left to do
    assert done.stat().st_mtime_ns == before

    monkeypatch.setattr(reference_elsewhere, "FIGURES", tmp_path / "figures")
    take(folder)
    told = json.loads((tmp_path / "figures/v0.5-s1/run.json").read_text())
    assert set(REPORTS) <= set(told) and told["training"]["rows"] == len(ROWS) and told["commit"] == "c"
    assert told["comparison"]["measures"]["nll_per_character"]["n"] == 3
    assert [line.split(" | ")[0] for line in each_run(read(tmp_path / "figures"))][-1] == "| v0.5"
