"""The reference run: its plan is of this graph, it goes on where it was stopped, and its page says what its files say."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import reference
from benchmarks.reference import Run, clone, missing, planned, the_plan
from benchmarks.reference_table import PAGE, SECTION, Made, between, correlations, each_run, read, tables
from benchmarks.workspace import write_params
from stages.cli.marked_sections import MarkedFile
from stages.cli.profile import faults
from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.params import load_all
from stages.evaluation.rows.score import Parts, Score
from stages.rows.sample import Likelihood


def test_every_run_is_of_this_graph_and_all_are_made_once_before_one_is_made_again(root: Path, tmp_path: Path) -> None:
    runs = list(planned(the_plan()))
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    assert len({run.target() for run in runs}) == len(runs)
    for run in runs:
        write_params(tmp_path / "params.yaml", run.params)
        assert not list(faults(load_all(tmp_path / "params.yaml"), root)), run.name


def test_what_is_there_is_not_made_again_and_figures_of_other_params_are_refused(tmp_path: Path) -> None:
    runs = [Run("v0.5", "method", seed, {"sample.count": 9}) for seed in (1, 2)]
    metrics.write(runs[0].target(tmp_path), runs[0]._asdict())
    assert missing(runs, tmp_path) == runs[1:]
    with pytest.raises(InputError, match=r"v0\.5-s1.*other params.*delete"):
        missing([runs[0]._replace(params={"sample.count": 10})], tmp_path)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small repository that stands for this one."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "params.yaml").write_text("a: 1\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True)
    monkeypatch.setattr(reference, "ROOT", folder)
    return folder


def test_the_clone_follows_the_last_commit_and_keeps_what_git_does_not_know(repository: Path, tmp_path: Path) -> None:
    there = tmp_path / "clone"
    first = clone(there)
    (there / "params.yaml").write_text("a: 2\n")  # of the run before
    (there / ".checkpoints").mkdir()
    (repository / "params.yaml").write_text("a: 3\n")
    assert (clone(there), (there / "params.yaml").read_text()) == (first, "a: 1\n")  # not committed: not run
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "two"]
    subprocess.run(commit, cwd=repository, check=True)
    assert clone(there) != first and (there / "params.yaml").read_text() == "a: 3\n"
    assert (there / ".checkpoints").is_dir()


def score(number: int, nats: float) -> Score:
    """Return one of two rows of a conversation, with so many nats a character."""
    return Score(
        id=f"r{number}",
        dialogue=f"d{number // 2}",
        task="summary",
        scene="renting",
        format="list",
        language="en",
        finish="stop",
        parts=Parts(format=1.0),
        reference_similarity=5.0,
        likelihood=Likelihood(nll=100 * nats, characters=100, tokens=25),
    )


def made(name: str, seed: int, delta: float, richness: float) -> Made:
    """Return a run that changed the references' nats a character by `delta` from .8."""
    change = {"n": 20, "base": 0.8, "model": 0.8 + delta, "delta": delta, "low": delta - 0.01, "high": delta + 0.02}
    nothing = {"n": 0, "base": None, "model": None, "delta": None, "low": None, "high": None}
    told: dict[str, Any] = {
        "question": "method",
        "training": {"rows": 100},
        "quality": {
            "selected": {"richness": richness, "prompt_complexity": 90.0, "input_complexity": 200.0, "balance": 0.6}
        },
        "comparison": {
            "measures": dict.fromkeys(("format", "label", "atomic"), nothing) | {"nll_per_character": change}
        },
        "retention": {
            "verdict": "retained",
            "accuracy": {"small_0_shot": {"delta": 0.01}, "small_5_shot": {"delta": -0.02}},
            "kl": {"en": {"value": 0.1}},
        },
    }
    told["quality"]["selected"]["label_quality"] = {"by_rules": {"no_fault": 0.9}}
    return Made(name, seed, told, [score(n, 0.8 + delta + n % 3 / 100) for n in range(20)])


def test_seeds_are_averaged_under_the_span_of_their_intervals() -> None:
    line = list(each_run({"v1.0": [made("v1.0", 1, -0.10, 0.5), made("v1.0", 2, -0.06, 0.5)]}))[-1]
    assert line == (
        "| v1.0 | 2 | 100 | 50.0 % | -0.080 (**-0.110 … -0.040**) | – | – | – | +1.0 / -2.0 | 0.100 | retained |"
    )


def test_two_data_sets_are_compared_row_by_row_over_the_seeds_that_both_have() -> None:
    runs = {"v0.5": [made("v0.5", 1, -0.05, 0.2)], "v1.0": [made("v1.0", 1, -0.09, 0.5), made("v1.0", 2, 3.0, 0.5)]}
    assert [line for line in between(runs) if line.startswith("| v1.0")] == [
        "| v1.0 less v0.5 | 1 | -0.040 (**-0.040 … -0.040**) | +0.0 (+0.0 … +0.0) | – | – |"
    ]


def test_the_correlation_of_an_indicator_that_goes_with_the_score_is_one_and_few_data_sets_are_said_to_be_few() -> None:
    runs = {str(n): [made(str(n), 1, -n / 100, n / 10)] for n in range(1, 7)}
    lines = list(correlations(runs))
    assert next(line for line in lines if line.startswith("| richness")).startswith("| richness | +1.00 (")
    assert lines[-1].startswith("\nn = 6: full agreement would be seen among 1 test; so few")
    lines_of_doses = {
        **runs,
        "strong": [made("strong", 1, 9, 0.1)._replace(told={**runs["1"][0].told, "question": "rate"})],
    }
    assert list(correlations(lines_of_doses)) == lines  # another recipe says nothing of data
    assert "so few" not in "\n".join(correlations({str(n): [made(str(n), 1, n, n)] for n in range(10)}))


def test_figures_are_read_back_with_their_scores(tmp_path: Path) -> None:
    run = next(planned(the_plan()))
    there = made(run.name, run.seed, -0.1, 0.5)
    metrics.write(run.target(tmp_path), {**run._asdict(), **there.told})
    jsonl.write(run.target(tmp_path).with_name("scores.jsonl"), there.scores)
    assert read(tmp_path) == {run.name: [there._replace(told=json.loads(run.target(tmp_path).read_text()))]}


def test_the_page_says_what_the_files_say(root: Path) -> None:
    assert MarkedFile(root / PAGE).stretch(SECTION) == tables(read())
