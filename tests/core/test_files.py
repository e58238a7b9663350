"""Nothing half-written passes for whole."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.core.files import atomic


def test_a_whole_text_takes_the_name(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with atomic(target) as file:
        file.write("線\n")
        assert not target.exists()
    assert target.read_bytes() == "線\n".encode()
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_what_stood_there(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error), atomic(target) as file:
        file.write("new")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_leaves_what_stood_there_and_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    (tmp_path / "a.txt.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"a\.txt") as caught, atomic(target) as file:
        file.write("new" * 100_000)
    assert caught.value.errno == errno.ENOSPC
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_disk_that_fills_at_the_last_moment_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    target = tmp_path / "a.txt"
    with pytest.raises(OSError, match=r"a\.txt"), atomic(target) as file:
        file.write("new")
    assert list(tmp_path.iterdir()) == []


STAGE = """
import os, signal, sys
from pathlib import Path
from stages.core.files import atomic
from stages.core.stage import run

def main(target: Path, how: Path) -> None:
    with atomic(target) as file:
        file.write("new")
        if str(how) == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        file.write("new" * 100_000)

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
run(main)
"""


@pytest.mark.parametrize(
    ("how", "code", "line"),
    [
        ("interrupt", 130, "interrupted; nothing half-written was kept"),
        ("full", 2, "No space left on device; make room or rights, then run again"),
    ],
)
def test_a_stage_that_is_cut_short_says_so_in_one_line(
    tmp_path: Path, root: Path, how: str, code: int, line: str
) -> None:
    target = tmp_path / "a.txt"
    if how == "full":
        (tmp_path / "a.txt.partial").symlink_to("/dev/full")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", STAGE, str(target), how], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
