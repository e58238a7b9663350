"""README's run that asks a real model: both commands as they stand there, in a copy of the repository."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.chat.store import FOLDER, Store
from tests.docs.test_readme import commands

pytestmark = pytest.mark.slow

RAW, FEW = (
    "data/raw/real_estate/",
    ("buying.jsonl", "buying_zh.jsonl"),
)  # conversations: two seeds are written of as many
EMPTY = ("data/raw/pii_gold.jsonl", "data/test/real_estate/dialogues.jsonl")  # tell of conversations that are left out
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """Return a repository with the working tree's files, few conversations, and a base model that DVC finds made and nobody reads."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0"):
        if (root / name).is_file() and (not name.startswith(RAW) or name.removeprefix(RAW) in FEW):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, tmp_path / name)
    for name in EMPTY:
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "models" / "base").mkdir(parents=True)
    (tmp_path / "models" / "base" / "model").write_text("not asked", encoding="utf-8")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (
        [*git, "init", "--quiet"],
        [sys.executable, "-m", "dvc", "commit", "--quiet", "--force", "base"],
        [*git, "add", "--all"],
        [*git, "commit", "--quiet", "--message", "copy"],
    ):
        subprocess.run(words, cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def served(root: Path) -> Iterator[str]:
    """Run README's `dial-insight serve` and return what it says first."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            pytest.skip("port 8000, which README names, is in use")
    [command] = [line for line in commands(root) if line.startswith("dial-insight serve")]
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], env={**os.environ, "PATH": PATH}, cwd=root, stdout=-1, text=True
    )
    assert process.stdout
    yield process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_the_run_asks_the_served_model(root: Path, copy: Path, served: str) -> None:
    [command] = [line for line in commands(root) if line.startswith("dvc exp run") and "127.0.0.1" in line]
    assert re.search(r"base_url=(\S+)", command)[1] in served  # type: ignore[index]
    done = subprocess.run(
        ["bash", "-c", command], cwd=copy, env={**os.environ, "PATH": PATH}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    store = Store(copy / FOLDER)
    answers = list(store.answers())
    store.close()
    assert [answer.author.split("@")[0] for answer in answers] == ["qwen2.5-coder-0.5b"] * 2
    assert all(answer.text for answer in answers)
    outcomes = [copy / "data" / "instructions" / f"seeds{end}" for end in (".jsonl", ".dropped.jsonl")]
    rows = [json.loads(line) for path in outcomes for line in path.read_text(encoding="utf-8").splitlines()]
    assert len([row for row in rows if row.get("origin") == "generated" or row.get("parents")]) == 2
