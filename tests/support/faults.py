"""A run against an endpoint where every fifth request goes wrong, each in a way that is planned by its number."""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from stages.chat import pace
from stages.chat.endpoint import Endpoint
from stages.chat.messages import Request, parse
from stages.chat.port import Port
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


def run(count: int, folder: Path, concurrency: int, timeout_s: float) -> dict[str, object]:
    """Ask `count` questions and once more; assert that all ended as planned and none was answered twice; return figures."""
    server, seen, answered, lock = Server(), Counter[int](), Counter[int](), threading.Lock()

    def script(body: dict[str, Any], _: int) -> Answer:
        number = int(body["messages"][-1]["content"])
        planned = fate(number)
        with lock:
            seen[number] += 1
            if seen[number] <= planned.times and planned.kind in PASSING:
                return PASSING[planned.kind](timeout_s)
            answered[number] += 1
        return ENDING[planned.kind][0] if planned.kind in ENDING else completion(GOOD)

    server.script = script
    model = settings(server.url, concurrency=concurrency, retries=RETRIES, timeout_s=timeout_s)
    schema = Form.model_json_schema()
    requests = [Request(row=f"r{n}", user=str(n), max_tokens=16, answer_schema=schema) for n in range(count)]
    first, pace.FIRST_S = pace.FIRST_S, 0.05
    try:
        outcomes = [
            parse(reply, Form) for reply in Port(model, Endpoint(model), folder, folder).ask(requests, "faults")
        ]
        asked = len(server.bodies)
        again = [parse(reply, Form) for reply in Port(model, Endpoint(model), folder, folder).ask(requests, "again")]
    finally:
        pace.FIRST_S = first
        server.http.shutdown()
        server.http.server_close()
    assert outcomes == [fate(n).ends or Form(score=7) for n in range(count)]
    lost = {n for n in range(count) if fate(n).ends is Reason.ENDPOINT_FAILED}  # never stored: the next run asks again
    assert again == [Form(score=7) if n in lost else outcome for n, outcome in enumerate(outcomes)]
    assert len(server.bodies) == asked + len(lost)
    assert max(answered.values()) == 1
    assert all(seen[n] == (fate(n).times + (fate(n).ends is None or n in lost) or 1) for n in range(count))
    ends = Counter(outcome.value if isinstance(outcome, Reason) else "kept" for outcome in outcomes)
    faults = Counter(fate(n).kind for n in range(count) if fate(n).kind)
    return {"in": count, **ends, "sent": asked, "answered_twice": 0, "faults": dict(sorted(faults.items()))}
