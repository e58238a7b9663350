"""Runs as DVC experiments: made once, in folders of their own, gone on with, and never put in the place of others."""

import sys
from pathlib import Path

import pytest

from stages.cli.revision import Revision, experiments
from stages.cli.side_by_side.figures import Figures
from stages.cli.versions import runs as making
from stages.cli.versions.plan import Run
from stages.cli.versions.runs import make, there
from stages.cli.versions.sweep import panels, points, table
from stages.core.errors import DialInsightError, InputError
from tests.support.versioned import Versioned

pytestmark = pytest.mark.slow
GRAPH = f"""\
stages:
  measure:
    cmd: {sys.executable} graph.py measure
    params: [rows]
    metrics: [metrics/quality.json: {{cache: false}}]
  retain:
    cmd: {sys.executable} graph.py retain
    deps: [metrics/quality.json]
    params: [rate]
    metrics: [metrics/retention.json: {{cache: false}}]
  predict:
    foreach: [base, tuned]
    do:
      cmd: {sys.executable} graph.py predict ${{item}}
      deps: [metrics/quality.json]
      params: [rate]
      outs: ["metrics/${{item}}.json"]
"""
WORK = """\
import json, pathlib, sys
import ruamel.yaml
params = ruamel.yaml.YAML().load(open("params.yaml"))
with (pathlib.Path(r"%s") / "ran").open("a") as log:
    log.write(sys.argv[1] + "\\n")
assert params["rate"] >= 0 or sys.argv[1] == "measure"
if sys.argv[1] == "measure":
    made = {"quality": {"n": params["rows"], "richness": params["rows"] / 100}}
else:
    made = {"retention": {"domain": {"tuned": params["rate"]}}}
if sys.argv[1] == "predict":
    made = {sys.argv[2]: 1}
for name, value in made.items():
    pathlib.Path("metrics").mkdir(exist_ok=True)
    json.dump(value, open(f"metrics/{name}.json", "w"))
"""
PARAMS = "rows: 1\nrate: 1.0\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Versioned:
    """Make a repository with a graph of two stages that write down when they run; settings are not checked against ours."""
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Versioned(folder)
    made.write("dvc.yaml", GRAPH)
    made.write("graph.py", WORK % tmp_path)
    made.write("params.yaml", PARAMS)
    made.write(".dvc/config", f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/site\n")
    made.write(".dvc/.gitignore", "/tmp\n/cache\n")
    made.write("metrics/.gitignore", "")
    made.commit()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(making, "check", lambda *_: None)
    return made


def ran(made: Versioned) -> list[str]:
    """Return the stages that have run since this was asked last."""
    log = made.root.parent / "ran"
    found = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def run(name: str, **params: object) -> Run:
    return Run(name, name, "", params)


def test_a_version_goes_on_where_it_stopped_and_is_made_once(repository: Versioned) -> None:
    wanted = [run("v0.5", rows=5, rate=0.5)]
    assert list(make(wanted, "measure")) == ["0 of 1 runs are there", "v0.5: 1 of 1"]
    assert ran(repository) == ["measure"] and there(wanted[0], "measure") and not there(wanted[0], "")
    half = Figures("v0.5")
    assert (
        half.value("metrics/quality.json", "richness") == 0.05
        and half.value("metrics/retention.json", "domain") is None
    )
    list(make(wanted, ""))
    assert sorted(ran(repository)) == ["predict", "predict", "retain"]  # measure comes from the run cache
    assert list(make(wanted, "")) == ["1 of 1 runs are there"] and list(make(wanted, "measure")) == [
        "1 of 1 runs are there"
    ]
    assert ran(repository) == []
    assert (repository.root / "params.yaml").read_text() == PARAMS  # the workspace stays
    assert not (repository.root / "metrics/quality.json").exists()
    made = Revision("v0.5")
    assert made.yaml("params.yaml") == {"rows": 5, "rate": 0.5}


def test_an_experiment_of_other_params_is_kept_and_a_new_commit_asks_for_a_new_one(repository: Versioned) -> None:
    list(make([run("v1.0", rows=5)], "measure"))
    with pytest.raises(InputError, match=r"v1\.0 of this commit has other params \(rows\).*dvc exp rename"):
        there(run("v1.0", rows=6), "measure")
    repository.commit()
    assert not there(run("v1.0", rows=5), "measure")
    assert Revision("v1.0").yaml("params.yaml")["rows"] == 5  # the old one is still to be had


def test_a_sweep_becomes_a_table_and_lines_by_its_numbers(repository: Versioned) -> None:
    wanted = [Run(f"v-rows-{rows}", "v", str(rows), {"rows": rows}) for rows in (10, 40)]
    list(make(wanted, "measure"))
    made = points(wanted)
    lines = list(table("rows", made))
    assert lines[0] == "| version | rows | labelled rows | richness |"
    assert lines[2:] == ["| v | 10 | 10 | 10.00 % |", "| v | 40 | 40 | 40.00 % |"]
    (panel,) = panels("rows", made)
    assert [(mark.x, mark.y) for mark in panel.series["v"]] == [(10, 0.1), (40, 0.4)]
    assert panels("select.target", made, [{"rows": 7000, "domain": 6.25}])[-1].title.startswith("the paper's")


def test_a_run_that_fails_ends_in_one_line_and_leaves_no_experiment(repository: Versioned) -> None:
    with pytest.raises(DialInsightError, match=r"dvc exp run` of v0\.5 ended with code \d+"):
        list(make([run("v0.5", rows='"no number"')], "measure"))
    assert not there(run("v0.5", rows='"no number"'), "measure")


def test_a_stage_that_the_graph_has_not_is_refused_and_nothing_is_lost(repository: Versioned) -> None:
    wanted = [run("v0.5", rows=5)]
    list(make(wanted, "measure"))
    with pytest.raises(InputError, match=r"--until mesure: dvc\.yaml has no such stage"):
        list(make(wanted, "mesure"))
    assert there(wanted[0], "measure") and ran(repository) == ["measure"]


def test_all_of_a_foreach_are_wanted_by_its_name_and_are_made_once(repository: Versioned) -> None:
    wanted = [run("v0.5", rows=5)]
    list(make(wanted, "predict@base"))
    assert there(wanted[0], "predict@base") and not there(wanted[0], "predict")
    list(make(wanted, "predict"))
    assert ran(repository) == ["measure", "predict", "predict"] and there(wanted[0], "predict")
    assert list(make(wanted, "predict")) == ["1 of 1 runs are there"] and not ran(repository)


def test_a_run_that_fails_further_on_leaves_what_there_was(repository: Versioned) -> None:
    wanted = [run("v0.5", rate=-1.0)]
    list(make(wanted, "measure"))
    before = experiments()
    with pytest.raises(DialInsightError, match=r"of v0\.5 ended with code"):
        list(make(wanted, ""))
    assert experiments() == before and there(wanted[0], "measure")
