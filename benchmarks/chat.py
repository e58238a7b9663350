"""The chat port: how fast it asks, how fast it replays, what it holds, and what becomes of faults.

    python -m benchmarks.chat throughput   # at 64 and 256 in flight, beside a bare gather over the same client
    python -m benchmarks.chat replay       # rows a second from recorded answers and from the cache, under a higher limit, and unknown
    python -m benchmarks.chat memory       # peak memory after 100,000 and after 1,000,000 requests
    python -m benchmarks.chat faults       # 10,000 requests, every fifth with a planned fault, beside a bare gather

Prints JSON lines; only ratios count, times are those of this machine at this moment. Nothing is fetched, no model is asked.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openai

from stages.chat import recorded
from stages.chat.body import body
from stages.chat.endpoint import Endpoint
from stages.chat.messages import Reply, Request, parse
from stages.chat.port import Port
from stages.chat.settings import OpenAI
from stages.chat.store import Store

WORDS = "the customer asks whether this flat near the river has a lift and who pays for it " * 17  # about 300 tokens
LIMIT = 100  # tokens of an answer
IN_FLIGHT, TIMEOUT_S = 64, 3.0  # of the run with faults
ANSWER = json.dumps(
    {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": WORDS[:400]}, "finish_reason": "stop"},
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": 90, "total_tokens": 390},
    }
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)


class Costless(asyncio.Protocol):
    """A server that reads as little as it can and always says the same."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport, self.got = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self.got += data
        while (end := self.got.find(b"\r\n\r\n")) >= 0:
            place = self.got[:end].lower().index(b"content-length:") + 15
            whole = end + 4 + int(self.got[place:end].split(b"\r\n", 1)[0])
            if len(self.got) < whole:
                return
            self.got = self.got[whole:]
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.write(HEAD + ANSWER)


def serve(pipe: Connection) -> None:
    """Serve until ended; tell the port."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Costless, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def settings(url: str = "http://nowhere", concurrency: int = 256, missing: str = "ask") -> OpenAI:
    """Return settings of a model that is not there."""
    values = {"backend": "openai", "model": "m", "base_url": url, "temperature": 0.0, "top_p": 1.0, "missing": missing}
    return OpenAI.parse("llm.generator", values | {"concurrency": concurrency})


def questions(count: int, limit: int = LIMIT, seed: int = 0) -> Iterator[Request]:
    """Yield requests of about 300 tokens, all different."""
    return (Request(row=str(n), user=f"{n} {WORDS}", max_tokens=limit, seed=seed) for n in range(count))


def rate(port: Port, count: int, limit: int = LIMIT, seed: int = 0) -> float:
    """Return the replies a second of one run; with a seed of their own they are all unknown."""
    began, wanted = time.perf_counter(), "missing" if seed else "stop"
    asked = questions(count, limit, seed)
    assert sum(reply.finish == wanted for reply in port.ask(asked, "benchmark", count)) == count
    return count / (time.perf_counter() - began)


def bare(
    model: OpenAI, requests: Iterable[Request], retries: int = 0
) -> tuple[float, list[str | BaseException | None]]:
    """Return the seconds of a gather over the official client, behind a semaphore, with nothing else, and what each request got."""

    async def run() -> tuple[float, list[str | BaseException | None]]:
        client = openai.AsyncOpenAI(
            api_key="none",
            base_url=str(model.base_url),
            max_retries=retries,
            timeout=model.timeout_s,
            http_client=openai.DefaultAioHttpClient(),
        )
        turns = asyncio.Semaphore(model.concurrency)

        async def one(request: Request) -> str | None:
            sent: dict[str, Any] = body(request, model)
            async with turns:
                text: str | None = (await client.chat.completions.create(**sent)).choices[0].message.content
                return text

        async with client:
            began = time.perf_counter()
            got = await asyncio.gather(*map(one, requests), return_exceptions=True)
            return time.perf_counter() - began, got

    return asyncio.run(run())


def bare_rate(model: OpenAI, count: int) -> float:
    """Return the answers a second of the bare client."""
    took_s, got = bare(model, questions(count))
    assert all(isinstance(text, str) and text for text in got)
    return count / took_s


def throughput(count: int, rounds: int) -> Iterator[dict[str, object]]:
    """Compare the port with the bare client, in turns."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/v1"
    for concurrency in (64, 256):
        model, ratios = settings(url, concurrency), []
        for _ in range(rounds):
            with TemporaryDirectory() as folder:
                port = rate(Port(model, Endpoint(model), Path(folder), Path(folder)), count)
            bare = bare_rate(model, count)
            ratios.append(port / bare)
            yield {"in_flight": concurrency, "port_per_s": round(port), "bare_per_s": round(bare)}
        yield {"in_flight": concurrency, "ratio": round(statistics.median(ratios), 3), "rounds": rounds}
    server.terminate()


class Ready:
    """A backend, and its session, that has the answer at once."""

    identity = settings().identity

    def __init__(self) -> None:
        """Begin."""
        self.done: list[tuple[int, Reply]] = []

    def open(self) -> "Ready":
        """Nothing is to be opened."""
        return self

    @property
    def room(self) -> int:
        """As many as an endpoint would have."""
        return 256 - len(self.done)

    def put(self, position: int, request: Request) -> None:
        """Answer."""
        made = Reply(row=request.row, text=WORDS[:400], finish="stop", prompt_tokens=300, completion_tokens=90)
        self.done.append((position, made))

    def take(self) -> list[tuple[int, Reply]]:
        """Return what was put in."""
        taken, self.done = self.done, []
        return taken

    def finish(self) -> None:
        """All was answered."""

    def close(self) -> None:
        """Nothing is held."""


def replay(count: int, rounds: int) -> Iterator[dict[str, object]]:
    """Measure what is answered from the cache, then from recorded answers, which are read before."""
    with TemporaryDirectory() as folder:
        cache, segments = Path(folder) / "cache", Path(folder) / "recorded"
        segments.mkdir()
        rate(Port(settings(), Ready(), cache, segments), count)
        rates = [rate(Port(settings(), None, cache, segments), count) for _ in range(rounds)]
        yield {"replay": "cache", "rows": count, "per_s": round(statistics.median(rates)), "best": round(max(rates))}
        drop = settings(missing="drop")
        for limit, seed in ((2 * LIMIT, 0), (LIMIT, 1), (10 * LIMIT, 1)):
            found = rate(Port(drop, None, cache, segments), count // 10, limit, seed)
            named = "unknown" if seed else f"cache, answered under {LIMIT} tokens"
            yield {"replay": named, "limit": limit, "rows": count // 10, "per_s": round(found)}
        recorded.write(Store(cache).answers(), segments)
        ports = [Port(settings(), None, Path(folder) / "empty", segments) for _ in range(rounds)]
        began = time.perf_counter()
        known = len(ports[0].recorded)
        reading = known / (time.perf_counter() - began)
        rates = [rate(port, count) for port in ports if port.recorded]
        yield {
            "replay": "recorded",
            "rows": count,
            "per_s": round(statistics.median(rates)),
            "best": round(max(rates)),
            "segments_read_per_s": round(reading),
        }


def memory(count: int) -> Iterator[dict[str, object]]:
    """Tell the peak after a tenth of the requests and after all, one run from a generator, none held by who asks."""
    peaks: list[float] = []
    with TemporaryDirectory() as folder:
        port = Port(settings(), Ready(), Path(folder), Path(folder) / "none")
        for n, _ in enumerate(port.ask(questions(count), "memory", count), 1):
            if n in (count // 10, count):
                peaks.append(peak_mb())
                yield {"requests": n, "peak_mb": peaks[-1]}
    yield {"requests": count, "ratio": round(peaks[1] / peaks[0], 3)}


def faults(count: int) -> Iterator[dict[str, object]]:
    """Ask an endpoint that fails, by the port, which has to end as planned, and by the bare client."""
    from tests.support.faults import run  # noqa: PLC0415 - the tests' server, only here

    os.environ.setdefault("OPENAI_API_KEY", "none")
    with TemporaryDirectory() as folder:
        yield {"by": "port"} | run(count, Path(folder), IN_FLIGHT, TIMEOUT_S) | {"peak_mb": peak_mb()}
    yield {"by": "bare gather"} | bare_faults(count) | {"peak_mb": peak_mb()}


def bare_faults(count: int) -> dict[str, object]:
    """Return what a gather over the official client, with as many retries, makes of the same faults, and what a second one pays again."""
    from tests.support import endpoint  # noqa: PLC0415 - as above
    from tests.support.faults import RETRIES, Failing, Form, questions  # noqa: PLC0415

    failing = Failing(TIMEOUT_S)
    model = endpoint.settings(failing.server.url, concurrency=IN_FLIGHT, timeout_s=TIMEOUT_S)
    took_s, got = bare(model, questions(count), RETRIES)
    sent, paid_twice = len(failing.server.bodies), failing.twice
    bare(model, questions(count), RETRIES)
    failing.close()
    texts = [text or "" for text in got if not isinstance(text, BaseException)]
    usable = sum(isinstance(parse(Reply(row="", text=text, finish="stop"), Form), Form) for text in texts)
    return {
        "in": count,
        "usable": usable,
        "texts_that_are_no_answers": len(texts) - usable,
        "exceptions": dict(Counter(type(error).__name__ for error in got if isinstance(error, BaseException))),
        "seconds": round(took_s, 1),
        "sent": sent,
        "answered_twice": paid_twice,
        "answered_again_by_a_rerun": failing.twice - paid_twice,
    }


def peak_mb() -> float:
    """Return the most memory of this process so far; the failing server is part of it."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("throughput", "replay", "memory", "faults"))
    parser.add_argument("--requests", type=int, help="how many; by default 3,000, 20,000, 1,000,000 and 10,000")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    n, rounds = options.requests, options.rounds
    lines = {
        "throughput": lambda: throughput(n or 3000, rounds),
        "replay": lambda: replay(n or 20_000, rounds),
        "memory": lambda: memory(n or 1_000_000),
        "faults": lambda: faults(n or 10_000),
    }[options.what]()
    for line in lines:
        print(json.dumps(line), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
