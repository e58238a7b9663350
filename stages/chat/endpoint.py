"""Backend `openai`: any OpenAI-compatible endpoint, many requests at once, each tried again while that may help.

The event loop runs in the caller's thread while replies are waited for, so that no more than `concurrency` answers are ever
sent and not yet stored. What goes wrong with one row is that row's reply, never an answer; the stage stops when the key, the
model or the address is wrong, or when too many rows fail: first those under way are taken, then one line is raised.
"""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import aiohttp
import openai
from pydantic import ValidationError

from stages.chat import pace
from stages.chat.addresses import addresses, direct, ends_as_usual, options, shown
from stages.chat.allowance import tokens_at_most
from stages.chat.body import Completion, read, reply
from stages.chat.bounds import MOST_BYTES, TooLarge, bound
from stages.chat.form import Form
from stages.chat.messages import Finish, Reply, Request
from stages.chat.pace import Address, Pace, asked_pause, back_off
from stages.chat.refusal import NAMED, Refusal
from stages.chat.settings import OpenAI
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from stages.core.progress import note
from stages.core.shares import part

PATIENCE_S = 600.0  # a longer pause than this ends the stage, if an endpoint asks for it
FEWEST = 5  # failures before a share of them says something
CACHED = "run again: answers so far are cached"


class Endpoint:
    """A backend over HTTP; the key comes from the environment and is never shown."""

    def __init__(self, settings: OpenAI) -> None:
        """Check key and addresses; nothing is sent yet."""
        self.settings, self.identity = settings, settings.identity
        self.form = Form(settings)  # as its refusals have taught, for as long as this process
        for url in addresses(settings):
            options(settings, url)

    def open(self) -> "Calls":
        """Make the clients."""
        return Calls(self)


class Failure(NamedTuple):
    """Why a request got no answer this time."""

    kind: str
    finish: Finish | None = None  # of the row's reply; None: another try may help
    counts: bool = True  # as a try of this row
    waits: bool = True  # before it is tried again
    busy: bool = False  # the endpoint, which would answer later
    page: bool = False  # what came is no API's answer
    paid: bool = False  # perhaps: an answer may have been written that did not arrive


class Calls:
    """Requests on their way to an endpoint and back."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Make a client for each address."""
        self.endpoint, self.settings = endpoint, endpoint.settings
        settings = self.settings
        self.runner = asyncio.Runner()
        self.loop = self.runner.get_loop()
        self.clients = {
            url: openai.AsyncOpenAI(
                **options(settings, url),
                http_client=openai.DefaultAioHttpClient(
                    mounts=direct(url), follow_redirects=False, event_hooks={"response": [bound]}
                ),
            )
            for url in addresses(settings)
        }
        self.pace = Pace(list(self.clients), settings.concurrency, self.loop)
        self.tasks = set[asyncio.Task[None]]()
        self.news = asyncio.Event()
        self.done: list[tuple[int, Reply]] = []
        self.fault: BaseException | None = None
        self.heard = False  # whether anything came that an API answers
        self.ended = 0
        self.repeats: Callable[[Request], bool] = lambda request: True  # whether to send again what may have been paid
        self.at_stake = set[int]()
        self.failures = Counter[str]()

    @property
    def room(self) -> int:
        """As many again as may be under way, for those that wait for another try."""
        return 0 if self.fault else 2 * self.settings.concurrency - len(self.tasks)

    def put(self, position: int, request: Request) -> None:
        """Take a request in; it is sent when its turn comes, while replies are waited for."""
        task = self.loop.create_task(self._one(position, request))
        self.tasks.add(task)
        task.add_done_callback(self._end)

    def take(self) -> list[tuple[int, Reply]]:
        """Return all replies that are there, at least one; or raise what stops the stage, when nothing is under way any more."""
        self.runner.run(self._wait())
        if self.fault and not self.done:
            raise self.fault
        taken, self.done = self.done, []
        self.pace.give_back(len(taken))
        return taken

    def finish(self) -> None:
        """All was answered; raise if too much of it was no answer."""
        if self.fault:
            raise self.fault

    def close(self) -> None:
        """Let go of what is under way."""
        self.runner.run(self._close())
        self.runner.close()

    async def _wait(self) -> None:
        while not self.done and not (self.fault and not self.pace.taken) and self.tasks:
            self.news.clear()
            await self.news.wait()

    async def _close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for client in self.clients.values():
            await client.close()

    def _end(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self.news.set()
        if not task.cancelled() and (error := task.exception()):
            self.fault = self.fault or error
            self.pace.stop()

    async def _one(self, position: int, request: Request) -> None:
        """Get the reply of one request; its turn is given back when the reply was taken, or before another try."""
        tries = pauses = 0
        failed = Counter[Address]()
        counts_from = math.inf  # tries that are told 429
        while True:
            address = await self.pace.turn(failed)
            counts_from = min(counts_from, self.loop.time() + pace.BUSY_S)
            try:
                self.at_stake.add(position)
                got = await self._send(address, request)
            except BaseException as error:
                if isinstance(error, EndpointError):  # refused
                    self.at_stake.discard(position)
                self.pace.give_back()
                raise
            if isinstance(got, Reply):
                self._count(position, got, "")
                return
            if not got.paid:
                self.at_stake.discard(position)
            tries += got.counts and not (got.busy and self.loop.time() < counts_from)
            if got.finish or tries > self.settings.retries or (got.paid and not self.repeats(request)):
                if got.page and not self.heard:
                    self.pace.give_back()
                    raise EndpointError(f"{self._place(address)}: {got.kind}")
                self._count(position, _failed(request, got, self.settings.limit(request.max_tokens)), got.kind)
                return
            failed[address] += 1
            self.pace.give_back()
            if got.waits:
                pauses += 1
                await asyncio.sleep(back_off(pauses))

    def _count(self, position: int, made: Reply, kind: str) -> None:
        """Hand over a reply, and stop the stage when too many of them are failures."""
        self.at_stake.discard(position)
        self.done.append((position, made))
        self.ended += 1
        if made.fault is not Reason.ENDPOINT_FAILED:
            return
        if (
            kind not in self.failures and "“" in kind
        ):  # the endpoint's own words, which say more than a count in a ledger
            note(f"{self.settings.place}: {kind}")
        self.failures[kind] += 1
        failed, share = self.failures.total(), self.settings.max_failures
        if failed >= FEWEST and failed > part(share, self.ended):
            kinds = ", ".join(f"{name} × {count}" for name, count in self.failures.most_common() if count)
            raise EndpointError(
                f"{self.settings.place}: {failed} of {self.ended} requests failed for good ({kinds}), more than "
                f"max_failures {share:g} allows; mend the cause or raise it, then `dial-insight cache forget --failed` and {CACHED}"
            )

    async def _send(self, address: Address, request: Request) -> Reply | Failure:
        form, sent = self.endpoint.form, self.loop.time()
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                content = await self.clients[address.url].post(
                    "/chat/completions", cast_to=bytes, body=form.body(request)
                )
            made = reply(request, read(Completion, content))
        except ValidationError:
            address.misses = 0
            address.failed(sent, self.loop.time())
            return self._unreadable(address, content, sent)
        except openai.APIStatusError as error:
            address.misses = 0
            self.heard |= isinstance(error.body, dict)
            if error.status_code in (400, 403, 422) and self._asks_less(error, request, form):
                return Failure("", counts=False, waits=False)
            return self._refused(address, Refusal.of(error, form.body(request), self.settings.key), sent)
        except (openai.APIConnectionError, aiohttp.ClientError, TimeoutError) as error:
            return self._lost(address, error, sent)
        finally:
            address.under_way -= 1
        address.misses = 0
        self.heard = True
        address.answered()
        if made.finish == "lost":
            return Failure(f"finish_reason is no end of an answer ({_reason(content)})", paid=True)
        return made

    def _asks_less(self, error: openai.APIStatusError, request: Request, form: Form) -> bool:
        """Whether a refusal was of a part of the request that can be left out; then it is, from here on."""
        less = form.less(error.body, request)
        if less and error.status_code == 403 and less.form.probabilities == form.probabilities:
            return False  # a refused key, or a filter that quotes the question: it forbids nothing but probabilities
        if less and self.endpoint.form is form:  # the first of those under way that hears of it
            self.endpoint.form = less.form
            if less.line:
                note(f"{self.settings.place}: {self.settings.model} {less.line}")
        return less is not None

    def _unreadable(self, address: Address, content: bytes, sent: float) -> Failure:
        """Return what status 200 without an answer means for the row: a passing fault, unless an error in it says more."""
        if content.lstrip()[:1] == b"<":
            return Failure("a web page instead of JSON; does base_url end in /v1?", page=True)
        try:
            told = json.loads(content)
        except (ValueError, RecursionError):
            return Failure("broken JSON; does base_url lead to the API?", page=True, paid=True)
        self.heard = True
        error = told.get("error") if isinstance(told, dict) else None
        return (
            self._refused(address, Refusal.within(error), sent)
            if error
            else Failure("JSON without an answer", paid=True)
        )

    def _refused(self, address: Address, error: Refusal, sent: float) -> Failure:
        """Return what an error means for the row, or raise what it means for the stage."""
        status, kind = error.status, error.kind
        if 300 <= status < 400:
            raise EndpointError(
                f"{self._place(address)} sends requests elsewhere (HTTP {status}), where customers' words are not sent after it; "
                "set base_url to the address where the API is"
            ) from None
        if error.filtered:
            return Failure(kind, "filter")
        if error.too_long:
            return Failure(kind, "context")
        if status in (401, 403, 404) or error.unpaid:
            raise EndpointError(self._stops(address, error)) from None
        if status not in (408, 409, 425, 429) and status < 500:
            return Failure(kind, "failed")
        if status == 429:
            address.slow_down(sent, self.loop.time())
        else:
            address.failed(sent, self.loop.time())
        pause = asked_pause(error.headers) if status in (429, 503) else None
        if pause is not None and pause > PATIENCE_S:
            raise EndpointError(
                f"{self._place(address)} asks for a pause of {pause:.0f} s; wait, then {CACHED}"
            ) from None
        if pause is not None:
            self.pace.rest(address, pause)
        return Failure(kind, waits=not pause, busy=status == 429)

    def _lost(self, address: Address, error: Exception, sent: float) -> Failure:
        """Return what a broken or slow connection means for the row, or raise that no address can be reached."""
        causes = _causes(error)
        if any(isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)) for cause in causes):
            if self.pace.missed(address, sent) > self.settings.retries:
                raise EndpointError(
                    f"{self._place(*self.pace.addresses)} cannot be reached; check base_url and that the endpoint runs, then {CACHED}"
                ) from None
            return Failure("not reached", counts=False, waits=False)
        address.failed(sent, self.loop.time())
        if any(isinstance(cause, TooLarge) for cause in causes):
            return Failure(f"a reply of more than {MOST_BYTES:,} bytes", "lost", paid=True)
        slow = any(isinstance(cause, TimeoutError) for cause in causes)
        kind = f"no answer within {self.settings.timeout_s:g} s (timeout_s)" if slow else "connection lost"
        return Failure(kind, paid=True)

    def _stops(self, address: Address, error: Refusal) -> str:
        place, key = self._place(address), self.settings.key_env
        if error.unpaid:
            return f"{place} has no credit left for the key in {key}; top it up, then {CACHED}"
        if error.status == 404:
            ending = "" if ends_as_usual(address.url) else ": does it end in /v1?"
            return f"{place} does not know the model {self.settings.model}; check model and base_url{ending}"
        return f"{place} refuses the key; check the environment variable {key}"

    def _place(self, *these: Address) -> str:
        return f"{self.settings.place}: {', '.join(shown(address.url) for address in these)}"


def _failed(request: Request, failure: Failure, limit: int) -> Reply:
    """Return the reply of a row that gets no answer; a last try that may have been paid counts with the tokens it has at most, `limit` of them its answer's."""
    most = {"prompt_tokens": tokens_at_most(request), "completion_tokens": limit} if failure.paid else {}
    return Reply(row=request.row, text="", finish=failure.finish or "lost", **most)


def _reason(content: bytes) -> str:
    """Return the finish_reason as it may be shown."""
    told = json.loads(content)["choices"][0].get("finish_reason")
    return told if isinstance(told, str) and NAMED.fullmatch(told) else "null" if told is None else "unknown"


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return an error and those behind it: the client renames what happened to a connection."""
    found = []
    while error:
        found.append(error)
        error = error.__cause__
    return found
