"""The gate: dvc.lock is stale as soon as anything it rests on has changed, and can be judged where no data is."""

import shutil
from pathlib import Path

import pytest

from stages.cli.dvc_graph import steps
from stages.cli.main import main
from stages.cli.plan.changes import due
from stages.cli.pull_request.freshness import Stale, stale
from tests.cli.pull_request.conftest import Change, dvc, git, repro

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("pull_request"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
FRESH = Stale({}, [])


def test_a_run_that_was_committed_is_fresh(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stale(repository) == FRESH
    assert main(["pull-request", "--fresh"]) == 0
    assert "dvc.lock is fresh" in capsys.readouterr().out


def test_a_checkout_without_data_is_fresh_too(repository: Path) -> None:
    shutil.rmtree(repository / ".dvc/cache")
    shutil.rmtree(repository / "data/labels")
    shutil.rmtree(repository / "data/quality")
    assert stale(repository) == FRESH


@pytest.mark.parametrize(
    ("path", "old", "new", "changed", "follow"),
    [
        ("params.yaml", "count: 3", "count: 4", {"rows": ["rows"]}, ["figures"]),
        ("params.yaml", "margin: 0.05", "margin: 0.06", {"figures": ["margin"]}, []),
        ("prompts/ask.en.md", "customer", "caller", {"rows": ["prompts/ask.en.md (modified)"]}, ["figures"]),
        ("figures.py", "rows / 10", "rows / 5", {"figures": ["figures.py (modified)"]}, []),
        ("dvc.yaml", " figures.py\n", " figures.py --again\n", {"figures": ["its command"]}, []),
        ("metrics/quality.json", "0.3", "0.9", {"figures": ["metrics/quality.json (modified)"]}, []),
    ],
)
def test_what_was_changed_is_named_with_what_follows(
    repository: Path, change: Change, path: str, old: str, new: str, changed: dict[str, list[str]], follow: list[str]
) -> None:
    change(path, old, new)
    shutil.rmtree(repository / ".dvc/cache")  # as on a machine that has none
    shutil.rmtree(repository / "data/labels")
    assert stale(repository) == Stale(changed, follow)


def test_halves_of_two_locks_do_not_pass_for_one(repository: Path) -> None:
    """A merge that took one stage from each side: each is as its own side left it, and figures read other rows."""
    lock = (repository / "dvc.lock").read_text()
    digest = lock.split("data/labels/train.jsonl")[1].split("md5: ")[1].split()[0]
    (repository / "dvc.lock").write_text(lock.replace(digest, "f" * 32, 1))  # of the stage that makes it
    shutil.rmtree(repository / "data/labels")
    assert stale(repository).changed == {"figures": ["data/labels/train.jsonl (another one than was read)"]}


def test_the_gate_names_stages_and_fails_until_they_ran(
    repository: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    change("params.yaml", "count: 3", "count: 4")
    assert main(["pull-request", "--fresh"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "dvc.lock: rows is stale: rows; run `dvc repro`",
        "dvc.lock: figures follows from these",
    ]
    repro(repository)
    assert main(["pull-request", "--fresh"]) == 0
    git(repository, "rm", "-q", "--cached", "dvc.lock")
    (repository / "dvc.lock").unlink()
    assert main(["pull-request", "--fresh"]) == 1
    assert "rows is stale" in capsys.readouterr().err


def test_what_dvc_cannot_read_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "dvc.yaml").write_text("stages: [\n")
    assert main(["pull-request", "--fresh"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "DVC cannot read it" in said


def test_what_was_given_to_dvc_by_hand_needs_no_pull(
    repository: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = repository / "data/raw"
    raw.mkdir()
    (raw / "talks.csv").write_text("id,text\n1,Hello\n")
    (raw / "kept.txt").write_text("in Git\n")
    dvc(repository, "add", "-q", "data/raw/talks.csv")
    change("dvc.yaml", "deps: [rows.py, ", "deps: [rows.py, data/raw, ")
    repro(repository)
    assert {step.name for step in steps(repository)} == {"rows", "figures"}
    assert due(repository, repository / "params.yaml") == ([], 2)
    assert main(["pull-request", "--fresh"]) == 0
    shutil.rmtree(repository / ".dvc/cache")  # a checkout
    (raw / "talks.csv").unlink()
    assert stale(repository) == FRESH
    (raw / "kept.txt").write_text("edited\n")
    assert stale(repository).changed == {"rows": ["data/raw (modified)"]}
    (raw / "kept.txt").write_text("in Git\n")
    marker = raw / "talks.csv.dvc"
    before = marker.read_text()
    marker.write_text(before.replace(before.split("md5: ")[1].split()[0], "f" * 32))
    assert stale(repository).changed == {"rows": ["data/raw (modified)"]}


def test_a_whole_folder_given_to_dvc_is_not_held_against_a_checkout(repository: Path, change: Change) -> None:
    talks = repository / "data/raw/talks"
    talks.mkdir(parents=True)
    (talks / "one.txt").write_text("Hello\n")
    dvc(repository, "add", "-q", "data/raw/talks")
    change("dvc.yaml", "deps: [rows.py, ", "deps: [rows.py, data/raw, ")
    repro(repository)
    shutil.rmtree(repository / ".dvc/cache")
    shutil.rmtree(talks)
    assert stale(repository) == FRESH
