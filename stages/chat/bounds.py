"""A bound to what an endpoint may send: a reply without an end, or packed so that it swells, would else fill the memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp
import httpx2

MOST_BYTES = 64_000_000  # of one reply, unpacked; one of 4,096 tokens with 20 alternatives each has about 6


class TooLarge(aiohttp.ClientError):
    """More comes than any answer has."""


async def bound(response: httpx2.Response) -> None:
    """Have a response break off at `MOST_BYTES`; a hook of the HTTP client, which unpacks a megabyte at a time."""
    unpacked = response.aiter_bytes

    async def bounded(chunk_size: int | None = None) -> AsyncGenerator[bytes, None]:
        size = 0
        async with aclosing(unpacked(chunk_size)) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge
                yield chunk

    response.aiter_bytes = bounded  # type: ignore[method-assign]
