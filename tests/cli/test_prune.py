"""A model that is taken out of the graph takes its files with it: in a real DVC repository."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo

from stages.cli.main import main
from stages.core import metrics

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")]

GRAPH = """\
stages:
  fetch:
    foreach: ${models}
    do:
      cmd: mkdir -p models/${key} && echo ${item.source} > models/${key}/weights && echo ${key} >> fetched
      deps: [catalog]
      outs:
      - models/${key}
  score:
    foreach: {base: {}}
    do: &score
      cmd: mkdir -p scores metrics && echo ${key} > scores/${key}.jsonl && echo '{"n":1}' > metrics/${key}.json && echo ${key} >> scored
      deps: [catalog]
      outs:
      - scores/${key}.jsonl
      metrics:
      - metrics/${key}.json: {cache: false}
  score_other:
    foreach: ${models}
    do: *score
"""
MODELS = {"qwen": {"source": "theirs"}, "other": {"source": "else"}}
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., set[str]]:
    """Return what sets the models, runs `dvc repro`, and returns the stages that ran; two models are there."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "--template="], check=True)
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    Path("dvc.yaml").write_text(GRAPH)
    Path("catalog").write_text("models")

    def reproduce(**models: Any) -> set[str]:  # noqa: ANN401 - YAML
        Path("params.yaml").write_text(yaml.safe_dump({"models": models}))
        with Repo() as repo:
            return {stage.addressing for stage in repo.reproduce()}

    reproduce(**MODELS)
    return reproduce


def files(*folders: str) -> set[str]:
    return {str(path) for folder in folders for path in Path(folder).rglob("*") if path.is_file()}


def test_files_lines_of_the_lock_and_metrics_of_a_dropped_model_are_gone(
    graph: Callable[..., set[str]], capsys: Captured
) -> None:
    graph(other=MODELS["other"])
    assert Path("metrics/qwen.json").exists()  # DVC leaves it
    capsys.readouterr()
    assert main(["prune"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{path}: removed: {stage}@qwen is no stage any more"
        for stage, path in (
            ("fetch", "models/qwen"),
            ("score_other", "metrics/qwen.json"),
            ("score_other", "scores/qwen.jsonl"),
        )
    ]
    assert files("models", "scores", "metrics") - {"models/.gitignore", "scores/.gitignore"} == {
        "models/other/weights", "scores/base.jsonl", "scores/other.jsonl", "metrics/base.json", "metrics/other.json",
    }  # fmt: skip
    assert "qwen" not in Path("dvc.lock").read_text() + Path("scores/.gitignore").read_text()
    assert set(yaml.safe_load(Path("dvc.lock").read_text())["stages"]) == {
        "fetch@other", "score@base", "score_other@other",
    }  # fmt: skip
    with Repo() as repo:
        assert repo.status() == {}
        shown = repo.metrics.show()[""]["data"]
    assert {Path(path).stem for path in shown} == {"base", "other"}
    assert main(["prune"]) == 0 and capsys.readouterr().out == ""


def test_the_last_model_goes_too_and_comes_back_without_being_made_again(graph: Callable[..., set[str]]) -> None:
    graph()
    assert main(["prune"]) == 0
    assert not files("models") - {"models/.gitignore"} and files("metrics") == {"metrics/base.json"}
    assert graph(**MODELS) == {"fetch@qwen", "fetch@other", "score_other@qwen", "score_other@other"}
    assert sorted(Path("fetched").read_text().split()) == ["other", "qwen"]
    assert Path("scored").read_text().count("qwen") == 1
    assert Path("models/qwen/weights").read_text() == "theirs\n" and metrics.read(Path("metrics/qwen.json")) == {"n": 1}


def test_what_a_person_changed_or_a_stage_still_reads_is_left(graph: Callable[..., set[str]], capsys: Captured) -> None:
    Path("metrics/qwen.json").write_text('{"n": 2}')
    Path("dvc.yaml").write_text(
        GRAPH
        + "  report:\n    cmd: cat scores/other.jsonl > report\n    deps: [scores/other.jsonl]\n    outs: [report]\n"
    )
    graph()
    capsys.readouterr()
    assert main(["prune"]) == 0
    said = capsys.readouterr().out
    assert "metrics/qwen.json: changed by hand, left: score_other@qwen is no stage any more\n" in said
    assert Path("metrics/qwen.json").exists() and Path("scores/other.jsonl").exists()
    assert not Path("scores/qwen.jsonl").exists() and not Path("metrics/other.json").exists()
    assert "score_other@qwen" in Path("dvc.lock").read_text()  # so that it is said again
    assert main(["prune"]) == 0
    assert (
        capsys.readouterr().out == "metrics/qwen.json: changed by hand, left: score_other@qwen is no stage any more\n"
    )


def test_a_graph_that_dvc_cannot_read_is_one_line(graph: Callable[..., set[str]], capsys: Captured) -> None:
    Path("dvc.yaml").write_text("stages: 3\n")
    capsys.readouterr()
    assert main(["prune"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
