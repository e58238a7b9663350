"""Where an endpoint is: its addresses, how each is reached, and what of it may be shown."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

import openai

from stages.chat.settings import OpenAI
from stages.core.errors import EndpointError

CONNECT_S = 10.0  # until an address counts as not reached


def addresses(settings: OpenAI) -> tuple[str, ...]:
    """Return the addresses that serve the model, each once; an empty one is the client's default."""
    urls = (settings.base_url,) if isinstance(settings.base_url, str) else settings.base_url
    return tuple(dict.fromkeys(urls)) or ("",)


def options(settings: OpenAI, url: str) -> dict[str, Any]:
    """Return what the official client is made with; nothing is sent yet. A server of one's own may do without a key."""
    key = settings.key
    if not key and not url:
        raise EndpointError(f"{settings.place}: no API key; set the environment variable {settings.key_env}")
    if not re.fullmatch(r"[!-~]*", key):
        raise EndpointError(
            f"{settings.place}: the environment variable {settings.key_env} holds characters that no key has; set it again"
        )
    if url and not _is_address(url):
        raise EndpointError(f"{settings.place}: base_url {shown(url)} is no address; expected http(s)://HOST[:PORT]/v1")
    timeout = openai.Timeout(settings.timeout_s, connect=min(settings.timeout_s, CONNECT_S))
    return {"api_key": key or "none", "base_url": url or None, "timeout": timeout, "max_retries": 0}


def direct(url: str) -> dict[str, None]:
    """Return the `mounts` of a client: a loopback address is reached as it is, any other by the environment's proxy, if there is one.

    A proxy would look for loopback on its own machine.
    """
    host = urlsplit(url).hostname or ""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None} if loopback else {}


def shown(url: str) -> str:
    """Return an address as it may be shown: without a name and password in it."""
    return re.sub(r"//[^/@]*@", "//", url) or "the default endpoint"


def ends_as_usual(url: str) -> bool:
    """Whether an address ends in /v1, as those of APIs do; the client's default does."""
    return not url or urlsplit(url).path.rstrip("/").endswith("/v1")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
