"""Runs a stage's own code with its chats watched: `python -m stages.cli.trial.watched ORDER MODULE OPTIONS…`.

Questions are made, looked up and taken apart by the code that a run uses; only who is asked is another. So what is told of a
stage's requests cannot differ from what it sends.
"""

import os
import runpy
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path
from typing import ClassVar, TextIO

from stages.chat import connect as connecting
from stages.chat import port as ports
from stages.chat import recorded
from stages.chat.allowance import BYTES, TEMPLATE
from stages.chat.messages import Backend, Reply, Request
from stages.chat.settings import Batch, ChatModel, OpenAI, Recorded, Transformers
from stages.chat.store import Store
from stages.cli.trial.exchange import Count, Exchange, Known, Order
from stages.cli.trial.silent import ReadOnlyStore, Silent
from stages.core.row import Record
from stages.judging import gate, grading
from stages.text import languages, tokenizers

FIRST = 64  # requests by whose mean length others are reckoned
AT_ONCE = 256  # questions whose tokens are counted together

Answered = tuple[Request, Reply, bool]  # whether it was let through


class WatchedPort(ports.Port):
    """The port, with whoever asks told to the order's report."""

    order: Order
    report: TextIO
    left: int
    real_backend = staticmethod(connecting.backend)

    def __init__(
        self, settings: ChatModel, backend: Backend | None, folder: Path | None = None, segments: Path = recorded.FOLDER
    ) -> None:
        """Take over from the real port; where nobody is to be asked, the backend is `Silent`."""
        super().__init__(settings, backend, folder, segments)
        if not self.order.asks or _silent(settings):
            free = {"max_requests": 0, "budget": 0, "price": None} if isinstance(settings, OpenAI) else {}
            self.settings = settings.model_copy(update={"missing": "ask", **free})
            self.backend = Silent(self.identity)

    def ask(self, requests: Iterable[Request], title: str, total: int | None = None) -> Iterator[Reply]:
        """Yield the replies as the port does, and tell of each."""
        size = len(requests) if isinstance(requests, Sized) else total
        told = self._shown if self.order.asks else self._counted
        for _, reply, _ in told(self._answered(requests, title, size), title):
            yield reply

    def _answered(self, requests: Iterable[Request], title: str, total: int | None) -> Iterator[Answered]:
        """Yield each request with its reply, in order; those that are not let through are missing."""
        ahead = deque[tuple[Request, bool]]()
        limited = self.settings.place == self.order.place

        def through() -> Iterator[Request]:
            for request in requests:
                wanted = not limited or (WatchedPort.left > 0 and _wanted(self.order, request))
                WatchedPort.left -= limited and wanted
                ahead.append((request, wanted))
                if wanted:
                    yield request

        def passed() -> Iterator[Answered]:
            while ahead and not ahead[0][1]:
                request, _ = ahead.popleft()
                yield request, Reply(row=request.row, text="", finish="missing"), False

        for reply in super().ask(through(), title, None if limited else total):
            yield from passed()
            yield ahead.popleft()[0], reply, True
        yield from passed()

    def _shown(self, answered: Iterable[Answered], title: str) -> Iterator[Answered]:
        for request, reply, wanted in answered:
            if wanted:
                self._tell(
                    Exchange(
                        place=self.settings.place,
                        model=self.author,
                        title=title,
                        row=request.row,
                        messages=tuple(request.messages),
                        max_tokens=request.max_tokens,
                        known=self._known(request, reply),
                        answer=reply.text,
                        finish=reply.ended,
                        fault=reply.fault or "",
                    )
                )
            yield request, reply, wanted

    def _counted(self, answered: Iterable[Answered], title: str) -> Iterator[Answered]:
        counter = Counter(Count(place=self.settings.place, model=self.author, title=title))
        try:
            for request, reply, wanted in answered:
                counter.add(request, request.key(self.identity), self._known(request, reply))
                yield request, reply, wanted
        finally:
            self._tell(counter.count())

    def _known(self, request: Request, reply: Reply) -> Known:
        if reply.recorded:
            return "recorded"
        if reply.finish == "missing":
            return "missing"
        came_in = reply.finish == "lost" or request.key(self.identity) in WatchedStore.added
        return "new" if came_in else "cached"

    def _tell(self, what: Record) -> None:
        self.report.write(what.model_dump_json() + "\n")
        self.report.flush()


class Counter:
    """Adds up requests."""

    def __init__(self, begun: Count) -> None:
        """Begin with nothing asked."""
        self.begun, self.known = begun, dict[Known, int](recorded=0, cached=0, missing=0)
        self.seen, self.waiting, self.first = set[str](), list[Request](), list[Request]()
        self.tokens = self.at_most = self.answers = self.longest = self.limit = 0

    def add(self, request: Request, key: str, known: Known) -> None:
        """Take one in."""
        self.longest, self.limit = max(self.longest, _dearest(request)), max(self.limit, request.max_tokens)
        if len(self.first) < FIRST:
            self.first.append(request)
        if known == "missing":
            if key in self.seen:
                return
            self.seen.add(key)
            self.at_most += _dearest(request)
            self.answers += request.max_tokens
            self.waiting.append(request)
            if len(self.waiting) == AT_ONCE:
                self._measure()
        self.known[known] += 1

    def count(self) -> Count:
        """Return what all came to."""
        self._measure()
        return self.begun.model_copy(
            update={
                "requests": sum(self.known.values()),
                "recorded": self.known["recorded"],
                "cached": self.known["cached"],
                "new": self.known["missing"],
                "prompt_tokens": self.tokens,
                "prompt_tokens_at_most": self.at_most,
                "answer_tokens_at_most": self.answers,
                "longest_prompt": self.longest,
                "mean_prompt": _tokens(self.first) / len(self.first) if self.first else 0.0,
                "longest_answer": self.limit,
            }
        )

    def _measure(self) -> None:
        self.tokens += _tokens(self.waiting)
        self.waiting = []


class WatchedStore(ReadOnlyStore):
    """The cache, which remembers what came in while it was watched, and is opened for writing only when there is something to write."""

    added: ClassVar[set[str]] = set()
    stores = False

    def __init__(self, folder: Path) -> None:
        """Look into the cache in `folder`."""
        super().__init__(folder)
        self.folder = folder
        self.real: Store | None = None

    def put(self, key: str, author: str, request: str, reply: Reply) -> bool:
        """Store a reply, or keep it until this is closed."""
        self.added.add(key)
        if self.stores:
            self._opened().put(key, author, request, reply)
        return super().put(key, author, request, reply)

    def spend(self, model: str, money: float) -> float:
        """Book what an answer cost."""
        return self._opened().spend(model, money) if self.stores else super().spend(model, money)

    def _opened(self) -> Store:
        if self.real is None:
            if self.there:
                self.there.close()
            self.there = self.real = Store(self.folder)
        return self.real


def _silent(settings: ChatModel) -> bool:
    """Whether nobody would answer now: by the backend, or because what is missing ends the stage."""
    return isinstance(settings, Batch | Recorded) or settings.missing != "ask"


def _wanted(order: Order, request: Request) -> bool:
    if (order.only and request.row not in order.only) or not request.row.startswith(order.row):
        return False
    return not order.language or languages.language_of(request.user) == order.language


def _dearest(request: Request) -> int:
    return sum(len(message["content"].encode()) // BYTES + TEMPLATE for message in request.messages)


def _tokens(requests: list[Request]) -> int:
    texts = (message["content"] for request in requests for message in request.messages)
    return sum(tokenizers.lengths(texts, tokenizers.QWEN)) if requests else 0


def _named(settings: ChatModel, base: Path) -> Backend | None:
    """Return a backend where only it knows the model's identity; none is opened when requests are counted."""
    return WatchedPort.real_backend(settings, base) if isinstance(settings, Transformers) else None


def _live(settings: ChatModel, base: Path) -> Backend | None:
    """Return the real backend where somebody is asked now, and where only it knows the model's identity."""
    return _named(settings, base) if _silent(settings) else WatchedPort.real_backend(settings, base)


def watch(order: Order, module: str, options: list[str]) -> None:
    """Run the stage `module` with `options`; what it asks goes to the order's report. It ends as the stage does."""
    WatchedPort.order, WatchedPort.left = order, order.rows or sys.maxsize
    vars(connecting).update(Port=WatchedPort, backend=_live if order.asks else _named)
    vars(ports).update(Store=WatchedStore)
    WatchedStore.stores = order.asks and order.stores
    grading.refuse_silence = lambda verdicts, judge: None  # no verdict was asked for, or not on all rows
    if order.judge_passes:
        gate.refusal_reason = lambda calibration, identity, use="grades": None
    os.environ.pop("DVC_STAGE", None)  # there is no dvc.yaml in a trial's folder to declare anything
    sys.argv = [module, *options]
    with order.report.open("w", encoding="utf-8") as WatchedPort.report:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    watch(Order.model_validate_json(sys.argv[1]), sys.argv[2], sys.argv[3:])
