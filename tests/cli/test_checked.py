"""The mark of a clean check: it stands while all that the check read is the same, and for nothing else."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.cli import check, checked
from stages.cli.checked import Mark
from stages.core.declared import OUTSIDE

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil

FILES = {
    "params.yaml": "a: 1\n",
    "dvc.yaml": "stages: {}\n",
    ".dvc/config": "[core]\n",
    "prompts/pack/domain.yaml": "name: pack\n",
    "prompts/pack/deep/note.md": "x\n",
    "data/review/curate.jsonl": "{}\n",
    "data/test/pack/dialogues.jsonl": "{}\n",
    "data/calibration/judge.jsonl": "{}\n",
    "data/raw/pack/talks.csv": "a,b\n",
    "code/module.py": "x = 1\n",
}
EMPTY = Mark(digest="", provided=["data/raw/pack"], paths=[], stages=["fetch@one"], iterating=["fetch"], restless=[])
# DVC writes .gitignore as it runs, and says itself if one hides the graph; names and versions of packages are in the mark by themselves.
SAYS_NOTHING = re.compile(r"(^|/)\.gitignore$|^dial_insight\.egg-info/")
LISTING = """
import json, os, sys
from pathlib import Path
opened = set()
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, os.PathLike)):
        opened.add(os.path.abspath(os.fspath(args[0])))
sys.addaudithook(hook)
from stages.cli import check
faults = list(check.faults(Path()))
print(json.dumps([faults, sorted(path for path in opened if os.path.isfile(path))]))
"""


@pytest.fixture
def marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with one file of each kind, in which a clean check has left its mark."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "lib/site-packages/thing-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(checked, "CODE", str(tmp_path / "code"))
    monkeypatch.syspath_prepend(str(tmp_path / "lib/site-packages"))
    checked.leave(EMPTY._replace(digest=checked.digest(tmp_path)), tmp_path)
    return tmp_path


def _rewrite(path: Path) -> None:
    """Change a file's content, but neither its length nor its time of change."""
    before = path.stat()
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-2] + chr(ord(text[-2]) + 1) + text[-1], encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("data/raw")])
def test_a_file_with_other_content_or_no_file_needs_a_check(marked: Path, name: str) -> None:
    assert checked.standing(marked)
    _rewrite(marked / name)
    assert checked.standing(marked) is None
    (marked / name).write_text(FILES[name], encoding="utf-8")
    assert checked.standing(marked)
    (marked / name).unlink()
    assert checked.standing(marked) is None


CHANGES: dict[str, Callable[[Path], object]] = {
    "a new pack": lambda root: (root / "prompts/other.md").write_text("x"),
    "a new review": lambda root: (root / "data/review/screen.jsonl").write_text(""),
    "a renamed file": lambda root: (root / "prompts/pack/domain.yaml").rename(root / "prompts/pack/domains.yaml"),
    "settings of DVC for this clone": lambda root: (root / ".dvc/config.local").write_text("[core]\n"),
    "files to leave out": lambda root: (root / ".dvcignore").write_text("prompts\n"),
    "conversations gone": lambda root: (root / "data/raw/pack").rename(root / "data/raw/other"),
    "a package more": lambda root: (root / "lib/site-packages/more-1.0.dist-info").mkdir(),
    "a package in another version": lambda root: (root / "lib/site-packages/thing-1.0.dist-info").rename(
        root / "lib/site-packages/thing-1.1.dist-info"
    ),
    "a folder that cannot be read": lambda root: (root / "prompts/loop").symlink_to(root / "prompts/loop"),
    "no mark": lambda root: (root / checked.MARK).unlink(),
    "half a mark": lambda root: (root / checked.MARK).write_text('{"digest": "'),
    "a mark of an older version": lambda root: (root / checked.MARK).write_text(json.dumps({"digest": checked.digest(root)})),
    "a list for a mark": lambda root: (root / checked.MARK).write_text("[]"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_else_a_check_depends_on_needs_a_check(marked: Path, change: Callable[[Path], object]) -> None:
    change(marked)
    assert checked.standing(marked) is None


def test_what_no_check_reads_and_a_mere_touch_need_none(marked: Path) -> None:
    (marked / "data/raw/pack/more.csv").write_text("c,d\n")
    (marked / "code/__pycache__").mkdir()
    (marked / "code/__pycache__/module.pyc").write_text("x")
    os.utime(marked / "params.yaml")
    assert checked.standing(marked)


def test_what_lies_behind_a_link_counts(marked: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "tasks.yaml").write_text("a: 1\n")
    (marked / "prompts/linked").symlink_to(elsewhere)
    checked.leave(EMPTY._replace(digest=checked.digest(marked)), marked)
    assert checked.standing(marked)
    _rewrite(elsewhere / "tasks.yaml")
    assert checked.standing(marked) is None


def test_the_mark_does_not_depend_on_how_the_repository_is_named(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(marked)
    assert checked.digest() == checked.digest(marked) == checked.digest(Path("code/.."))


def _lock(*names: str) -> str:
    return "schema: '2.0'\nstages:\n" + "".join(f"  {name}:\n    cmd: make {name}\n    outs: []\n" for name in names)


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        (_lock("fetch@one"), False),
        (_lock(), False),
        (_lock("fetch@one", "fetch@two"), True),
        (_lock("fetch@one", "renamed", "label@train"), False),  # left by no iteration of today's: prune lets them be
        (_lock("fetch@one", "'fetch@2.5'"), True),  # written otherwise than expected: prune looks itself
        (json.dumps({"stages": {"fetch@one": {"cmd": "x"}}}), False),
        ("stages:\n    fetch@two:\n        cmd: x\n", False),
    ],
)
def test_the_lock_tells_whether_there_is_anything_to_prune(marked: Path, lock: str, expected: bool) -> None:
    (marked / "dvc.lock").write_text(lock)
    assert checked.gone(EMPTY, marked) is expected


def test_without_a_lock_there_is_nothing_to_prune(marked: Path) -> None:
    assert not checked.gone(EMPTY, marked)


@pytest.mark.slow
def test_a_clean_check_leaves_a_mark_and_a_fault_does_not(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "brief: 0.75", "brief: 7")
    assert list(check.marked()) and not (repository / checked.MARK).exists()
    spoil("params.yaml", "brief: 7", "brief: 0.75")
    assert list(check.marked()) == []
    mark = checked.standing()
    assert mark and mark.stages == ["curate", "assemble"] and mark.paths == ["a.txt", "train.txt"]
    spoil("params.yaml", "brief: 0.75", "brief: 7")
    assert checked.standing() is None


@pytest.mark.slow
def test_what_changes_during_a_check_is_checked_again(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = check.review_faults

    def meanwhile(root: Path) -> Iterator[str]:
        with Path("params.yaml").open("a", encoding="utf-8") as file:
            file.write("# written while params.yaml was checked already\n")
        yield from last(root)

    monkeypatch.setattr(check, "review_faults", meanwhile)
    assert list(check.marked()) == [] and (repository / checked.MARK).exists()
    assert checked.standing() is None


@pytest.mark.slow
def test_a_graph_that_cannot_be_read_is_a_fault_among_the_others(repository: Path, spoil: "Spoil") -> None:
    (repository / "dvc.yaml").write_text("stages: 3\n")
    spoil("prompts/real_estate/domain.yaml", "weight: 1.0", "wieght: 1.0")
    graph, *_, pack = check.marked()
    assert "DVC cannot read it" in graph and "domain.yaml" in pack
    assert not (repository / checked.MARK).exists()


@pytest.mark.slow
def test_the_mark_covers_every_file_of_the_repository_that_a_check_opens(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=root, capture_output=True, text=True, check=True, timeout=300
    )
    faults, opened = json.loads(done.stdout.splitlines()[-1])
    inside = {Path(path).relative_to(root) for path in opened if Path(path).is_relative_to(root)}
    needed = {path.as_posix() for path in inside if not OUTSIDE.intersection(path.parts)} | {".dvc/config"}
    covered = {Path(path).resolve().relative_to(root).as_posix() for _, path in checked.read(root)}
    assert faults == [] and len(needed) > 50
    left = {path for path in needed - covered if not SAYS_NOTHING.search(path)}
    assert left <= {"dvc.lock"}  # each run changes it; `dvc repro`, which comes next, reads it whole
