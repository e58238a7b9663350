"""`make repro` with nothing to do, and with something: stale marks are never believed. In a real DVC repository."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.cli import check, checked, repro, settled
from stages.cli.dvc_graph import DvcYaml, steps

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")]

GRAPH = """\
stages:
  gather:
    cmd: mkdir -p rows && cat raw/*.txt > rows/all.txt && echo gather >> ran
    deps: [raw, code/gather.py]
    outs: [rows/all.txt]
  train:
    cmd: mkdir -p model && cp rows/all.txt model/weights && echo train >> ran
    deps: [rows/all.txt]
    params: [size]
    outs: [model]
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository in which everything was checked and nothing has run, and go there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checked, "CODE", str(tmp_path / "code"))
    subprocess.run(["git", "init", "-q", "--template="], check=True)
    for name in (".dvc", "raw", "code", "prompts"):
        Path(name).mkdir()
    Path(".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    Path("dvc.yaml").write_text(GRAPH)
    Path("params.yaml").write_text("size: 1\n")
    Path("raw/a.txt").write_text("one\n")
    Path("code/gather.py").write_text("x = 1\n")
    _check()
    return tmp_path


def _check() -> None:
    """Leave the mark that `dial-insight check` leaves; this graph's stages are none that it could check."""
    checked.leave(check.mark(checked.digest(), steps(Path())))


def _ran() -> list[str]:
    """Return the stages that ran since this was asked last."""
    path = Path("ran")
    names = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return names


@pytest.fixture
def idle(clone: Path, capsys: Captured) -> Path:
    """Run it all; after this DVC has nothing to do, and that is known."""
    assert repro.main() == 0 and _ran() == ["gather", "train"]
    assert settled.last() == settled.state(_mark())
    capsys.readouterr()
    return clone


def _mark() -> checked.Mark:
    mark = checked.standing()
    assert mark
    return mark


def test_with_nothing_to_do_dvc_is_not_asked(idle: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = Path("dvc.lock").read_text()
    with monkeypatch.context() as patch:
        patch.delattr(repro, "_dvc")  # to call it would be an error
        assert repro.main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == repro.IDLE
    assert Path("dvc.lock").read_text() == lock
    assert subprocess.run(["dvc", "repro"], capture_output=True, text=True, check=True).stdout.endswith(
        f"{repro.IDLE}\n"
    )


CHANGES: dict[str, tuple[Callable[[], object], list[str]]] = {
    "a row": (lambda: Path("raw/a.txt").write_text("another\n"), ["gather", "train"]),
    "a file more": (lambda: Path("raw/b.txt").write_text("two\n"), ["gather", "train"]),
    "a file less": (lambda: Path("raw/a.txt").replace("raw/b.txt").write_text("b\n"), ["gather", "train"]),
    "a file's name": (lambda: Path("raw/a.txt").rename("raw/b.txt"), ["gather"]),
    "code": (lambda: Path("code/gather.py").write_text("x = 22\n"), ["gather"]),
    "a param": (lambda: Path("params.yaml").write_text("size: 22\n"), ["train"]),
    "the graph": (lambda: Path("dvc.yaml").write_text(GRAPH.replace("cp rows", "cp  rows")), ["train"]),
    "a result by hand": (lambda: Path("rows/all.txt").write_text("another\n"), []),  # DVC takes it from its cache
    "a result's file gone": (lambda: Path("model/weights").unlink(), []),
    "no lock": (lambda: Path("dvc.lock").unlink(), ["gather", "train"]),
}


@pytest.mark.parametrize(("change", "stages"), CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_made_again(idle: Path, change: Callable[[], object], stages: list[str]) -> None:
    change()
    shutil.rmtree(".dvc/cache/runs")  # from there DVC would take what a stage has made before
    if checked.standing() is None:
        _check()
    assert repro.main() == 0 and _ran() == stages
    said = "".join(path.read_text() for path in sorted(Path("raw").iterdir()))
    assert Path("model/weights").read_text() == Path("rows/all.txt").read_text() == said
    assert settled.last() == settled.state(_mark())
    assert repro.main() == 0 and _ran() == []


@pytest.mark.parametrize("name", ["raw/a.txt", "rows/all.txt", "model/weights"])
def test_what_escapes_dvc_itself_changes_the_state(idle: Path, name: str) -> None:
    """The same length and time of change: only the inode's own time tells."""
    path = Path(name)
    before = path.stat()
    path.write_text("two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert settled.state(_mark()) != settled.last()


@pytest.mark.parametrize("name", [".dvcignore", "raw.dvc", "raw/.dvcignore", ".dvc/config.local", "rows/all.txt.dvc"])
def test_what_tells_dvc_more_about_the_paths_changes_the_state(idle: Path, name: str) -> None:
    mark, before = _mark(), settled.last()
    (idle / name).write_text("\n")
    assert settled.state(mark) != before


def test_a_result_that_is_not_in_the_cache_any_more_is_made_again(idle: Path) -> None:
    shutil.rmtree(".dvc/cache")
    assert repro.main() == 0 and _ran() == ["gather", "train"]
    assert settled.last() == settled.state(_mark())
    assert repro.main() == 0 and _ran() == []


def test_what_cannot_be_looked_at_is_never_settled(idle: Path) -> None:
    (idle / "raw/loop").symlink_to(idle / "raw/loop")
    assert settled.state(_mark()) is None


def test_other_packages_or_another_python_change_the_state(idle: Path) -> None:
    assert settled.state(_mark()._replace(digest="other")) != settled.last()


def test_files_that_dvc_leaves_out_do_not(idle: Path) -> None:
    (idle / "raw/__pycache__").mkdir()
    (idle / "raw/__pycache__/a.pyc").write_text("x")
    assert settled.state(_mark()) == settled.last()


def test_a_run_that_fails_settles_nothing(clone: Path, capfd: Captured) -> None:
    Path("dvc.yaml").write_text(GRAPH.replace("mkdir -p model &&", "false &&"))
    _check()
    assert repro.main() != 0 and settled.last() == ""
    assert _ran() == ["gather"]
    assert repro.main() != 0


def test_what_changes_while_the_stages_run_is_not_settled(clone: Path) -> None:
    Path("dvc.yaml").write_text(GRAPH.replace("echo train >> ran", "echo more >> raw/a.txt && echo train >> ran"))
    _check()
    assert repro.main() == 0 and _ran() == ["gather", "train"]
    assert settled.last() == ""
    Path("dvc.yaml").write_text(GRAPH)
    _check()
    assert repro.main() == 0 and _ran() == ["gather", "train"]
    assert Path("model/weights").read_text() == "one\nmore\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    deps: [rows/all.txt]\n    params: [size]\n    outs: [model]\n", ""),
        ("    outs: [model]\n", "    outs: [model]\n    always_changed: true\n"),
        ("[rows/all.txt]", "[rows/all.txt, 's3://bucket/rows']"),
        ("params: [size]", "params: [other.yaml: [size]]"),
        ("stages:\n", "vars: [other.yaml]\nstages:\n"),
    ],
    ids=["no deps", "always", "elsewhere", "other params", "vars"],
)
def test_a_graph_that_files_do_not_tell_all_of_is_left_to_dvc(clone: Path, old: str, new: str) -> None:
    assert not DvcYaml().restless()
    assert old in GRAPH
    Path("dvc.yaml").write_text(GRAPH.replace(old, new))
    assert DvcYaml().restless()


def test_the_lock_is_the_one_that_dvc_itself_writes(clone: Path) -> None:
    Path("params.yaml").write_text(
        'size: ["no", "012", "1e3", "12:30:45", "2026-12-01", "", "a: b", 名, 1.0, 2.0e-05, null, {long: "%s"}]\n'
        % ("word " * 40)
    )
    _check()
    for text in ("one\n", "two\n"):  # the second time there is a lock to be read
        Path("raw/a.txt").write_text(text)
        assert repro.main() == 0
    ours = Path("dvc.lock").read_bytes()
    subprocess.run([sys.executable, "-m", "dvc", "repro", "--quiet", "--force"], check=True)
    assert Path("dvc.lock").read_bytes() == ours and b"12:30:45" in ours


def test_a_stage_that_always_runs_runs_each_time(clone: Path) -> None:
    Path("dvc.yaml").write_text("stages:\n  greet:\n    cmd: echo greet >> ran\n")
    _check()
    for _ in range(2):
        assert repro.main() == 0 and _ran() == ["greet"]


def test_a_fault_stops_before_anything_runs(clone: Path, capfd: Captured) -> None:
    Path("params.yaml").write_text("size: 1\ncolour: blue\n")
    assert repro.main() == 1
    assert "params.yaml: " in capfd.readouterr().err
    assert _ran() == []


def test_what_an_iteration_has_left_is_pruned(clone: Path, capfd: Captured) -> None:
    graph = "stages:\n  fetch:\n    foreach: ITEMS\n    do:\n      cmd: echo ${item} > ${item}.txt\n      deps: [raw]\n      outs: ['${item}.txt']\n"
    for items, there in (("[one, two]", {"one.txt", "two.txt"}), ("[one]", {"one.txt"})):
        Path("dvc.yaml").write_text(graph.replace("ITEMS", items))
        _check()
        assert repro.main() == 0
        assert {path.name for path in clone.glob("*.txt")} == there
    assert "two.txt: removed: fetch@two is no stage any more" in capfd.readouterr().out
    assert settled.last() == settled.state(_mark())
