"""Questions put to an endpoint, and what came of them: by a session alone, or through the port and its store."""

from collections import deque
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from stages.chat.endpoint import Endpoint
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.settings import OpenAI
from stages.chat.store import Store

TEXT = "the customer's own words"
ERROR: dict[str, Any] = {"error": {"message": TEXT}}


def asks(count: int) -> list[Request]:
    return [Request(row=f"r{n}", user=f"{TEXT} {n}", max_tokens=16) for n in range(count)]


def replies(model: OpenAI, requests: Iterable[Request]) -> list[Reply]:
    """Have a session answer, without the port."""
    return replies_of(Endpoint(model), requests)


def replies_of(endpoint: Endpoint, requests: Iterable[Request]) -> list[Reply]:
    got: dict[int, Reply] = {}
    waiting = deque(enumerate(requests))
    with closing(endpoint.open()) as session:
        while waiting or len(got) < len(list(requests)):
            while waiting and session.room > 0:
                session.put(*waiting.popleft())
            got.update(session.take())
        session.finish()
    return [got[n] for n in sorted(got)]


def ask(model: OpenAI, requests: Iterable[Request], folder: Path) -> list[Reply]:
    return list(Port(model, Endpoint(model), folder, folder).ask(requests, "t"))


def stored(folder: Path) -> int:
    with closing(Store(folder)) as store:
        count: int = store.db.execute("SELECT count(*) FROM answers").fetchone()[0]
        return count
