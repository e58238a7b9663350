"""The input of the stages' benchmark, and what it makes of what it measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.pipeline import growth, slope
from benchmarks.pipeline_input import labelled, made, talks
from stages.answers.formats import parse
from stages.rows.instruction import Ask
from stages.rows.sample import Answer, Sample


def test_made_conversations_are_the_same_for_a_number_and_differ_from_one_another(root: Path) -> None:
    shipped = talks(root / "data/raw/real_estate")
    few, more = list(made(shipped, 5)), list(made(shipped, 40))
    assert few == more[:5]
    assert len({json.dumps(talk["turns"]) for talk in more}) == 40
    known = {talk["id"]: [turn["party"] for turn in talk["turns"]] for talk in shipped}
    assert all([turn["party"] for turn in talk["turns"]] == known[talk["id"]] for talk in more)


TALK = "Customer: The roof leaks in two places.\nProvider: Somebody comes on Friday. Will you be in?\nCustomer: After three."
ASKS = (
    Ask(kind="json", fields=("problem", "appointment")),
    Ask(kind="table", fields=("who", "what")),
    Ask(kind="label", labels=("yes", "no")),
    Ask(kind="list"),
)


def sample(ask: Ask) -> Sample:
    place = {"scene": "renting", "source": "im_messages", "role": "agent", "task": "reasoning", "language": "en"}
    ids = dict.fromkeys(("dialogue", "prompt", "instruction"), "x")
    text = {"before": "Read this.\n", "conversation": TALK, "after": "\nAnswer."}
    return Sample.model_validate({"id": ask.kind, "ask": ask, **place, **ids, **text})


def test_made_answers_have_their_form() -> None:
    rows = list(labelled(map(sample, ASKS), {}))
    assert [row.id for row in rows] == [ask.kind for ask in ASKS]
    assert all(parse(row.answer, row.ask) for row in rows)


def test_a_row_with_a_real_reply_keeps_it() -> None:
    said = Answer(id="list", answer="Friday.", author="conversation", dialogue="x", instruction="x", form="list")
    rows = {row.id: row for row in labelled(map(sample, ASKS), {"list": said})}
    assert (rows["list"].answer, rows["list"].origin) == ("Friday.", "provided")
    assert {row.origin for row in rows.values()} == {"provided", "model"}


@pytest.mark.parametrize(
    ("values", "found"), [([1, 2, 4], 1.0), ([1, 4, 16], 2.0), ([3, 3, 3], 0.0), ([0, 1, 2], None)]
)
def test_slope(values: list[float], found: float | None) -> None:
    assert slope([10, 20, 40], values) == found


def test_growth_is_that_above_the_tiny_input() -> None:
    sizes = [(64, 2.0, 100), (1000, 3.0, 110), (2000, 4.0, 220), (4000, 6.0, 440)]
    lines = [{"stage": "judge", "size": n, "cpu_seconds": cpu, "peak_mib": peak} for n, cpu, peak in sizes]
    assert list(growth(lines)) == [{"stage": "judge", "slope": 1.0, "n_log_n": 1.13, "memory_slope": 1.0}]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_the_work_of_processes_that_a_command_leaves_behind_counts(tmp_path: Path, root: Path) -> None:
    busy = "import time; end = time.process_time() + 1.5\nwhile time.process_time() < end: pass"
    starts = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {busy!r}])"
    target = tmp_path / "used.json"
    command = [sys.executable, str(root / "benchmarks/measured.py"), str(target), sys.executable, "-c", starts]
    subprocess.run(command, check=True)
    found = json.loads(target.read_text())
    assert found["cpu_seconds"] >= 1.5
