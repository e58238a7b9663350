"""`.ci/run` with stand-ins for make and DVC: what makes it fail, and what its last line is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NO_WORK = "Stage 'ingest' didn't change, skipping\nData and pipelines are up to date.\n"
WORK = "Running stage 'ingest':\n> python -m stages.dialogues.ingest\n"
CACHED = "Stage 'ingest' is cached - skipping run, checking out outputs\n"


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """Return a repository with the script in it, a `make` that says what check/ and repro/ hold, and a `dvc` like it."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci" / "run", tmp_path / ".ci" / "run")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    _script(
        tmp_path / "bin" / "make",
        'echo "$1" >> calls; echo "$PIP_DEFAULT_TIMEOUT" > patience; cat "$1.$(grep -cx "$1" calls)"; exit "$(cat "$1.exit" 2>/dev/null || echo 0)"',
    )
    _script(
        tmp_path / ".venv" / "bin" / "dvc",
        'case "$*" in "status --quiet") exit "$(cat status.exit 2>/dev/null || echo 0)";; esac; echo "dvc $*"',
    )
    (tmp_path / "bin" / "chromium").symlink_to("/bin/true")  # as on a machine that has a browser: nothing is installed
    (tmp_path / "check.1").write_text("...\n7 passed, 1 skipped in 12.50s\n", encoding="utf-8")
    (tmp_path / "repro.1").write_text(WORK, encoding="utf-8")
    (tmp_path / "repro.2").write_text(NO_WORK, encoding="utf-8")
    return tmp_path


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/usr/bin/env bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _run(clone: Path) -> tuple[int, list[str], list[str]]:
    """Run the script; return its exit code, what it printed on standard output, and the targets that were made."""
    path = os.pathsep.join([str(clone / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", ".ci/run"], cwd=clone, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout.splitlines(), (clone / "calls").read_text(encoding="utf-8").split()


def test_a_good_clone_passes_and_the_tests_have_the_last_word(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_DEFAULT_TIMEOUT", raising=False)
    code, lines, targets = _run(clone)
    assert (code, targets) == (0, ["check", "repro", "repro"])
    assert lines[-1] == "7 passed, 1 skipped in 12.50s"
    assert "dvc metrics diff" in lines
    assert int((clone / "patience").read_text()) >= 60  # seconds that pip waits for a byte


@pytest.mark.parametrize("second", [WORK, CACHED, NO_WORK.splitlines(keepends=True)[0]])
def test_a_second_run_that_works_fails(clone: Path, second: str) -> None:
    (clone / "repro.2").write_text(second, encoding="utf-8")
    code, lines, _ = _run(clone)
    assert code == 1
    assert lines[-1] == "7 passed, 1 skipped in 12.50s"


def test_a_graph_that_is_not_up_to_date_afterwards_fails(clone: Path) -> None:
    (clone / "status.exit").write_text("1", encoding="utf-8")
    assert _run(clone)[0] == 1


def test_a_failed_check_ends_it_before_the_graph_runs(clone: Path) -> None:
    (clone / "check.exit").write_text("2", encoding="utf-8")
    (clone / "check.1").write_text("1 failed, 6 passed in 12.50s\n", encoding="utf-8")
    code, lines, targets = _run(clone)
    assert code != 0
    assert targets == ["check"]
    assert lines[-1] == "1 failed, 6 passed in 12.50s"


def test_a_failed_graph_fails(clone: Path) -> None:
    (clone / "repro.exit").write_text("2", encoding="utf-8")
    code, _, targets = _run(clone)
    assert code != 0
    assert targets == ["check", "repro"]
