"""An endpoint that means harm, or is badly broken: what it sends costs its row at most, and nothing leaves for elsewhere."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

import pytest

from stages.chat import bounds, pace
from stages.chat.endpoint import Endpoint
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from tests.support.endpoint import KEY, Odd, Server, completion, settings

pytestmark = pytest.mark.usefixtures("impatient")


def ask(url: str | tuple[str, ...], folder: Path, count: int = 1, **changes: object) -> list[Reply]:
    model = settings(url, **changes)
    requests = [Request(row=f"r{n}", user=str(n), max_tokens=16) for n in range(count)]
    return list(Port(model, Endpoint(model), folder, folder).ask(requests, "t"))


def test_a_reply_without_an_end_is_broken_off(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1_000_000)
    server.script = lambda body, number: Odd(content=b" " * 65536, endless=True)
    [reply] = ask(server.url, tmp_path, timeout_s=60)
    assert reply.fault is Reason.ENDPOINT_FAILED
    assert len(server.bodies) == 1  # such a one would fill the line again
    assert server.sent < 50_000_000  # what buffers on the way hold is sent too


@pytest.mark.parametrize(("status", "coding"), [(200, "gzip"), (200, "deflate"), (200, "gzip, gzip"), (400, "gzip")])
def test_a_reply_that_swells_as_it_is_unpacked_is_broken_off(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, coding: str
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1_000_000)
    packed = packed_zeros(swollen := 64 * 2**20, coding)
    assert len(packed) < 100_000
    server.script = lambda body, number: Odd(status=status, content=packed, headers={"Content-Encoding": coding})
    tracemalloc.start()
    try:
        [reply] = ask(server.url, tmp_path, timeout_s=60)
        assert tracemalloc.get_traced_memory()[1] < swollen / 4
    finally:
        tracemalloc.stop()
    assert reply.fault is Reason.ENDPOINT_FAILED
    assert len(server.bodies) == 1


def packed_zeros(size: int, coding: str) -> bytes:
    """Return `size` zeros, packed by each coding in turn."""
    pieces = iter([bytes(2**20)] * (size // 2**20))
    for name in coding.split(", "):
        packer = zlib.compressobj(wbits=31 if name == "gzip" else 15)
        pieces = iter([*map(packer.compress, pieces), packer.flush()])
    return b"".join(pieces)


def test_a_packed_answer_is_read(server: Server, tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(completion("x" * 100_000)[1]).encode())
    server.script = lambda body, number: Odd(content=packed, headers={"Content-Encoding": "gzip"})
    assert [reply.text for reply in ask(server.url, tmp_path)] == ["x" * 100_000]


def test_an_error_without_an_end_is_broken_off_too(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1_000_000)
    server.script = lambda body, number: Odd(status=500, content=b" " * 65536, endless=True)
    assert [reply.fault for reply in ask(server.url, tmp_path, timeout_s=60)] == [Reason.ENDPOINT_FAILED]


def test_a_reply_that_drips_is_given_up_in_time(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: Odd(content=b" ", endless=True)
    began = time.monotonic()
    assert [reply.fault for reply in ask(server.url, tmp_path, timeout_s=0.5, retries=1)] == [Reason.ENDPOINT_FAILED]
    assert time.monotonic() - began >= 1.0  # both tries; a reply that drips on would keep this test from its end
    assert len(server.bodies) <= 2  # one that was given up may not have been sent, where the machine stood still


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_customers_words_are_not_sent_after_a_redirect(server: Server, tmp_path: Path, status: int) -> None:
    elsewhere = Server()
    place = elsewhere.url.replace("127.0.0.1", "localhost")
    server.script = lambda body, number: Odd(status=status, headers={"Location": f"{place}/chat/completions"})
    try:
        with pytest.raises(EndpointError, match=rf"sends requests elsewhere \(HTTP {status}\).*set base_url") as caught:
            ask(server.url, tmp_path)
    finally:
        elsewhere.http.shutdown()
        elsewhere.http.server_close()
    assert elsewhere.bodies == [] and KEY not in str(caught.value)


def test_half_a_surrogate_pair_is_no_reason_to_pay_again(server: Server, tmp_path: Path) -> None:
    made = json.dumps(completion("a cut smile \ud83d")[1]).encode()
    assert b"\\ud83d" in made
    server.script = lambda body, number: Odd(content=made)
    assert [reply.text for reply in ask(server.url, tmp_path)] == ["a cut smile \ufffd"]
    assert len(server.bodies) == 1
    whole = json.dumps(completion("a smile \U0001f600 \ud83d")[1]).encode()
    server.script = lambda body, number: Odd(content=whole)
    assert [reply.text for reply in ask(server.url, tmp_path / "b")] == ["a smile \U0001f600 \ufffd"]


def test_connections_that_the_server_closes_cost_no_row(server: Server, tmp_path: Path) -> None:
    """Says that it keeps the connection, and closes it."""

    def closing(body: dict[str, Any], number: int) -> Odd:
        cast(type[BaseHTTPRequestHandler], server.http.RequestHandlerClass).protocol_version = "HTTP/1.0"
        return Odd(content=json.dumps(completion("x")[1]).encode(), headers={"Connection": "keep-alive"})

    server.script = closing
    assert [reply.text for reply in ask(server.url, tmp_path, 40, concurrency=8, retries=5)] == ["x"] * 40


def test_an_address_that_fails_at_once_does_not_draw_all_requests(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FIRST_S", 0.2)
    broken = Server()
    broken.script = lambda body, number: (500, {"error": {"message": "no"}})

    def slow(body: dict[str, Any], number: int) -> Odd:
        return Odd(content=json.dumps(completion("x")[1]).encode(), wait_s=0.05)

    server.script = slow
    count = 60
    replies = ask((broken.url, server.url), tmp_path, count, concurrency=8, retries=3)
    broken.http.shutdown()
    broken.http.server_close()
    assert Counter(reply.text for reply in replies) == {"x": count}
    assert len(broken.bodies) < count


def test_a_pause_of_nothing_is_none(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST_S", 0.2)
    server.script = lambda body, number: Odd(429, headers={"Retry-After": "0"}) if number < 3 else completion("x")
    began = time.monotonic()
    assert [reply.text for reply in ask(server.url, tmp_path)] == ["x"]
    assert time.monotonic() - began >= 0.1 + 0.2  # half of each at least


@pytest.mark.parametrize(
    "odd",
    [
        Odd(content=b"\xff\xfe{}"),
        Odd(content=b"[" * 100_000),
        Odd(content=b"null"),
        Odd(headers={"Content-Encoding": "gzip"}, content=b"no gzip"),
        Odd(headers={"X-Long": "x" * 100_000}),
        Odd(status=299, content=b"{}"),
    ],
)
def test_what_is_malformed_is_its_rows_failure_or_one_line(server: Server, tmp_path: Path, odd: Odd) -> None:
    server.script = lambda body, number: completion("x") if number == 1 else odd
    replies = ask(server.url, tmp_path, 2, concurrency=1)
    assert [reply.fault for reply in replies] == [None, Reason.ENDPOINT_FAILED]
