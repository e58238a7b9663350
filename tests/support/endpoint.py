"""A real OpenAI-compatible server on loopback, with answers scripted by the test."""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stages.chat.settings import ChatModel

Script = Callable[[dict[str, Any], int], tuple[int, dict[str, Any]]]


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


class Server:
    """Counts requests, keeps what was sent, answers by `script(body, number of the request)`."""

    def __init__(self) -> None:
        self.script: Script = lambda body, _: completion("answer to " + body["messages"][-1]["content"])
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.now = self.peak = 0
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with server.lock:
                    server.bodies.append(body)
                    server.keys.append(self.headers["Authorization"])
                    number = len(server.bodies)
                    server.now += 1
                    server.peak = max(server.peak, server.now)
                status, answer = server.script(body, number)
                with server.lock:
                    server.now -= 1
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
    made = Server()
    yield made
    made.http.shutdown()


def settings(url: str, **changes: object) -> ChatModel:
    values: dict[str, object] = {
        "backend": "openai",
        "model": "m",
        "base_url": url,
        "temperature": 0.0,
        "top_p": 1.0,
        "batch_tokens": 4096,
        "concurrency": 4,
        "timeout_s": 5,
        "retries": 2,
        "max_requests": 0,
    }
    return ChatModel.model_validate(values | changes)
