"""The command line: what it prints, where, and its exit codes."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from stages.cli import doctor
from stages.cli.main import app

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil


def test_help_names_the_commands() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    assert all(name in done.output for name in ("doctor", "check", "deps", "cards"))


def test_check_says_that_all_is_well(repository: Path) -> None:
    done = CliRunner().invoke(app, ["check"])
    assert (done.exit_code, done.stdout) == (0, "params.yaml, prompts/ and data/review/ are valid\n")


def test_check_lists_faults_on_stderr_and_exits_1(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "top_p: 1.0", "top_p: 7")
    done = CliRunner().invoke(app, ["check"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("params.yaml: llm.generator.top_p: ")


def test_deps_tells_what_is_wrong_and_fix_mends_it(repository: Path) -> None:
    path = repository / "stages/instructions/curate.py"
    path.parent.mkdir(parents=True)
    path.write_text("")
    (repository / "stages/prompting").mkdir()
    (repository / "stages/prompting/assemble.py").write_text("")
    done = CliRunner().invoke(app, ["deps"])
    assert done.exit_code == 1
    assert "stage curate imports stages/instructions/curate.py without declaring it" in done.stderr
    done = CliRunner().invoke(app, ["deps", "--fix"])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "dvc.yaml: lists of .py files rewritten")
    assert CliRunner().invoke(app, ["deps"]).exit_code == 0


@pytest.mark.parametrize("command", [["deps"], ["deps", "--fix"], ["check"]])
def test_a_graph_that_dvc_cannot_read_is_one_line(repository: Path, command: list[str]) -> None:
    (repository / "dvc.yaml").write_text("stages: 3\n")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "dvc.yaml" in done.stderr


@pytest.mark.parametrize("ok", [True, False])
def test_doctor_prints_every_finding_and_fails_if_one_does(monkeypatch: pytest.MonkeyPatch, ok: bool) -> None:
    findings = [doctor.Finding(name="a", ok=True, text="1"), doctor.Finding(name="b", ok=ok, text="2")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == (0 if ok else 1)
    assert done.stdout.splitlines() == [str(finding) for finding in findings]


def test_the_console_starts_quickly(root: Path) -> None:
    """No command of everyday use waits for torch."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, stages.cli.main; print({'torch', 'dvc', 'transformers'} & set(sys.modules))",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
