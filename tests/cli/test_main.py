"""The command line: what it prints, where, and its exit codes."""

import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.cli import doctor
from stages.cli.main import main

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil


Captured = pytest.CaptureFixture[str]


def test_help_names_the_commands(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("doctor", "check", "prune", "deps", "cards", "mask", "serve"))


@pytest.mark.parametrize("words", [["chek"], ["deps", "--fixx"], ["check", "there", "too"]])
def test_a_wrong_command_line_is_one_line(capsys: Captured, words: list[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("dial-insight: ") and "--help" in said.err


def test_what_the_machine_refuses_is_one_line(tmp_path: Path, capsys: Captured) -> None:
    (loop := tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    (log := tmp_path / "log.jsonl").write_text('{"item": "q1", "right": 1}\n')
    (tmp_path / "folder").mkdir()
    runs = ["retain", "--base", str(log), "--tuned", str(log)]
    for words, place in (
        (["overlap", "--rows", str(loop), "--items", str(loop), "--target", str(tmp_path / "found")], "loop.jsonl: "),
        ([*runs, "--params", str(tmp_path / "folder")], "folder: is a directory"),
        ([*runs, "--json", str(tmp_path / "folder")], "folder: is a directory"),
    ):
        assert main(words) == 1
        said = capsys.readouterr()
        assert said.out == "" and said.err.count("\n") == 1 and place in said.err


@pytest.mark.parametrize(
    "words",
    [
        *(["cache", name] for name in ("export", "verify", "forget --failed", "import x.jsonl")),
        *(["batch", name] for name in ("status", "show label", "import x.jsonl")),
        ["cards"],
    ],
)
def test_beside_the_root_nothing_passes_for_whole_or_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words[:-1], *words[-1].split()]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "params.yaml: not there; run from the repository's root\n")
    assert not any(tmp_path.iterdir())


def test_signs_that_a_stream_cannot_write_are_escapes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (log := tmp_path / "log.jsonl").write_text("".join(f'{{"item": "q{n}", "right": 1}}\n' for n in range(9)))
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(kept, encoding="cp1252", write_through=True))
    assert main(["retain", "--base", str(log), "--tuned", str(log)]) == 3
    assert rb"\u2212margin" in kept.getvalue() and b"verdict: inconclusive" in kept.getvalue()


def test_a_profile_to_compare_with_has_a_name(capsys: Captured) -> None:
    assert main(["profile", "--check"]) == 1
    assert capsys.readouterr().err.endswith("; name it\n")


@pytest.mark.slow
def test_check_says_that_all_is_well(repository: Path, capsys: Captured) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "params.yaml, prompts/ and data/review/ are valid\n"


@pytest.mark.slow
def test_check_lists_faults_on_stderr_and_exits_1(repository: Path, spoil: "Spoil", capsys: Captured) -> None:
    spoil("params.yaml", "top_p: 1.0", "top_p: 7")
    assert main(["check"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("params.yaml: llm.generator.top_p: ")


def test_deps_tells_what_is_wrong_and_fix_mends_it(repository: Path, capsys: Captured) -> None:
    for name in ("instructions/curate", "instructions/other", "prompting/assemble"):
        path = repository / f"stages/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert main(["deps"]) == 1
    assert "stage curate imports stages/instructions without declaring it" in capsys.readouterr().err
    assert main(["deps", "--fix"]) == 0
    first, figures, _ = capsys.readouterr().out.splitlines()
    assert first == "dvc.yaml: lists of code rewritten"
    assert "2 paths of code" in figures and "reruns 1.00 stages" in figures
    assert main(["deps"]) == 0


@pytest.mark.parametrize("command", [["deps"], ["deps", "--fix"], ["check"]])
@pytest.mark.slow
def test_a_graph_that_dvc_cannot_read_is_one_line(repository: Path, command: list[str], capsys: Captured) -> None:
    (repository / "dvc.yaml").write_text("stages: 3\n")
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "dvc.yaml" in said


@pytest.mark.parametrize("ok", [True, False])
def test_doctor_prints_every_finding_and_fails_if_one_does(
    monkeypatch: pytest.MonkeyPatch, ok: bool, capsys: Captured
) -> None:
    findings = [doctor.Finding(name="a", ok=True, text="1"), doctor.Finding(name="b", ok=ok, text="2")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    assert main(["doctor"]) == (0 if ok else 1)
    assert capsys.readouterr().out.splitlines() == [str(finding) for finding in findings]


@pytest.mark.slow
def test_the_console_starts_quickly(root: Path) -> None:
    """Starting waits neither for torch nor for scipy."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, stages.cli.main; print({'torch', 'trl', 'dvc', 'transformers'} & set(sys.modules))",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
