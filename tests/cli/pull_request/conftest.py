"""A real Git and DVC repository: two stages, one that keeps its rows in DVC's cache, one that writes figures for Git."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

GRAPH = f"""\
stages:
  rows:
    cmd: {sys.executable} rows.py
    deps: [rows.py, prompts/ask.en.md]
    params: [rows]
    outs: [data/labels/train.jsonl, data/quality/labels.jsonl]
  figures:
    cmd: {sys.executable} figures.py
    deps: [figures.py, data/labels/train.jsonl]
    params: [margin]
    metrics:
    - metrics/retention.json: {{cache: false}}
    - metrics/quality.json: {{cache: false}}
"""
ROWS = """\
import json, pathlib, yaml
count = yaml.safe_load(open("params.yaml"))["rows"]["count"]
for name in ("data/labels", "data/quality"):
    pathlib.Path(name).mkdir(parents=True, exist_ok=True)
with open("data/labels/train.jsonl", "w") as file:
    for n in range(count):
        file.write(json.dumps({"id": f"row{n}", "text": open("prompts/ask.en.md").read() if n == 0 else "same"}) + "\\n")
with open("data/quality/labels.jsonl", "w") as file:
    for n in range(count):
        low = {"quality": "faulty" if n == 1 else "no_fault", "flags": ["format"] if n == 1 else []}
        file.write(json.dumps({"id": f"row{n}", "layer": "rules", **low}) + "\\n")
"""
FIGURES = """\
import json, pathlib, yaml
pathlib.Path("metrics").mkdir(exist_ok=True)
margin, rows = yaml.safe_load(open("params.yaml"))["margin"], len(open("data/labels/train.jsonl").readlines())
verdict = "retained" if margin > 0.01 else "collapsed"
json.dump({"verdict": verdict, "rests_on": f"{verdict}: accuracy small_0_shot"}, open("metrics/retention.json", "w"))
json.dump({"n": rows, "richness": rows / 10}, open("metrics/quality.json", "w"))
"""
Change = Callable[[str, str, str], None]


def git(root: Path, *words: str) -> str:
    named = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *named, *words], cwd=root, check=True, capture_output=True, text=True).stdout


def repro(root: Path) -> None:
    dvc(root, "repro", "-q")


def dvc(root: Path, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "dvc", *words], cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the repository once, with its first run committed on main, and a branch to work on."""
    root = tmp_path_factory.mktemp("branch") / "repository"
    root.mkdir()
    git(root, "init", "-q", "-b", "main", "--template=")
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {root.parent}/site\n")
    (root / ".dvc/.gitignore").write_text("/tmp\n/cache\n")
    (root / ".gitignore").write_text("__pycache__/\n")
    (root / "prompts").mkdir()
    (root / "prompts/ask.en.md").write_text(
        "Say what the customer wants.\n用一句话概括客户的要求。\n", encoding="utf-8"
    )
    (root / "params.yaml").write_text("rows: {count: 3}\nmargin: 0.05\n")
    (root / "data/review").mkdir(parents=True)
    (root / "data/review/judge.jsonl").write_text("")
    for name, text in (("dvc.yaml", GRAPH), ("rows.py", ROWS), ("figures.py", FIGURES)):
        (root / name).write_text(text)
    repro(root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    git(root, "checkout", "-q", "-b", "work")
    return root


@pytest.fixture
def repository(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy it and go there."""
    root = Path(shutil.copytree(made, tmp_path / "repository", symlinks=True))
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return root


@pytest.fixture
def change(repository: Path) -> Change:
    """Replace a text in one of its files."""
    return lambda path, old, new: replace(repository / path, old, new)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def decision(row: str, action: str, reviewer: str) -> str:
    line = {"id": row, "action": action, "text": "", "reviewer": reviewer, "time": "2026-01-31T10:00:00"}
    return json.dumps(line) + "\n"
