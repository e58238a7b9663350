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
from typing import TextIO

from stages.chat import connect as connecting
from stages.chat import port as ports
from stages.chat import recorded
from stages.chat.messages import Backend, Reply, Request
from stages.chat.settings import Batch, ChatModel, OpenAI, Recorded, Transformers
from stages.cli.trial.counting import Counter
from stages.cli.trial.exchange import Count, Exchange, Known, Order
from stages.cli.trial.silent import Silent
from stages.cli.trial.store import WatchedStore
from stages.core.row import Record
from stages.judging import gate, grading
from stages.text import languages

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
                        max_tokens=self.settings.limit(request.max_tokens),
                        known=self._known(request, reply),
                        answer=reply.text,
                        finish=reply.ended,
                        fault=reply.fault or "",
                    )
                )
            yield request, reply, wanted

    def _counted(self, answered: Iterable[Answered], title: str) -> Iterator[Answered]:
        counter = Counter(Count(place=self.settings.place, model=self.author, title=title), self.settings)
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


def _silent(settings: ChatModel) -> bool:
    """Whether nobody would answer now: by the backend, or because what is missing ends the stage."""
    return isinstance(settings, Batch | Recorded) or settings.missing != "ask"


def _wanted(order: Order, request: Request) -> bool:
    if (order.only and request.row not in order.only) or not request.row.startswith(order.row):
        return False
    return not order.language or languages.language_of(request.user) == order.language


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
    WatchedStore.asks, WatchedStore.stores = order.asks, order.asks and order.stores
    grading.refuse_silence = lambda verdicts, judge: None  # no verdict was asked for, or not on all rows
    if order.judge_passes:
        gate.refusal_reason = lambda calibration, identity, use="grades": None
    os.environ.pop("DVC_STAGE", None)  # there is no dvc.yaml in a trial's folder to declare anything
    sys.argv = [module, *options]
    with order.report.open("w", encoding="utf-8") as WatchedPort.report:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    watch(Order.model_validate_json(sys.argv[1]), sys.argv[2], sys.argv[3:])
