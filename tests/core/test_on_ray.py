"""A real Ray on this machine: order, failures, what is left behind, and the same bytes from whole stages."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import count, islice
from pathlib import Path

import psutil
import pytest

from stages.core import engine, on_ray
from stages.core.chunks import CHUNK
from stages.core.errors import InputError, WorkerError
from stages.core.rowwise import mapped
from tests.core.test_chunks import SECRET, failing
from tests.core.test_rowwise import named, place, unless

if find_spec("ray") is None:
    pytest.skip("the extra `ray` is not installed", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray"), pytest.mark.filterwarnings("ignore::Warning:ray")]


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give Ray a folder of its own, with a name that is short enough for its sockets, and see that it is empty afterwards."""
    monkeypatch.setenv(engine.VARIABLE, "ray")
    monkeypatch.delenv(on_ray.ADDRESS, raising=False)
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)
        assert os.listdir(folder) == []


def test_order_is_kept_over_several_chunks_and_others_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "PARTS", 4)
    rows = range(20 * CHUNK + 3)
    assert list(mapped(named, rows, few=0)) == [f"id-{row}" for row in rows]
    assert os.getpid() not in [pid for pid, _ in mapped(place, range(CHUNK), few=0)]


def test_few_rows_do_not_start_ray() -> None:
    assert {pid for pid, _ in mapped(place, range(CHUNK), few=CHUNK)} == {os.getpid()}


@pytest.mark.parametrize("bad", [0, 5 * CHUNK + 5])
def test_a_failure_comes_after_the_rows_before_it_and_names_its_row(bad: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "PARTS", 2)
    found, results = list[int](), mapped(partial(unless, bad), range(9 * CHUNK), few=0, named=named)
    with pytest.raises(InputError, match=f"no {bad} here") as raised:
        found.extend(results)
    assert found == list(range(bad))
    assert raised.value.__notes__ == [f"row {bad + 1}: id-{bad}"]


def killed(row: int) -> int:
    if row == CHUNK:
        os.kill(os.getpid(), signal.SIGKILL)
    return row


def test_a_worker_that_is_killed_again_and_again_ends_the_stage_in_one_line() -> None:
    with pytest.raises(WorkerError, match=r"^rows 1 to 96: a worker of Ray ended \(\w+\); most likely memory ran out"):
        list(mapped(killed, range(3 * CHUNK), few=0))


def test_no_more_rows_are_taken_than_are_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "PARTS", 2)
    taken = 0

    def rows() -> Iterator[int]:
        nonlocal taken
        for row in count():
            taken += 1
            yield row

    assert list(islice(mapped(str, rows(), few=0), CHUNK)) == [str(row) for row in range(CHUNK)]
    chunk = CHUNK * max(2, on_ray.PER_CORE * len(os.sched_getaffinity(0)))
    assert taken <= (on_ray.TOGETHER + 1) * chunk + 1


def test_no_text_of_a_row_comes_into_rays_files_or_errors(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    texts, shut = list[bytes](), ray.shutdown

    def ended() -> None:  # before the folder is removed
        texts.extend(path.read_bytes() for path in temporary.rglob("*") if path.is_file())
        shut()

    monkeypatch.setattr(ray, "shutdown", ended)
    with pytest.raises(WorkerError) as caught:
        list(mapped(partial(failing, "TwoParts"), range(90), few=0))
    assert str(caught.value).startswith("TwoParts at ")
    assert texts and not [text for text in texts if SECRET.encode() in text]
    assert SECRET not in str(caught.value)


def test_a_cluster_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "digest", lambda name: "0" * 64 if name == "stages.core.chunks" else "")
    with pytest.raises(WorkerError, match=r"another state of stages\.core\.chunks; put the same commit on all of them"):
        list(mapped(str, range(9), few=0))


def test_an_address_at_which_nobody_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(on_ray.ADDRESS, "127.0.0.1:9")
    with pytest.raises(
        WorkerError, match=r"^RAY_ADDRESS: no Ray cluster answers at 127\.0\.0\.1:9; start it, or unset"
    ):
        list(mapped(str, range(9), few=0))


INTERRUPTED = """
import os, sys, time
sys.path.insert(0, os.getcwd())
from stages.core.rowwise import mapped
from stages.core.stage import run
from tests.core.test_on_ray import slowly

def main() -> None:
    for row in mapped(slowly, range(10**6), few=0):
        print(row, flush=True)

run(main)
"""


def slowly(row: int) -> int:
    time.sleep(0.01)
    return row


def test_an_interrupted_stage_ends_in_one_line_and_leaves_no_process(root: Path, temporary: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(temporary)}
    command = [sys.executable, "-c", INTERRUPTED]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, env=environment, stdout=pipe, stderr=pipe, text=True) as stage:
        assert stage.stdout and stage.stderr
        assert stage.stdout.readline() == "0\n"
        children = psutil.Process(stage.pid).children(recursive=True)
        stage.send_signal(signal.SIGINT)
        assert stage.wait(300) == 130
        assert "interrupted; nothing half-written was kept" in stage.stderr.read().splitlines()[-1]
    _, alive = psutil.wait_procs(children, timeout=120)
    assert children and not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
