"""`dial-insight correlate`: which runs are gathered, what is left out and said, and the paper's rows as the paper's."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stages.cli.correlation.association import associations
from stages.cli.correlation.gathering import gathered
from stages.cli.correlation.points import at, averaged, read
from stages.cli.main import main
from stages.cli.revision import git
from tests.support.versioned import Versioned

RATE = 2e-4


def ran(made: Versioned, richness: float, gain: float, rate: float = RATE, seed: int = 1) -> None:
    """Let the graph have trained on rows of such richness and gained so many nats a character."""
    made.params({"domain": "homes", "finetune": {"learning_rate": rate, "seed": seed}})
    selected = {
        "n": 50,
        "richness": richness,
        "label_quality": {"by_rules": {"no_fault": richness}, "judged": {"high": None}},
    }
    made.made("select", {"metrics/selection.json": {"selected": selected}}, cached=False)
    measures = {"nll_per_character": {"delta": -gain}, "format": {"delta": 0.1 + gain / 9}}
    comparison = {"measure": "grade", "measures": measures | {"grade": {"delta": None}}}
    recipe = {"finetune": {"learning_rate": rate, "seed": seed}}
    made.made("compare@tuned", {"metrics/comparison/tuned.json": comparison}, recipe, cached=False)


def reference(name: str, richness: float, gain: float, **params: object) -> dict[str, Any]:
    """Return what a reference run keeps."""
    measures = {"nll_per_character": {"delta": -gain}}
    comparison = {"measure": "reference_similarity", "measures": measures}
    return {"name": name, "params": params, "quality": {"selected": {"richness": richness}}, "comparison": comparison}


@pytest.fixture
def repository(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Versioned:
    """Make a history of three data sets, one with two seeds, and of what is no further observation."""
    made = Versioned(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(root / "data/paper.yaml", tmp_path / "data/paper.yaml")
    made.write("metrics/reference/large-s1/run.json", reference("large", 0.8, 0.5))
    strong = reference("rate", 0.8, 0.9, **{"finetune.learning_rate": 0.1, "select.target": 9})
    made.write("metrics/reference/rate-s1/run.json", strong)
    ran(made, 0.6, 0.9, rate=1e-3)
    made.commit("refs/tags/stronger")
    for seed, gain in ((1, 0.2), (2, 0.4)):
        ran(made, 0.5, gain, seed=seed)
        made.commit(f"refs/tags/v1.0-s{seed}")
    ran(made, 0.1, 0.1)
    made.commit("refs/tags/v0.5", "refs/tags/v0.5-again")
    monkeypatch.chdir(tmp_path)
    return made


def test_runs_of_the_workspaces_recipe_are_gathered_once_and_the_others_are_named(repository: Versioned) -> None:
    found = gathered([])
    assert [point.name for point in found.points] == ["v0.5", "v1.0-s1", "v1.0-s2", "large-s1"]
    assert "stronger: another recipe (finetune.learning_rate)" in found.left_out
    assert "rate-s1: another recipe (finetune.learning_rate)" in found.left_out
    assert "v0.5-again: the commit of v0.5" in found.left_out


def test_a_reference_run_has_the_recipe_of_its_commit(repository: Versioned) -> None:
    commit = (git("rev-parse", "stronger") or b"").decode().strip()
    here = (git("rev-parse", "v0.5") or b"").decode().strip()
    for name, known in (("other", commit), ("same", here), ("gone", "0" * 40)):
        told = {**reference(name, 0.8, 0.5), "commit": known}
        repository.write(f"metrics/reference/{name}-s1/run.json", told)
    own = reference("own", 0.8, 0.5, **{"finetune.learning_rate": RATE})
    repository.write("metrics/reference/own-s1/run.json", {**own, "commit": commit})
    found = gathered(["v0.5"])
    assert [point.name for point in found.points] == ["v0.5", "gone-s1", "large-s1", "own-s1", "same-s1"]
    assert "other-s1: another recipe (finetune.learning_rate)" in found.left_out


def test_settings_of_time_and_memory_make_no_other_recipe(repository: Versioned) -> None:
    finetune = {"learning_rate": RATE, "seed": 1}
    ran(repository, 0.3, 0.2)
    repository.params({"domain": "homes", "finetune": finetune, "predict": {"batch_tokens": 32768}})
    run = reference("large", 0.8, 0.5, **{"finetune.checkpoint_minutes": 30.0})
    run["commit"] = repository.commit("refs/tags/before")
    repository.write("metrics/reference/large-s1/run.json", run)
    now = {"finetune": finetune | {"checkpoint_minutes": 5.0}, "predict": {"batch_tokens": 57344}}
    repository.params({"domain": "homes", **now})
    assert [point.name for point in gathered(["before"]).points] == ["before", "large-s1"]


def test_seeds_of_a_data_set_are_one_observation_and_fewer_nats_are_better(repository: Versioned) -> None:
    (both,) = averaged(gathered(["v1.0-s1", "v1.0-s2"], reference=False).points)
    assert both.name == "v1.0"
    assert both.scores["nats a character"] == pytest.approx(0.3)
    assert both.indicators["richness"] == 0.5


def test_a_run_on_other_test_rows_is_left_out(repository: Versioned) -> None:
    recipe = {"domain": "homes", "finetune": {"learning_rate": RATE, "seed": 1}}
    for seed in (2, 1):
        ran(repository, 0.3, seed / 9)
        repository.params({**recipe, "predict": {"seed": seed}})
        repository.commit(f"refs/tags/drawn-{seed}")
    repository.write("metrics/reference/large-s1/run.json", reference("large", 0.8, 0.5, **{"predict.seed": 2}))
    found = gathered(["drawn-1", "drawn-2"])
    assert [point.name for point in found.points] == ["drawn-1"]
    assert {"drawn-2: another recipe (predict.seed)", "large-s1: another recipe (predict.seed)"} <= {*found.left_out}


def test_a_judges_grades_and_reference_similarity_are_two_scores() -> None:
    points = [
        read(f"r{n}", "reference", partial(at, {**selected(n), "comparison": {"measure": measure, "measures": gains}}))
        for n, measure in enumerate(("grade", "grade", "reference_similarity", "reference_similarity"), 1)
        for gains in ({measure: {"delta": n}},)
    ]
    found = {each.score: each.n for each in associations(points)}
    assert found == {"domain score, the judge's grade": 2, "domain score, reference similarity": 2}


def selected(rows: int) -> dict[str, Any]:
    """Return what a reference run says of its training rows, of which nothing but their number is known."""
    return {"quality": {"selected": {"n": rows}}}


def test_another_commit_with_the_same_figures_is_no_further_observation(repository: Versioned) -> None:
    repository.write("notes", "x")
    repository.commit("refs/tags/later")
    assert "later: the figures of v0.5" in gathered(["v0.5", "later"], reference=False).left_out


def test_figures_of_a_run_that_was_not_made_are_no_observation(repository: Versioned) -> None:
    repository.params({"domain": "homes", "finetune": {"learning_rate": RATE, "seed": 7}})  # and nothing ran
    repository.commit("refs/tags/half")
    assert "half: trained nothing that is scored" in gathered(["half"], reference=False).left_out


def test_the_table_says_n_and_what_it_cannot_show_and_the_papers_rows_are_the_papers(
    repository: Versioned, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["correlate", "--plot", "scatter.svg"]) == 0
    said = capsys.readouterr().out
    assert "4 runs of 3 data sets.\n- revision: v0.5, v1.0\n- reference: large\n" in said
    assert "| richness | +1.00" in said and "n = 3: even full agreement has p = 0.33" in said
    assert "| richness | +0.50 | +0.33 | 1.00 |" in said.partition("its figures, not ours")[2]
    drawn = (repository.root / "scatter.svg").read_text()
    assert "the paper&#39;s: domain score" in drawn and "<title>v1.0</title>" in drawn


def test_json_has_points_coefficients_and_tests(repository: Versioned, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["correlate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = {(each["indicator"], each["score"]): each for each in told["associations"]}
    assert found["richness", "nats a character"]["rho"]["value"] == 1.0
    assert found["richness", "nats a character"]["n"] == 3 and found["richness", "asked form"]["n"] == 2
    assert told["tests"] == sum(each["p"] is not None for each in told["associations"])


def test_without_a_run_it_says_what_makes_one(repository: Versioned, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["correlate", "stronger", "--no-reference"]) == 1
    assert "make versions" in capsys.readouterr().err
