"""Which rows of a file came, went and changed."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from stages.cli.pull_request import revision
from stages.cli.pull_request.comment import _rows
from stages.cli.pull_request.rows import Moved, _compared, conversations
from stages.core.errors import InputError
from tests.cli.pull_request.conftest import git

Rows = list[dict[str, str]]


def text(rows: Rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


FIRST, SECOND, OTHER = ({"id": "a", "by": name} for name in ("Ann", "Ben", "Cas"))


@pytest.mark.parametrize(
    ("before", "now", "counts"),
    [
        ([FIRST], [FIRST, SECOND], (1, 0, 0)),  # one more decides on the same row
        ([FIRST, SECOND], [SECOND], (0, 1, 0)),
        ([FIRST, SECOND], [OTHER, SECOND], (0, 0, 1)),
        ([FIRST], [FIRST, FIRST], (1, 0, 0)),
        ([FIRST, SECOND], [SECOND, FIRST], (0, 0, 0)),
        ([{"id": "a", "by": "a\u2028b"}], [{"id": "a", "by": "a\u2028c"}], (0, 0, 1)),  # a line break within a text
        ([], [{"by": "Ann"}], (1, 0, 0)),
    ],
)
def test_rows_of_one_id_are_counted_one_by_one(before: Rows, now: Rows, counts: tuple[int, int, int]) -> None:
    assert _compared("rows.jsonl", text(before), text(now)) == Moved("rows.jsonl", *counts)


def test_raw_files_of_another_form_are_told_whether_new_changed_or_gone(tmp_path: Path) -> None:
    """A table of conversations that is taken out is no "no file of rows changed"."""
    git(tmp_path, "init", "-q", "-b", "main", "--template=")
    raw = tmp_path / "data/raw/homes"
    raw.mkdir(parents=True)
    for name in ("gone.csv", "other.srt", "same.csv", "rows.jsonl", "README.md"):
        (raw / name).write_text("before\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    (raw / "gone.csv").unlink()
    for name in ("other.srt", "rows.jsonl", "README.md", ".gitignore", "new.txt"):
        (raw / name).write_text("now\n")
    commit = git(tmp_path, "rev-parse", "HEAD").strip()
    found = conversations(tmp_path, commit)
    assert found == [f"data/raw/homes/{name}" for name in ("gone.csv", "new.txt", "other.srt")]
    text = _rows([], found)
    assert "Data: 0 files of rows changed, and 3 raw files of another form" in text
    assert "data/raw/homes/gone.csv, data/raw/homes/new.txt, data/raw/homes/other.srt." in text
    assert _rows([], []) == "Data: no file of rows changed.\n"


def test_a_file_whose_name_is_in_another_encoding_is_one_of_the_files(tmp_path: Path) -> None:
    for words in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "data").mkdir()
    name = os.fsdecode("对话".encode("gbk"))
    (tmp_path / f"data/{name}.jsonl").write_text(text([FIRST]))
    assert revision.changed(tmp_path, "HEAD", "data") == [f"data/{name}.jsonl"]


def test_what_git_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"git rev-parse fails \(fatal: [^\[\]]*\); mend it"):
        revision.named(tmp_path, "HEAD")
