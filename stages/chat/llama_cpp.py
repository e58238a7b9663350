"""Backend `llama_cpp`: a GGUF model of the catalog in this process.

The library also listens on loopback, at a free port that nobody is told; `dial-insight serve` starts it at a known one.
Greedy answers turn at near-ties with the requests that are computed beside them, as with any batched backend; one slot
gives the same answer every time.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any

import psutil

from stages.catalog import download
from stages.catalog.catalog import Catalog
from stages.chat.body import Completion, body, reply
from stages.chat.messages import Reply, Request
from stages.chat.settings import ApiModel, LlamaCpp
from stages.core.errors import ModelError

try:
    from xllamacpp import CommonParams, Server
except ImportError as error:  # its OpenMP is the system's
    raise ModelError(f"llama.cpp cannot be loaded ({error}); install what it names (Debian: libgomp1)") from None

OVER_CONTEXT = "exceed_context_size_error"  # of an answer's error


def cores() -> int:
    """Return how many cores this process may use: a second thread on the same core would only spin beside the first."""
    visible = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(visible, psutil.cpu_count(logical=False) or visible)


def start(settings: LlamaCpp, port: int = 0) -> Server:
    """Return a loaded model that listens on loopback at `port`; 0: at a free one."""
    path = download.gguf(settings.model, f"{settings.place}.model")
    entry = Catalog.load().models[settings.model]
    if settings.context > entry.context:
        raise ModelError(
            f"{settings.place}.context: {settings.model} knows {entry.context} tokens, not {settings.context}; lower it"
        )
    try:
        return Server(_params(settings, path, port))
    except RuntimeError:  # it does not say of what
        whole = download.sha256(path) == entry.gguf.sha256
        raise ModelError(
            f"{settings.place}: no memory for {settings.slots} slots of {settings.context} tokens; lower slots or context"
            if whole
            else f"{settings.place}: {path} is damaged; delete it and run again: it is fetched anew"
        ) from None


def _params(settings: LlamaCpp, path: Path, port: int) -> CommonParams:
    made = CommonParams()
    made.model.path, made.model_alias = str(path), [settings.model]
    made.n_parallel, made.n_ctx = settings.slots, settings.slots * settings.context
    made.cpuparams.n_threads = made.cpuparams_batch.n_threads = settings.threads or cores()
    made.hostnames, made.port, made.ui = ["127.0.0.1"], port, False
    made.sampling.top_k, made.sampling.min_p = 0, 0.0  # nothing but temperature and top_p
    made.cache_ram_mib = 0  # gigabytes of earlier prompts otherwise
    made.verbosity = 0
    return made


class LlamaCppServer:
    """A backend that generates here, by llama.cpp."""

    def __init__(self, settings: LlamaCpp) -> None:
        """Nothing is fetched or loaded yet."""
        self.settings, self.identity = settings, settings.identity

    def open(self) -> "Serving":
        """Fetch the model if it is not here, and load it."""
        return Serving(self.settings, start(self.settings))


class Serving:
    """The model at work: a thread waits for each slot, which the library fills and batches."""

    def __init__(self, settings: LlamaCpp, server: Server) -> None:
        """Take a loaded model."""
        self.settings, self.server = settings, server
        self.form = ApiModel(model=settings.model, temperature=settings.temperature, top_p=settings.top_p)
        self.room = settings.slots
        self.threads = ThreadPoolExecutor(settings.slots)
        self.done = SimpleQueue[tuple[int, Reply | BaseException]]()
        self.closed = Event()

    def put(self, position: int, request: Request) -> None:
        """Take a request in."""
        self.room -= 1
        self.threads.submit(self._work, position, request)

    def take(self) -> list[tuple[int, Reply]]:
        """Wait for an answer, and return it with all others that are there."""
        taken: list[tuple[int, Reply]] = []
        while not taken or not self.done.empty():
            position, answer = self.done.get()
            if isinstance(answer, BaseException):
                raise answer
            self.room += 1
            taken.append((position, answer))
        return taken

    def finish(self) -> None:
        """All was answered."""

    def close(self) -> None:
        """Stop what is under way at its next token, and let go of the model."""
        self.closed.set()
        self.threads.shutdown(cancel_futures=True)
        del self.server

    def _work(self, position: int, request: Request) -> None:
        try:
            self.done.put((position, self._answer(request)))
        except BaseException as error:  # raised again where it is taken
            self.done.put((position, error))

    def _answer(self, request: Request) -> Reply:
        """Have the answer come token by token, as only such a one can be stopped."""
        chunks: list[dict[str, Any]] = []

        def more(chunk: dict[str, Any]) -> bool:
            chunks.append(chunk)
            return self.closed.is_set()

        asked = body(request, self.form) | {"stream": True, "stream_options": {"include_usage": True}}
        try:
            self.server.handle_chat_completions(asked, more)
        except ValueError:  # says more, perhaps a row's words
            raise ModelError(
                f"{self.settings.place}: {self.settings.model} takes no such request: its chat template or the answer's schema "
                "does not fit; take another model or backend"
            ) from None
        fault = next((chunk["error"] for chunk in chunks if "error" in chunk), None)
        if fault:
            finish = "context" if fault.get("type") == OVER_CONTEXT else "failed"
            return Reply(row=request.row, text="", finish=finish)
        return reply(request, Completion.model_validate(_whole(chunks)))


def _whole(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the completion that came in `chunks`."""
    pieces = [piece for chunk in chunks for piece in chunk.get("choices") or ()]
    told = [token for piece in pieces for token in (piece.get("logprobs") or {}).get("content") or ()]
    choice = {
        "message": {"content": "".join(piece["delta"].get("content") or "" for piece in pieces)},
        "finish_reason": next((piece["finish_reason"] for piece in pieces if piece.get("finish_reason")), None),
        "logprobs": {"content": told},
    }
    return {"choices": [choice], "usage": next((c["usage"] for c in reversed(chunks) if c.get("usage")), {})}
