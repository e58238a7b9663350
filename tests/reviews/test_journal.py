"""Lines are added whole, by many at a time, and branches merge by union."""

import multiprocessing
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.reviews.decisions import Decision, decisions, history
from stages.reviews.journal import record


def said(row: str, reviewer: str = "ann", action: str = "keep") -> Decision:
    return Decision.model_validate(
        {"id": row, "action": action, "reviewer": reviewer, "time": datetime(2025, 3, 1, tzinfo=UTC)}
    )


def test_a_line_is_added_to_a_file_that_need_not_be_there(tmp_path: Path) -> None:
    target = tmp_path / "review/curate.jsonl"
    record(target, said("a"))
    record(target, said("b"), said("c"))
    assert [row.id for row in history(target)] == ["a", "b", "c"]
    assert sorted(path.name for path in target.parent.iterdir()) == [".lock", "curate.jsonl"]


def test_a_last_line_without_its_end_gets_it(tmp_path: Path) -> None:
    target = tmp_path / "curate.jsonl"
    target.write_text(said("a").model_dump_json(), encoding="utf-8")
    record(target, said("b"))
    assert [row.id for row in history(target)] == ["a", "b"]


def test_a_byte_order_mark_is_read_as_if_it_were_not_there(tmp_path: Path) -> None:
    target = tmp_path / "curate.jsonl"
    line = said("a").model_dump_json() + "\n"
    target.write_text(f"\ufeff{line}", encoding="utf-8")
    record(target, said("b"))
    assert [row.id for row in history(target)] == ["a", "b"]
    assert not target.read_bytes().startswith(b"\xef\xbb\xbf")
    target.write_text(f"{line}\ufeff{said('c').model_dump_json()}\n\ufeff\n", encoding="utf-8")  # joined files
    assert list(decisions(target)) == ["a", "c"]


def test_what_is_there_stays_byte_for_byte(tmp_path: Path) -> None:
    target = tmp_path / "curate.jsonl"
    before = b'{"id": "\xe4\xbd\xa0", "action": "keep", "reviewer": "x", "time": "2025-01-31T10:00:00"}\r\n\n'
    target.write_bytes(before)
    record(target, said("b"))
    assert target.read_bytes() == before + said("b").model_dump_json().encode() + b"\n"


def test_when_the_disk_refuses_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "curate.jsonl"
    record(target, said("a"))
    before = target.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        record(target, said("b"))
    assert target.read_bytes() == before and not list(tmp_path.glob("*.partial"))
    monkeypatch.undo()
    record(target, said("b"))  # the lock was let go
    assert len(history(target)) == 2


def test_a_file_that_is_not_utf_8_is_refused_and_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "curate.jsonl"
    target.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        record(target, said("a"))
    assert target.read_bytes() == b"\xff\xfe"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "curate.jsonl"
    link.symlink_to(tmp_path / "real/curate.jsonl")
    record(link, said("a"))
    assert link.is_symlink() and len(history(tmp_path / "real/curate.jsonl")) == 1


def add(target: Path, name: str, count: int) -> None:
    for number in range(count):
        record(target, said(f"{name}{number}", name))


@pytest.mark.slow
def test_processes_that_decide_at_once_lose_nothing_and_readers_see_whole_lines(tmp_path: Path) -> None:
    target = tmp_path / "curate.jsonl"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=add, args=(target, name, 15)) for name in ("ann", "bo", "cy")]
    for writer in writers:
        writer.start()
    seen = 0
    while any(writer.is_alive() for writer in writers):
        found = len(history(target))  # half a line would be refused
        assert found >= seen
        seen = found
    for writer in writers:
        writer.join()
    assert len({row.id for row in history(target)}) == len(history(target)) == 45


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return done.stdout


def test_two_branches_merge_without_a_conflict(tmp_path: Path, root: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Test")
    git(tmp_path, "config", "user.email", "test@example.com")
    (tmp_path / ".gitattributes").write_text((root / ".gitattributes").read_text(encoding="utf-8"), encoding="utf-8")
    target = tmp_path / "data/review/curate.jsonl"
    record(target, said("a"))
    git(tmp_path, "add", ".gitattributes", "data/review/curate.jsonl")
    git(tmp_path, "commit", "-q", "-m", "start")
    for branch, action in (("ann", "keep"), ("bo", "discard")):
        git(tmp_path, "switch", "-q", "-c", branch, "main")
        record(target, said("b", branch, action), said(f"only {branch}", branch))
        git(tmp_path, "commit", "-q", "-a", "-m", branch)
    git(tmp_path, "merge", "-q", "-m", "both", "ann")
    assert git(tmp_path, "status", "--porcelain", "--untracked-files=no") == ""
    assert {(row.id, row.reviewer) for row in history(target)} == {
        ("a", "ann"), ("b", "ann"), ("b", "bo"), ("only ann", "ann"), ("only bo", "bo"),
    }  # fmt: skip
    assert decisions(target)["b"].action == "discard"  # the careful one


def test_the_lock_is_not_for_git(root: Path) -> None:
    assert "data/review/.lock" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()
