"""A bound to what an endpoint may send: a reply without an end would else fill the memory."""

from collections.abc import AsyncIterator

import aiohttp
import httpx2

MOST_BYTES = 64_000_000  # of one reply, as it comes; one of 4,096 tokens with 20 alternatives each has about 6


class TooLarge(aiohttp.ClientError):
    """More comes than any answer has."""


async def bound(response: httpx2.Response) -> None:
    """Have a response break off at `MOST_BYTES`; a hook of the HTTP client."""
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self.stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooLarge
            yield chunk

    async def aclose(self) -> None:
        await self.stream.aclose()
