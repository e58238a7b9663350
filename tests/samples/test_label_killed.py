"""`label` killed at 50 random moments: nothing that was answered is lost, and what comes out is the same to the byte.

What cannot be promised: a request under way at the moment of a kill may have been answered, and is asked again.
"""

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stages.chat.messages import Request
from stages.chat.store import Store
from stages.core import jsonl
from stages.rows.sample import Answer, Sample
from stages.samples.label import main
from stages.samples.spliced import spliced
from tests.samples.conftest import dialogue, instruction, prompt
from tests.support.endpoint import Odd, Server, completion

pytestmark = pytest.mark.slow

KILLS, ROWS, CONCURRENCY, MAX_TOKENS = 50, 60, 4, 50
PATHS = {
    "prompts": "prompts.jsonl",
    "dialogues": "dialogues.jsonl",
    "missed": "missed.jsonl",
    "answers": "answers.jsonl",
    "replies": "replies.jsonl",
    "rubric": "rubric",
    "calibration": "calibration.json",
    "base": "nowhere",
    "target": "labels.jsonl",
    "ledger": "ledger.json",
}
MADE = ("labels.jsonl", "labels.dropped.jsonl", "ledger.json")


def script(body: dict[str, Any], number: int) -> Odd:
    """Answer by the question alone, after 5 to 40 ms: most in full, some cut off, some refused."""
    question = body["messages"][-1]["content"]
    draw = Random(question)
    kind = draw.choice(["stop"] * 8 + ["length", "content_filter"])
    answer = completion(f"The customer can pay {draw.randrange(400, 500)} thousand.", kind)[1]
    return Odd(content=json.dumps(answer).encode(), wait_s=draw.uniform(0.005, 0.04))


TALKS = [dialogue(number) for number in range(ROWS)]
PROMPTS = [prompt(talk, instruction(number % 12)) for number, talk in enumerate(TALKS)]


@pytest.fixture
def samples() -> list[Sample]:
    return [spliced(asked, talk) for asked, talk in zip(PROMPTS, TALKS, strict=True)]


@pytest.fixture
def folders(tmp_path: Path, root: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> "Folders":
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    server.script = script
    return Folders(tmp_path, server.url)


class Folders:
    """Makes folders in which the stage can run."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.count = root, 0
        model = {"backend": "openai", "model": "m", "base_url": url, "temperature": 0.0, "top_p": 1.0}
        model |= {"concurrency": CONCURRENCY, "retries": 0}
        label = {"missing": "ask", "replace": "none", "max_tokens": MAX_TOKENS}
        self.params = json.dumps({"llm": {"generator": model, "labeller": None}, "label": label})

    def new(self) -> Path:
        self.count += 1
        folder = self.root / str(self.count)
        folder.mkdir()
        (folder / "params.yaml").write_text(self.params)
        jsonl.write(folder / "prompts.jsonl", PROMPTS)
        jsonl.write(folder / "dialogues.jsonl", TALKS)
        jsonl.write(folder / "answers.jsonl", list[Answer]())
        (folder / "missed.jsonl").touch()
        (folder / "replies.jsonl").touch()
        return folder


def by_command(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the stage as DVC does."""
    words = [word for name, path in PATHS.items() for word in (f"--{name}", path)]
    command = [sys.executable, "-m", "stages.samples.label", *words]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)


def forked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> BaseProcess:
    """Start the stage in a process of its own that has its imports behind it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stages.samples.label", "stages.chat.endpoint"])
    monkeypatch.chdir(folder)
    process = context.Process(target=main, kwargs={k: Path(v) for k, v in PATHS.items()})
    process.start()
    return process


def wait_for(server: Server, requests: int, process: BaseProcess) -> None:
    """Wait until as many requests have come, or the process has ended."""
    while len(server.bodies) < requests and process.is_alive():
        time.sleep(0.002)


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in MADE}


def stored(folder: Path, samples: list[Sample]) -> set[str]:
    """Return the questions whose replies are stored."""
    if not (folder / ".llm-cache").exists():
        return set()
    with closing(Store(folder / ".llm-cache")) as store:
        keys = {key for (key,) in store.db.execute("SELECT key FROM answers")}
    identity = "m@openai t=0 p=1"
    asked = [Request(row=row.id, user=row.text, max_tokens=MAX_TOKENS) for row in samples]
    return {request.user for request in asked if request.key(identity) in keys}


def take_asked(server: Server) -> list[str]:
    """Return what was asked since the last call."""
    with server.lock:
        asked = [body["messages"][-1]["content"] for body in server.bodies]
        server.bodies.clear()
    return asked


def test_at_most_what_was_under_way_at_a_kill_is_asked_again_and_the_files_are_the_same(
    folders: Folders, server: Server, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = folders.new()
    assert by_command(whole).wait(300) == 0
    assert len(take_asked(server)) == ROWS
    expected = content(whole)
    dropped = json.loads(expected["ledger.json"])["dropped"]
    assert set(dropped) == {"truncated", "filtered"}

    draw, kills, runs, again = Random(11), 0, 0, 0
    while kills < KILLS:
        folder, runs = folders.new(), runs + 1
        before: Counter[str] = Counter()
        while True:
            known = stored(folder, samples)
            process = forked(folder, monkeypatch)
            wait_for(server, draw.randrange(0, 20), process)
            process.join(draw.uniform(0.0, 0.04))
            alive = process.exitcode is None
            if alive:
                process.kill()
            process.join(30)
            server.settle()
            asked = take_asked(server)
            assert not known & set(asked)
            assert not [question for question, count in Counter(asked).items() if count > 1]
            repeated = [question for question in asked if question in before]
            assert len(repeated) <= CONCURRENCY
            again += len(repeated)
            before.update(asked)
            if not alive or process.exitcode == 0:
                assert process.exitcode == 0
                break
            assert process.exitcode == -signal.SIGKILL
            for name in MADE:  # whole or not there
                assert not (folder / name).exists() or (folder / name).read_bytes() == expected[name]
            kills += 1
        assert content(folder) == expected
        assert len(before) == ROWS
    assert runs < KILLS  # several kills a run
    assert again > 0  # some kills hit requests under way


def test_the_command_killed_and_run_again_ends_as_if_nothing_had_been(
    folders: Folders, server: Server, samples: list[Sample]
) -> None:
    whole, killed = folders.new(), folders.new()
    assert by_command(whole).wait(300) == 0
    take_asked(server)
    process = by_command(killed)
    while len(server.bodies) < ROWS // 2:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.wait(30)
    server.settle()
    first, known = take_asked(server), stored(killed, samples)
    assert len(known) >= len(first) - CONCURRENCY
    assert by_command(killed).wait(300) == 0
    assert set(take_asked(server)) == {row.text for row in samples} - known
    assert content(killed) == content(whole)
