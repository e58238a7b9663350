"""Several runs, kills and failures before a real endpoint: a question is paid once, and a budget holds."""

import json
import multiprocessing
import os
import threading
import time
from collections import Counter
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil
import pytest

from stages.chat import pace
from stages.chat.allowance import tokens_at_most
from stages.chat.endpoint import Endpoint
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.store import Store
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from tests.support.endpoint import Odd, Server, completion, settings

PRICE = {"input": 1.0, "output": 2.0}
TOLD = (3 * 1.0 + 5 * 2.0) / 1e6  # what an answer of the tests' server costs


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tries follow each other quickly, and count those that are told 429."""
    monkeypatch.setattr(pace, "FIRST_S", 0.01)
    monkeypatch.setattr(pace, "BUSY_S", 0.0)


def asks(count: int) -> list[Request]:
    return [Request(row=f"r{n}", user=str(n), max_tokens=16) for n in range(count)]


def dearest(request: Request) -> float:
    return (tokens_at_most(request) * PRICE["input"] + request.max_tokens * PRICE["output"]) / 1e6


def ask(url: str, folder: Path, count: int, **changes: object) -> list[Reply]:
    model = settings(url, **changes)
    return list(Port(model, Endpoint(model), folder, folder).ask(asks(count), "t"))


def run(url: str, folder: Path, count: int, changes: dict[str, object]) -> None:
    """Ask in a process of its own, and leave the texts behind."""
    texts = [reply.text for reply in ask(url, folder, count, **changes)]
    (folder / f"{os.getpid()}.texts").write_text(json.dumps(texts))


def started(url: str, folder: Path, count: int, **changes: object) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=run, args=(url, folder, count, changes))
    process.start()
    return process


def spent(folder: Path) -> float:
    with closing(Store(folder)) as store:
        return store.spent("m@openai")


def test_two_runs_at_once_ask_each_question_once_and_share_the_work(server: Server, tmp_path: Path) -> None:
    both = threading.Barrier(2)

    def slow(body: dict[str, Any], number: int) -> Odd:
        if number <= 2:  # until a request of the second run is there, too
            both.wait(240)
        made = completion("re " + body["messages"][-1]["content"])[1]
        return Odd(content=json.dumps(made).encode(), wait_s=0.02)

    server.script = slow
    count = 40
    runs = [started(server.url, tmp_path, count, concurrency=1, timeout_s=300) for _ in range(2)]
    for process in runs:
        process.join(300)
        assert process.exitcode == 0
    asked = Counter(body["messages"][-1]["content"] for body in server.bodies)
    assert asked == Counter(str(n) for n in range(count))
    for process in runs:
        assert json.loads((tmp_path / f"{process.pid}.texts").read_text()) == [f"re {n}" for n in range(count)]


def test_what_a_killed_run_was_asking_is_asked_by_the_next_and_counts_as_paid(server: Server, tmp_path: Path) -> None:
    held = threading.Event()

    def stuck(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        held.wait(60)
        return completion("late")

    server.script = stuck
    process = started(server.url, tmp_path, 3, concurrency=3, price=PRICE, timeout_s=60)
    while len(server.bodies) < 3:
        assert process.is_alive()
        time.sleep(0.01)
    process.kill()
    process.join(30)
    held.set()
    under_way = sum(map(dearest, asks(3)))
    assert spent(tmp_path) == pytest.approx(under_way)
    began = time.monotonic()
    assert [reply.text for reply in ask(server.url, tmp_path, 3, price=PRICE)] == ["late"] * 3
    assert time.monotonic() - began < 300  # nobody waits for the dead
    assert spent(tmp_path) == pytest.approx(under_way + 3 * TOLD)


def test_a_claim_is_of_one_process_as_long_as_it_lives(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        assert store.claim("a") and store.claim("a")  # one's own
        other = os.getppid()
        store.db.execute("UPDATE claims SET pid = ?, born = born - 1", (other,))
        assert store.claim("a")  # of an earlier process with its number
        store.release(["a"])
        from stages.chat.store import _born

        store.db.execute("INSERT INTO claims VALUES ('a', ?, ?, ?)", (other, _born(other), time.time() + 60))
        store.release(["a"])
        assert not store.claim("a")
        store.db.execute("UPDATE claims SET until = ?", (time.time() - 1,))
        assert store.claim("a")


def test_a_claim_holds_where_the_clock_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.getppid()
    from stages.chat.store import _born

    with closing(Store(tmp_path)) as store:
        store.db.execute("INSERT INTO claims VALUES ('a', ?, ?, ?)", (other, _born(other), time.time() + 60))
        begun, booted = psutil.Process(other).create_time(), psutil.boot_time()
        monkeypatch.setattr(psutil.Process, "create_time", lambda self: begun + 3)  # both are of the clock on the wall
        monkeypatch.setattr(psutil, "boot_time", lambda: booted + 3)
        assert not store.claim("a")


def test_two_runs_keep_to_one_budget(server: Server, tmp_path: Path) -> None:
    one = dearest(asks(1)[0])
    budget = 4.5 * one
    held = threading.Event()

    def stuck(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        held.wait(60)
        return completion("x")

    server.script = stuck
    changes: dict[str, object] = {"price": PRICE, "budget": budget, "concurrency": 4, "timeout_s": 60}
    first = started(server.url, tmp_path, 3, **changes)
    while len(server.bodies) < 3:
        assert first.is_alive()
        time.sleep(0.01)
    model = settings(server.url, **changes)
    others = [Request(row=f"r{n}", user=f"other {n}", max_tokens=16) for n in range(2)]

    def let_go() -> None:
        while len(server.bodies) < 4:
            time.sleep(0.01)
        time.sleep(0.5)  # in which a fifth would come
        held.set()

    threading.Thread(target=let_go, daemon=True).start()
    assert len(list(Port(model, Endpoint(model), tmp_path, tmp_path).ask(others, "t"))) == 2
    first.join(300)
    assert first.exitcode == 0
    assert server.peak == 4  # three of one run, and the one that the budget still covered
    assert spent(tmp_path) == pytest.approx(5 * TOLD)


@pytest.mark.parametrize("odd", [Odd(reset=True), Odd(content=b'{"choices": [{"mess'), completion("x", "error")])
def test_tries_that_may_have_been_paid_count_at_their_dearest(
    server: Server, tmp_path: Path, odd: Odd | tuple[int, dict[str, Any]]
) -> None:
    server.script = lambda body, number: completion("first") if number == 1 else odd if number < 4 else completion("x")
    replies = ask(server.url, tmp_path, 2, price=PRICE, concurrency=1)
    assert [reply.text for reply in replies] == ["first", "x"]
    assert spent(tmp_path) == pytest.approx(2 * TOLD + 2 * dearest(asks(2)[1]))


def test_no_further_try_where_the_budget_does_not_cover_it(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: Odd(reset=True)
    budget = 2.5 * dearest(asks(1)[0])
    [reply] = ask(server.url, tmp_path, 1, price=PRICE, budget=budget, retries=5)
    assert reply.fault is Reason.ENDPOINT_FAILED
    assert len(server.bodies) == 2
    assert spent(tmp_path) == pytest.approx(2 * dearest(asks(1)[0])) and spent(tmp_path) <= budget


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_what_is_refused_costs_nothing(server: Server, tmp_path: Path, status: int) -> None:
    server.script = lambda body, number: (status, {"error": {"message": "no"}})
    try:
        ask(server.url, tmp_path, 6, price=PRICE, concurrency=2, retries=1)
    except EndpointError:
        assert status in (401, 404)
    assert spent(tmp_path) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("usage", [{"prompt_tokens": -9, "completion_tokens": -9}, {"prompt_tokens": 3}, {}, None])
def test_an_endpoint_that_counts_wrongly_or_not_is_booked_at_the_most(
    server: Server, tmp_path: Path, usage: object
) -> None:
    made = completion("x")[1] | {"usage": usage}
    server.script = lambda body, number: (200, made)
    assert [reply.text for reply in ask(server.url, tmp_path, 1, price=PRICE)] == ["x"]
    assert spent(tmp_path) == pytest.approx(dearest(asks(1)[0]))


def test_a_limit_of_tokens_in_the_body_is_what_an_answer_can_cost(server: Server, tmp_path: Path) -> None:
    limit = {"max_tokens": 4096}
    made = completion("x")[1] | {"usage": None}
    server.script = lambda body, number: (200, made)
    most = dearest(asks(1)[0].model_copy(update=limit))
    with pytest.raises(EndpointError, match="budget"):
        ask(server.url, tmp_path, 1, price=PRICE, budget=most / 2, extra_body=limit)
    assert not server.bodies
    ask(server.url, tmp_path, 1, price=PRICE, extra_body=limit)
    assert [body["max_tokens"] for body in server.bodies] == [4096]
    assert spent(tmp_path) == pytest.approx(most)


def test_the_last_try_of_a_lost_row_is_booked_with_that_limit_too(server: Server, tmp_path: Path) -> None:
    limit = {"max_tokens": 4096}
    server.script = lambda body, number: Odd(reset=True)
    ask(server.url, tmp_path, 1, price=PRICE, extra_body=limit, retries=1)
    most = dearest(asks(1)[0].model_copy(update=limit))
    assert spent(tmp_path) == pytest.approx(2 * most)


def test_under_two_names_the_higher_limit_is_what_an_answer_can_cost(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: (200, completion("x")[1] | {"usage": None})
    ask(server.url, tmp_path, 1, price=PRICE, token_limit="max_tokens", extra_body={"max_completion_tokens": 5})
    assert spent(tmp_path) == pytest.approx(dearest(asks(1)[0]))  # of 16 tokens, not of 5
