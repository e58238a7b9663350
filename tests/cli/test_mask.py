"""`dial-insight mask`: the row as the trainer reads it, what is trained in color or brackets, and the counts."""

import json
import sys
from pathlib import Path

import pytest

from stages.cli import mask
from stages.cli.main import main
from stages.core import jsonl
from tests.support.finetuning import VALUES, row

ROWS = [row("r1", "How many rooms?", "Two rooms."), row("r2", "几居室？", "两居室，带阳台。")]
READ = "<s>user\n{}</s>\n<s>assistant\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    jsonl.write(tmp_path / mask.SOURCE, ROWS)
    (tmp_path / "params.yaml").write_text(json.dumps({"finetune": VALUES}))


def printed(capsys: pytest.CaptureFixture[str], base: Path, *words: str) -> str:
    assert main(["mask", "--base", str(base), *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("words", "number"), [((), 0), (("--row", "2"), 1), (("--row", "r2"), 1)])
def test_the_answer_and_its_end_are_trained_and_nothing_else(
    capsys: pytest.CaptureFixture[str], tiny_model: Path, words: tuple[str, ...], number: int
) -> None:
    question, answer = (message.content for message in ROWS[number].messages)
    read, trained = READ.format(question), f"{answer}</s>\n"
    tokens = [len(part.replace("<s>", "1").replace("</s>", "2").encode()) for part in (read, trained)]  # a byte is one
    assert printed(capsys, tiny_model, *words) == (
        f"{read}[[{trained}]]\nrow r{number + 1}: {sum(tokens)} tokens, {tokens[1]} trained, {tokens[0]} read only\n"
    )


@pytest.mark.parametrize(
    ("no_color", "is_terminal", "expected"), [("", True, True), ("1", True, False), ("", False, False)]
)
def test_a_terminal_gets_colors_unless_it_wants_none(
    monkeypatch: pytest.MonkeyPatch, no_color: str, is_terminal: bool, expected: bool
) -> None:
    parts = [mask.Stretch("Why?", 1, False), mask.Stretch("So.", 1, True)]
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    color = mask.in_color(sys.stdout)
    assert color is expected
    assert mask.shown(parts, color) == ("Why?\033[32mSo.\033[0m" if expected else "Why?[[So.]]")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--row", "r9"], r"train.jsonl: row r9 is not there; give the id of a row, or a number from 1 to 2"),
        (["--row", "0"], "row 0 is not there"),
        (["--source", "nowhere.jsonl"], "nowhere.jsonl: not there"),
        (["--base", "nowhere"], "nowhere: no model folder"),
    ],
)
def test_what_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], tiny_model: Path, words: list[str], fault: str
) -> None:
    given = words if "--base" in words else [*words, "--base", str(tiny_model)]
    assert main(["mask", *given]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and fault in said.err
