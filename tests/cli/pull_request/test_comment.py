"""The comment: what changed, in the words and figures that a reviewer asks for, and no longer than GitHub takes."""

import json
from pathlib import Path

import pytest

from stages.cli.main import main
from stages.cli.pull_request.comment import LIMIT, comment, fenced, fitted
from stages.core.errors import InputError
from tests.cli.pull_request.conftest import Change, decision, git, repro

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def branch(repository: Path, change: Change) -> Path:
    """Change a prompt, two params and a decision, run, commit; then change the prompt once more."""
    change("params.yaml", "count: 3", "count: 4")
    change("params.yaml", "margin: 0.05", "margin: 0.001")
    change("prompts/ask.en.md", "客户", "对方")
    decided = decision("row2", "keep", "Ada") + decision("row2", "discard", "Bo")
    (repository / "data/review/judge.jsonl").write_text(decided)
    repro(repository)
    git(repository, "commit", "-qam", "more rows")
    return repository


def test_the_comment_tells_a_branch(branch: Path) -> None:
    text = comment(branch, link="https://example.org/blob/abc")
    assert text.startswith("## Dial-insight: this branch against ") and "**dvc.lock is fresh**" in text
    assert "Retention: **collapsed** (collapsed: accuracy small 0 shot). Before: **retained**" in text
    assert "| labelled rows | 3 | 4 |" in text and "| richness | 0.3 | 0.4 |" in text
    assert "Params: 2 changed" in text and "| params.yaml | margin | 0.05 | 0.001 |" in text
    assert "@@ line 1 @@\nSay what the customer wants.\n用一句话概括[-客户-]{+对方+}的要求。" in text
    assert "| data/labels/train.jsonl | 1 | 0 | 1 |" in text  # one more row, and one whose prompt changed
    assert "2 rows wait for a person." in text
    assert "| data/review/judge.jsonl | row2 | Ada and Bo disagree |" in text
    assert "| data/quality/labels.jsonl | row1 | faulty: format (by rules) |" in text
    assert "![the run in one picture](https://example.org/blob/abc/metrics/report.svg?raw=true)" in text
    assert text.count("<details>") == text.count("</details>") > 3


def test_two_minds_about_personal_data_and_about_an_answer_wait_too(repository: Path) -> None:
    said = {"turn": 2, "start": 4, "end": 9, "time": "2026-01-31T10:00:00"}
    lines = [
        {"id": "talk", "kind": kind, "reviewer": name, **said} for kind, name in (("phone", "Ada"), ("nothing", "Bo"))
    ]
    (repository / "data/review/personal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (repository / "data/review/answers.jsonl").write_text("not JSON\n")
    text = comment(repository)
    assert "| data/review/personal.jsonl | talk, turn 2, characters 4 to 9 | Ada and Bo disagree |" in text
    assert "data/review/answers.jsonl:1: not a Refinement row" in text


def test_data_of_another_machine_is_said_to_be_absent(branch: Path) -> None:
    for path in sorted((branch / ".dvc/cache").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert "Changed, but not on this machine (dvc pull): data/labels/train.jsonl" in comment(branch)


def test_a_stale_lock_and_a_new_prompt_stand_in_it(branch: Path, change: Change) -> None:
    (branch / "prompts/new.en.md").write_text("```\nA fence of its own.\n```\n")
    change("prompts/ask.en.md", "wants", "asks for")
    text = comment(branch)
    assert "**dvc.lock is stale**: 1 stage(s) changed" in text and "- `rows`: prompts/ask.en.md (modified)" in text
    assert "Behind these: `figures`." in text
    assert "````\n@@ line 1 @@\n{+```\nA fence of its own." in text and "[-wants-]{+asks for+}" in text


def test_a_branch_without_changes_says_so(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull-request", "main"]) == 0
    text = capsys.readouterr().out
    assert "Params: as before." in text and "Data: no file of rows changed." in text and "Before: the same." in text


def test_a_base_that_is_not_there_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="no common commit of HEAD with nothing"):
        comment(repository, "nothing")
    assert main(["pull-request", "nothing"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_what_does_not_fit_is_left_out_and_named(branch: Path) -> None:
    (branch / "prompts/long.en.md").write_text("word " * 30_000)
    text = comment(branch)
    assert len(text) <= LIMIT
    assert "Left out for want of room" in text and "prompts/long.en.md (150," in text and "prompts/ask.en.md" in text
    many = fitted([(f"part{number:04}" * 5, "x" * 500) for number in range(300)], LIMIT)
    assert len(many) <= LIMIT and "parts in all" in many


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````\n"
