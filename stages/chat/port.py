"""The chat port: a stream of requests in, their replies out in order, while later ones are under way.

What data/recorded or the cache has answered is never asked again, nor what ended by itself under a lower limit of tokens; the rest goes to the backend, or, by `missing`, is dropped
or fails the stage. What another run that shares the cache is asking at this moment is waited for, while other questions are asked. Only a window of requests is held at a time, so memory does not grow with their number.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sized
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep

from stages.chat import recorded
from stages.chat.allowance import Allowance
from stages.chat.messages import Backend, ByFile, Paid, Reply, Request, Session, author
from stages.chat.settings import ChatModel, OpenAI
from stages.chat.store import Store, default_folder
from stages.core.errors import EndpointError
from stages.core.progress import bar, note

WINDOW = 2048  # requests read ahead of the first one without a reply
CHUNK = 256  # of them looked up at once
LIMITS = 8  # of tokens, under which answers were found, that are tried first
MOMENT_S = 0.1  # that is spent on reading while replies may be waiting
LOOK_S = 0.2  # between two looks for what another run asks


@dataclass(slots=True)
class Slot:
    """A place in the order of replies."""

    row: str
    reply: Reply | None = None


class Port:
    """A chat: a backend behind recorded answers, cache and progress bar."""

    def __init__(
        self, settings: ChatModel, backend: Backend | None, folder: Path | None = None, segments: Path = recorded.FOLDER
    ) -> None:
        """Put recorded answers (`segments`) and the cache in `folder` (by default the repository's) before `backend`."""
        self.settings, self.backend = settings, backend
        self.folder, self.segments = folder or default_folder(), segments
        self.identity = backend.identity if backend else settings.identity
        self.author = author(self.identity)
        self.sent = 0  # requests of all streams so far

    @cached_property
    def recorded(self) -> dict[str, recorded.Answer]:
        """What is in the segments, by key."""
        return recorded.load(self.segments)

    def ask(self, requests: Iterable[Request], title: str, total: int | None = None) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; every new answer is stored as soon as it is there."""
        count = len(requests) if isinstance(requests, Sized) else total
        with ExitStack() as stack:
            store = stack.enter_context(closing(Store(self.folder)))
            shown = stack.enter_context(bar(count, f"{title}: {self.author.split('@')[0]}", "answers"))
            run = Run(self, store, iter(requests), stack)
            stack.callback(self._count, run.allowance)
            for slot in run.slots_in_order():
                assert slot.reply is not None
                run.thoughtful += slot.reply.said.thought
                if run.is_last:  # now, as nobody need ask for more after the last one
                    run.conclude(title)
                yield slot.reply if slot.reply.row == slot.row else slot.reply.model_copy(update={"row": slot.row})
                shown.update()
                run.allowance.show(shown)

    def _count(self, allowance: Allowance) -> None:
        self.sent = allowance.sent


class Run:
    """One stream of requests on its way through the port."""

    def __init__(self, port: Port, store: Store, requests: Iterator[Request], stack: ExitStack) -> None:
        """Nothing is read or asked yet; the backend's session closes with `stack`."""
        self.port, self.store, self.requests, self.stack = port, store, requests, stack
        self.session: Session | None = None
        self.slots = deque[Slot]()
        self.waiting: dict[str, list[Slot]] = {}  # by key: the same question is asked once
        self.open = deque[tuple[str, Request]]()  # to be put in
        self.inside: dict[int, tuple[str, Request]] = {}
        self.elsewhere: list[tuple[str, Request]] = []  # asked by another run
        self.waits = False  # whether that was said
        self.looked = 0.0  # when it was last seen whether that one has got them
        self.asked = self.missing = self.thoughtful = 0
        self.whole: set[str] | None = None  # keys of stored answers that ended by themselves, once one is looked for
        self.limits = deque[int](maxlen=LIMITS)
        self.exhausted = False
        settings = port.settings
        self.allowance = Allowance(settings if isinstance(settings, OpenAI) else None, store, port.sent)

    def slots_in_order(self) -> Iterator[Slot]:
        """Yield each slot as soon as all before it and itself have a reply."""
        while True:
            while self._reads:
                self._read()
            if self.slots and self.slots[0].reply:
                yield self.slots.popleft()
            elif self.slots:
                self._work()
            elif self.exhausted:
                return

    @property
    def _reads(self) -> bool:
        """Whether to read on: until it is known if the first slot is the last, there is something to ask, or the window is full."""
        ready = len(self.slots) > 1 and self.slots[0].reply
        return not (self.exhausted or self.open or ready or len(self.slots) >= WINDOW)

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after the slots that were yielded."""
        return self.exhausted and not self.slots

    def _read(self) -> None:
        """Read requests, as many as are looked up at once or come within a moment, and answer what is known."""
        keyed, until = list[tuple[str, Request]](), monotonic() + MOMENT_S
        while len(keyed) < CHUNK and monotonic() < until:
            request = next(self.requests, None)
            if request is None:
                self.exhausted = True
                break
            keyed.append((request.key(self.port.identity), request))
        recorded_answers = self.port.recorded
        unknown = [key for key, _ in keyed if key not in recorded_answers]
        stored = self.store.get(unknown) if unknown else {}
        for key, request in keyed:
            answer = recorded_answers.get(key)
            known = answer.reply(request.row) if answer else stored.get(key) or self._below(request)
            slot = Slot(request.row, known)
            self.slots.append(slot)
            if slot.reply is None:
                self._want(key, request, slot)

    def _below(self, request: Request) -> Reply | None:
        """Return the answer that ended by itself under the next lower limit of tokens: under a higher one it is the same."""
        if self.whole is None:
            self.whole = self.store.whole()
        held = self.port.recorded
        if not held and not self.whole:
            return None
        for limit, key in request.keys_below(self.port.identity, self.limits):
            if key in held:
                reply: Reply | None = held[key].reply(request.row)
            elif key in self.whole:
                reply = self.store.get([key]).get(key)  # None: forgotten since
            else:
                continue
            if reply and reply.ended == "stop":
                if limit not in self.limits:
                    self.limits.append(limit)
                return reply
        return None

    def _want(self, key: str, request: Request, slot: Slot) -> None:
        if key in self.waiting:
            self.waiting[key].append(slot)
        elif self.port.settings.missing == "ask" and self.port.backend:
            self.waiting[key] = [slot]
            self.open.append((key, request))
        else:
            self.missing += 1
            slot.reply = Reply(row=request.row, text="", finish="missing")

    def _work(self) -> None:
        """Put in what there is room for, then wait for replies."""
        session = self.session or self._opened()
        if self.elsewhere and monotonic() > self.looked + LOOK_S:
            self.open.extendleft(reversed(self.elsewhere))
            self.elsewhere, self.looked = [], monotonic()
        for key, request in self._granted(session.room) if self.open else ():
            self.inside[self.asked] = key, request
            session.put(self.asked, request)
            self.asked += 1
        if not self.inside and self.allowance.refusal:
            raise EndpointError(f"{self.port.settings.place}: {self.allowance.refusal}")
        if self.inside or self.open:
            self._take(session)
        elif self.elsewhere:
            self._wait()

    def _wait(self) -> None:
        """Wait a moment for what another run asks; say so once."""
        if not self.waits:
            note(
                f"{self.port.settings.place}: {len(self.elsewhere)} questions are being asked by another run: waiting for its answers"
            )
        self.waits = True
        sleep(LOOK_S)

    def _opened(self) -> Session:
        """Have the backend get ready; when it is closed, nothing is asked here any more."""
        assert self.port.backend is not None
        self.stack.callback(self._let_go)
        self.session = self.stack.enter_context(closing(self.port.backend.open()))
        if isinstance(self.session, Paid):
            self.session.repeats = self.allowance.repeats
        return self.session

    def _let_go(self) -> None:
        """Give back what was claimed and booked for requests without a reply, but for the money that may be paid."""
        paid = self.session.at_stake if isinstance(self.session, Paid) else ()
        with self.store.transaction():
            self.store.release([key for key, _ in self.inside.values()])
            for position, (_, request) in self.inside.items():
                if position not in paid:
                    self.allowance.give_back(request)

    def _granted(self, room: int) -> list[tuple[str, Request]]:
        """Return up to `room` questions that are to be asked here and now: those nobody has answered meanwhile and no other run asks."""
        granted: list[tuple[str, Request]] = []
        self.allowance.refusal = ""  # of an earlier look; what was refused then may have been answered by another run
        with self.store.transaction():
            while self.open and len(granted) < room:
                key, request = self.open[0]
                if reply := self.store.get([key]).get(key):
                    self._answer(key, reply)
                elif not self.store.claim(key):
                    self.elsewhere.append((key, request))
                elif self.allowance.grants(request):
                    granted.append((key, request))
                else:
                    self.store.release([key])
                    break
                self.open.popleft()
        return granted

    def _take(self, session: Session) -> None:
        """Wait for replies, and store them."""
        taken = [(*self.inside.pop(position), reply) for position, reply in session.take()]
        with self.store.transaction():
            for key, request, reply in taken:
                if reply.finish == "missing":  # waits in a file
                    continue
                if reply.finish != "lost":
                    self.store.put(key, self.port.author, request.fingerprint, reply)
                self.allowance.settle(request, reply)
            self.store.release([key for key, _, _ in taken])
            self.store.renew()
        for key, _, reply in taken:
            self._answer(key, reply)

    def _answer(self, key: str, reply: Reply) -> None:
        for slot in self.waiting.pop(key):
            slot.reply = reply

    def conclude(self, title: str) -> None:
        """Say what was missing, or fail."""
        if self.session:
            self.session.finish()
        if self.thoughtful:
            note(f"{title}: {self.thoughtful} answers had thoughts before them, which were taken off")
        if not self.missing:
            if isinstance(self.port.backend, ByFile):
                self.port.backend.gone_on(self.port.recorded)
            return
        place = self.port.settings.place
        line = f"{title}: {self.missing} requests are neither recorded nor cached for {self.port.identity}"
        remedy = f"set {place}.backend to one that answers (docs/backends.md)"
        if self.port.settings.missing == "fail":
            raise EndpointError(f"{line}; {remedy}, or {place}.missing to drop")
        note(f"{line}: dropped as not_recorded; to have them answered, {remedy}")
