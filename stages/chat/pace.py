"""How fast an endpoint is asked: less at once when it says 429, a pause when it asks for one, other addresses when one is gone."""

import asyncio
import math
import random
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import NamedTuple

FIRST_S, LONGEST_S = 0.5, 60.0  # of the pauses before further tries
BUSY_S = (
    120.0  # for which a request that is told 429 waits without a try of its own being counted: limits are by the minute
)


def back_off(tries: int) -> float:
    """Return the seconds to wait after `tries` failures in a row: twice as long each time, with up to half of it left to chance."""
    longest = min(LONGEST_S, FIRST_S * 2.0 ** min(tries - 1, 32))
    return longest * (1 - random.random() / 2)


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, by Retry-After (seconds or a date) or retry-after-ms; None: it does not."""
    told = headers.get("retry-after", "")
    for text, unit in ((headers.get("retry-after-ms", ""), 1000), (told, 1)):
        try:
            seconds = float(text) / unit
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    until, now = _moment(told), _moment(headers.get("date", ""))  # by the clock of whoever gave the date
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _moment(told: str) -> float | None:
    """Return a date as seconds; None: it is no date."""
    try:
        return parsedate_to_datetime(told).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


class Address:
    """One of the addresses behind a name."""

    def __init__(self, url: str, most: int) -> None:
        """Begin with up to `most` requests at once."""
        self.url, self.most = url, most
        self.limit = float(most)  # at once, as 429 has taught
        self.under_way = self.misses = 0  # misses: how often it could not be reached, in a row
        self.failures = 0  # in a row
        self.rests_until = self.slowed_at = self.missed_at = self.failed_at = self.doubted_until = -math.inf

    @property
    def load(self) -> float:
        """What share of its limit is under way; 1: none may be added."""
        return self.under_way / int(self.limit)

    def answered(self) -> None:
        """Let one more through for each limit's worth of answers."""
        self.limit = min(self.most, self.limit + 1 / self.limit)
        self.failures, self.doubted_until = 0, -math.inf

    def failed(self, sent: float, now: float) -> None:
        """Doubt an address that gave no answer to a request sent at `sent`: for a while others come first, as it looks idle."""
        if sent >= self.failed_at:  # else one of many that found out together
            self.failures, self.failed_at = self.failures + 1, now
            self.doubted_until = now + back_off(self.failures)

    def slow_down(self, sent: float, now: float) -> None:
        """Halve what was under way, once for all requests that were sent (`sent`) before this could help."""
        if sent >= self.slowed_at:
            self.limit, self.slowed_at = max(1.0, min(self.limit, self.under_way) / 2), now


class Waiting(NamedTuple):
    """A request that waits for its turn."""

    turn: asyncio.Future[Address]
    failed: Counter[Address]  # how often it failed where


class Pace:
    """Turns to send: at most `most` in all, each at the address with the least to do of those that answer."""

    def __init__(self, urls: Sequence[str], most: int, loop: asyncio.AbstractEventLoop) -> None:
        """Give turns within `loop`."""
        self.addresses, self.most, self.loop = [Address(url, most) for url in urls], most, loop
        self.taken = 0  # turns not given back
        self.stopped = False
        self.queue = deque[Waiting]()

    async def turn(self, failed: Counter[Address] | None = None) -> Address:
        """Wait for a turn and return its address, first one where this request `failed` least; cancelled when no more may be sent."""
        if self.stopped:
            raise asyncio.CancelledError
        waiting = Waiting(self.loop.create_future(), failed or Counter())
        self.queue.append(waiting)
        self.serve()
        return await waiting.turn

    def give_back(self, turns: int = 1) -> None:
        """Let as many others have a turn."""
        self.taken -= turns
        self.serve()

    def serve(self) -> None:
        """Give turns to those who wait, first come, first served."""
        while self.queue and (free := self._free(self.queue[0].failed)):
            turn = self.queue.popleft().turn
            if not turn.done():  # else no longer wanted
                free.under_way += 1
                self.taken += 1
                turn.set_result(free)

    def stop(self) -> None:
        """Give no more turns."""
        self.stopped = True
        while self.queue:
            self.queue.popleft().turn.cancel()

    def rest(self, address: Address, seconds: float) -> None:
        """Send nothing to `address` for a while."""
        until = self.loop.time() + seconds
        if until > address.rests_until:
            address.rests_until = until
            self.loop.call_at(until, self.serve)

    def missed(self, address: Address, sent: float) -> int:
        """Let an address rest that could not be reached by a request sent at `sent`; return the fewest misses in a row of any."""
        if sent >= address.missed_at:  # else one of many that found out together
            address.misses, address.missed_at = address.misses + 1, self.loop.time()
            self.rest(address, back_off(address.misses))
        return min(other.misses for other in self.addresses)

    def _free(self, failed: Counter[Address]) -> Address | None:
        if self.taken >= self.most:
            return None
        now = self.loop.time()
        free = [address for address in self.addresses if address.load < 1 and address.rests_until <= now]
        return min(free, key=lambda address: (failed[address], address.doubted_until > now, address.load), default=None)
