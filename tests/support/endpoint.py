"""A real OpenAI-compatible server on loopback, with answers scripted by the test."""

import json
import math
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stages.chat.settings import OpenAI


@dataclass(frozen=True)
class Odd:
    """An answer as endpoints should not give it: headers, bytes that are no JSON or too few, a reset, all after `wait_s`."""

    status: int = 200
    content: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int = 0  # bytes more than come
    endless: bool = False  # the content again and again, in chunks, until nobody reads any more
    reset: bool = False
    wait_s: float = 0.0


KEY = "sk-secret-of-the-test"
Script = Callable[[dict[str, Any], int], tuple[int, dict[str, Any]] | Odd]


def completion(text: str | None, finish: str = "stop") -> tuple[int, dict[str, Any]]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    return 200, {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def with_logprobs(text: str, shares: dict[str, float]) -> tuple[int, dict[str, Any]]:
    """Answer `text`, token by token, with the probabilities `shares` for the number in it."""
    number = next(re.finditer(r"\d+", text))
    pieces = [*re.findall(r"\W|\w+", text[: number.start()]), number.group(), text[number.end() :]]

    def told(piece: str, chances: dict[str, float]) -> dict[str, Any]:
        top = [{"token": name, "logprob": math.log(chance), "bytes": None} for name, chance in chances.items()]
        return {"token": piece, "logprob": math.log(chances[piece]), "bytes": None, "top_logprobs": top}

    status, made = completion(text)
    content = [told(piece, shares if piece == number.group() else {piece: 1.0}) for piece in pieces if piece]
    made["choices"][0]["logprobs"] = {"content": content, "refusal": None}
    return status, made


class Listening(ThreadingHTTPServer):
    request_queue_size = 512

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.connections = set[object]()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as socketserver has it
        super().shutdown_request(request)
        self.connections.discard(request)

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that are gone."""


class Server:
    """Counts requests, keeps what was sent, answers by `script(body, number of the request)`."""

    def __init__(self) -> None:
        self.script: Script = lambda body, _: completion("answer to " + body["messages"][-1]["content"])
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        self.now = self.peak = self.sent = 0  # sent: bytes of replies without an end
        self.lock = threading.Lock()
        self.http = Listening(self._handler())
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def settle(self) -> None:
        """Wait until all that clients have sent is counted; they have ended, and with them their connections."""
        with socket.create_connection(("127.0.0.1", self.http.server_port)) as last:
            last.shutdown(socket.SHUT_WR)
            last.recv(1)  # nothing comes: it was accepted, and so were all before it
        while self.http.connections:
            time.sleep(0.002)

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections stay open, as behind real endpoints
            wbufsize = -1  # head and body in one piece

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with server.lock:
                    server.bodies.append(body)
                    server.keys.append(self.headers["Authorization"])
                    server.headers.append({name.title(): value for name, value in self.headers.items()})
                    number = len(server.bodies)
                    server.now += 1
                    server.peak = max(server.peak, server.now)
                answer = server.script(body, number)
                if not isinstance(answer, Odd):
                    answer = Odd(answer[0], json.dumps(answer[1]).encode())
                time.sleep(answer.wait_s)
                with server.lock:
                    server.now -= 1
                self.reset() if answer.reset else self.send(answer)

            def send(self, answer: Odd) -> None:
                self.send_response_only(answer.status)
                if "Date" not in answer.headers:
                    self.send_header("Date", self.date_time_string())
                self.send_header("Content-Type", "application/json")
                if answer.endless:
                    return self.send_on(answer.content)
                self.send_header("Content-Length", str(len(answer.content) + answer.promised))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)
                self.close_connection = bool(answer.promised)

            def send_on(self, content: bytes) -> None:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.close_connection = True
                with suppress(OSError):
                    while True:
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
                        self.wfile.flush()
                        server.sent += len(content)
                        time.sleep(0.0 if len(content) > 1 else 0.05)

            def reset(self) -> None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                for end in (self.rfile, self.wfile, self.connection):
                    end.close()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def settings(url: str | tuple[str, ...], **changes: object) -> OpenAI:
    values: dict[str, object] = {
        "backend": "openai",
        "model": "m",
        "base_url": url,
        "temperature": 0.0,
        "top_p": 1.0,
        "concurrency": 4,
        "timeout_s": 60,  # longer than a busy machine stands still
        "retries": 2,
        "max_failures": 1,
    }
    return OpenAI.parse("llm.generator", values | changes)
