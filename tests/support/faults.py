"""A run against an endpoint where every fifth request goes wrong, each in a way that is planned by its number."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from stages.chat import pace
from stages.chat.endpoint import Calls, Endpoint, Failure
from stages.chat.messages import Reply, Request, parse
from stages.chat.pace import Address
from stages.chat.port import Port
from stages.chat.settings import OpenAI
from stages.core.dropped import Reason
from stages.core.row import Record
from tests.support.endpoint import Odd, Server, completion, settings

SHARE, LASTING = 0.2, 0.25  # of requests with a fault; of faults that may pass, those that never do
RETRIES = 3


class Form(Record):
    """What is asked for."""

    score: int


GOOD = '{"score": 7}'
Answer = tuple[int, dict[str, Any]] | Odd
PASSING: dict[str, Callable[[float], Answer]] = {
    "429": lambda _: (429, {"error": {"message": "slow down"}}),
    "429, pause in ms": lambda _: Odd(429, headers={"retry-after-ms": "30"}),
    "429, pause in s": lambda _: Odd(429, headers={"Retry-After": "0.05"}),
    "500": lambda _: (500, {"error": {"message": "oh"}}),
    "503": lambda _: Odd(503, b"<html>busy</html>"),
    "timeout": lambda timeout_s: Odd(wait_s=timeout_s + 0.5, reset=True),
    "reset": lambda _: Odd(reset=True),
    "truncated JSON": lambda _: Odd(content=b'{"choices": [{"mess', promised=90),
    "no choices": lambda _: (200, {"choices": []}),
}
ENDING: dict[str, tuple[Answer, Reason]] = {
    "empty": (completion(""), Reason.NO_ANSWER),
    "length": (completion('{"scor', "length"), Reason.TRUNCATED),
    "filter": (completion("", "content_filter"), Reason.FILTERED),
    "filter, 400": ((400, {"error": {"code": "data_inspection_failed"}}), Reason.FILTERED),
    "wrong schema": (completion('{"score": "many"}'), Reason.UNPARSABLE),
}


class Fate(NamedTuple):
    """What happens to a request: how often its fault, and what its row ends as."""

    kind: str = ""
    times: int = 0
    ends: Reason | None = None


def fate(number: int) -> Fate:
    """Return the plan of a request."""
    draw = Random(f"fault/{number}")
    if draw.random() >= SHARE:
        return Fate()
    kind = draw.choice([*PASSING, *ENDING])
    if kind in ENDING:
        return Fate(kind, 1, ENDING[kind][1])
    return Fate(kind, RETRIES + 1, Reason.ENDPOINT_FAILED) if draw.random() < LASTING else Fate(kind, 1)


class Planned(Endpoint):
    """An endpoint that gives up early what is planned to be too slow, and nothing else: a machine that stands still is no fault."""

    def __init__(self, model: OpenAI, timeout_s: float) -> None:
        super().__init__(model)
        self.timeout_s = timeout_s

    def open(self) -> Calls:
        return PlannedCalls(self)


class PlannedCalls(Calls):
    endpoint: Planned

    async def _send(self, address: Address, request: Request) -> Reply | Failure:
        usual = self.endpoint.settings
        slow = fate(int(request.user)).kind == "timeout"
        self.settings = usual.model_copy(update={"timeout_s": self.endpoint.timeout_s}) if slow else usual
        return await super()._send(address, request)


class Failing:
    """A server that answers each question as planned, and counts how often it was asked and answered."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s, self.lock = timeout_s, threading.Lock()
        self.seen, self.answered = Counter[int](), Counter[int]()
        self.server = Server()
        self.server.script = self.script

    def script(self, body: dict[str, Any], _: int) -> Answer:
        number = int(body["messages"][-1]["content"])
        planned = fate(number)
        with self.lock:
            self.seen[number] += 1
            if self.seen[number] <= planned.times and planned.kind in PASSING:
                return PASSING[planned.kind](self.timeout_s)
            self.answered[number] += 1
        return ENDING[planned.kind][0] if planned.kind in ENDING else completion(GOOD)

    @property
    def twice(self) -> int:
        """How many answers were given to a question that had one already."""
        return sum(self.answered.values()) - len(self.answered)

    def close(self) -> None:
        self.server.http.shutdown()
        self.server.http.server_close()


def questions(count: int) -> list[Request]:
    schema = Form.model_json_schema()
    return [Request(row=f"r{n}", user=str(n), max_tokens=16, answer_schema=schema) for n in range(count)]


def run(count: int, folder: Path, concurrency: int, timeout_s: float) -> dict[str, object]:
    """Ask `count` questions and once more; assert that all ended as planned and none was answered twice; return figures."""
    failing = Failing(timeout_s)
    model = settings(failing.server.url, concurrency=concurrency, retries=RETRIES)

    def outcomes(title: str) -> list[Form | Reason]:
        replies = Port(model, Planned(model, timeout_s), folder, folder).ask(questions(count), title)
        return [parse(reply, Form) for reply in replies]

    usual, (pace.FIRST_S, pace.BUSY_S) = (pace.FIRST_S, pace.BUSY_S), (0.05, 0.0)
    try:
        began = time.perf_counter()
        ended = outcomes("faults")
        took_s, asked = time.perf_counter() - began, len(failing.server.bodies)
        again = outcomes("again")
    finally:
        pace.FIRST_S, pace.BUSY_S = usual
        failing.close()
    planned = [fate(n) for n in range(count)]
    lost = {
        n for n in range(count) if planned[n].ends is Reason.ENDPOINT_FAILED
    }  # never stored: the next run asks again
    assert ended == [plan.ends or Form(score=7) for plan in planned]
    assert again == [Form(score=7) if n in lost else outcome for n, outcome in enumerate(ended)]
    assert len(failing.server.bodies) == asked + len(lost)
    assert failing.twice == 0
    assert all(
        failing.seen[n] == (plan.times + (plan.ends is None or n in lost) or 1) for n, plan in enumerate(planned)
    )
    ends = Counter(outcome.value if isinstance(outcome, Reason) else "kept" for outcome in ended)
    assert ends.total() == count
    return {
        "in": count,
        **ends,
        "seconds": round(took_s, 1),
        "sent": asked,
        "sent_by_a_rerun": len(lost),
        "answered_twice": failing.twice,
        "faults": dict(sorted(Counter(plan.kind for plan in planned if plan.kind).items())),
    }
