"""Rows mapped by several processes: order, failures, memory, and nothing that depends on how many there are."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path

import psutil
import pytest

from stages.core.chunks import CHUNK, Prepared
from stages.core.errors import InputError, WorkerError
from stages.core.rowwise import mapped


def by(factor: int, row: int) -> int:
    time.sleep(0.002 * (row % 3))  # so that chunks end out of order
    return factor * row


def unless(bad: int, row: int) -> int:
    if row == bad:
        raise InputError(f"no {bad} here")
    return row


def killed(row: int) -> int:
    if row == 2 * CHUNK:
        os.kill(os.getpid(), signal.SIGKILL)
    return row


def place(row: int) -> tuple[int, bool]:
    return os.getpid(), "torch" in sys.modules


def named(row: int) -> str:
    return f"id-{row}"


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_number_of_processes_changes_nothing(processes: int) -> None:
    rows = range(5 * CHUNK + 3)
    assert list(mapped(partial(by, 7), rows, processes, few=0)) == [7 * row for row in rows]


def test_few_rows_stay_in_this_process_and_many_do_not() -> None:
    few = [found for found, _ in mapped(place, range(CHUNK), 2, few=CHUNK)]
    many = [found for found, _ in mapped(place, range(CHUNK + 1), 2, few=CHUNK)]
    assert set(few) == {os.getpid()}
    assert os.getpid() not in many


def test_no_rows() -> None:
    assert list(mapped(named, [], 2, few=0)) == []


def test_a_worker_has_no_torch_even_where_its_parent_has() -> None:
    pytest.importorskip("torch")
    assert not any(torch for _, torch in mapped(place, range(4), 2, few=0))


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("bad", [0, CHUNK + 5])
def test_a_failure_comes_after_the_rows_before_it_and_names_its_row(processes: int, bad: int) -> None:
    found, results = list[int](), mapped(partial(unless, bad), range(4 * CHUNK), processes, few=0, named=named)
    with pytest.raises(InputError, match=f"no {bad} here") as raised:
        found.extend(results)
    assert found == list(range(bad))
    assert raised.value.__notes__ == [f"row {bad + 1}: id-{bad}"]


def test_a_process_that_is_killed_ends_the_stage_in_one_line() -> None:
    with pytest.raises(WorkerError, match=r"rows \d+ to \d+"):
        list(mapped(killed, range(6 * CHUNK), 2, few=0))


def test_no_more_rows_are_taken_than_are_worked_on() -> None:
    taken = 0

    def rows() -> Iterator[int]:
        nonlocal taken
        for row in count():
            taken += 1
            yield row

    assert list(islice(mapped(partial(by, 1), rows(), 2, few=0), CHUNK)) == list(range(CHUNK))
    assert taken <= 8 * CHUNK


ORPHANS = """
import os, time
from stages.core.chunks import CHUNK, Prepared
from stages.core.rowwise import mapped
from tests.core.test_rowwise import place

for pid, _ in mapped(place, range(9 * CHUNK), 2, few=0):
    print(pid, flush=True)
    time.sleep(30)
"""


def test_workers_end_with_a_parent_that_is_killed(root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", ORPHANS]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, alive = psutil.wait_procs([worker], timeout=120)
    assert not alive


KNOWN = set[int]()


def known_first(rows: Sequence[int]) -> None:
    if 70 in rows:
        raise ValueError
    KNOWN.update(rows)


def is_known(row: int) -> tuple[int, bool]:
    return row, row in KNOWN


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_made_ready_for_a_chunk_is_there_at_its_rows_and_its_failure_stops_nothing(processes: int) -> None:
    KNOWN.clear()
    found = list(mapped(Prepared(is_known, known_first), range(100), processes, few=0))
    assert [row for row, _ in found] == list(range(100))
    assert [row for row, known in found if not known] == list(range(64, 96))
