"""`dial-insight review`: what it says, what it needs, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from stages.cli.main import main
from tests.cli.review.conftest import Write, instruction

COMMAND = [sys.executable, "-m", "stages.cli.main", "review"]
STAGES = {
    "seeds": "seed",
    "evolved": "evolve",
    "prompts": "enhance",
    "labels": "label",
    "preferences": "testset",
    "personal": "anonymize",
}


@pytest.mark.parametrize("queue", STAGES)
def test_rows_that_are_missing_name_the_stage_that_makes_them(
    place: Path, queue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", queue, "--no-browser", "--reviewer", "Ann"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert f"not there yet; run `dvc repro {STAGES[queue]}` first" in said.err


def test_a_queue_that_is_none_is_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "songs"]) == 2
    assert "preferences" in capsys.readouterr().err


def test_nobodys_decisions_are_not_recorded(
    place: Path, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("data/instructions/seeds.jsonl", instruction("Summarize."))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    assert main(["review", "seeds", "--no-browser"]) == 1
    assert "give --reviewer NAME, or set it: git config user.name NAME" in capsys.readouterr().err


def test_a_blank_name_is_nobodys(place: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("data/instructions/seeds.jsonl", instruction("Summarize."))
    assert main(["review", "seeds", "--no-browser", "--reviewer", "   "]) == 1
    assert "--reviewer is blank; give a name" in capsys.readouterr().err


def test_a_port_that_is_taken_is_one_line(place: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("data/instructions/seeds.jsonl", instruction("Summarize."))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["review", "seeds", "--no-browser", "--reviewer", "Ann", "--port", str(port)]) == 1
    assert f"review: port {port}: address already in use; give another one" in capsys.readouterr().err


def test_a_line_that_is_no_row_is_told_before_anything_opens(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data/instructions").mkdir(parents=True)
    Path("data/instructions/seeds.jsonl").write_text('{"id": "a secret"}\n')
    assert main(["review", "seeds", "--no-browser", "--reviewer", "Ann"]) == 1
    err = capsys.readouterr().err
    assert "data/instructions/seeds.jsonl:1: not a Instruction row" in err and "secret" not in err


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_and_for_whom_and_a_signal_ends_it(
    root: Path, place: Path, write: Write, by: signal.Signals
) -> None:
    write("data/instructions/seeds.jsonl", instruction("Summarize what was agreed."))
    command = [*COMMAND, "seeds", "--no-browser", "--reviewer", "Ann"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "Seed instructions: 0 of 1 decided, 1 wait, 0 in conflict\n"
        where = process.stdout.readline()
        assert where.endswith("is open to Ann; decisions go to data/review/curate.jsonl; Ctrl-C ends it\n")
        with urllib.request.urlopen(where.split()[0]) as page:
            assert b"Summarize what was agreed." in page.read()
        process.send_signal(by)
        out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    assert out == "0 of 1 decided, 1 wait, 0 in conflict; `dvc repro curate` takes them in\n"
