"""Who may ask: pages of this server on this machine, and nobody else; what every reply says of itself."""

import hmac
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1 << 20  # bytes of a form
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
SAID: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuse foreign hosts (a name rebound to loopback) and origins (another site's page), and forms that are too long."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Let in requests for loopback names with this port."""
        self.app = app
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with one line, or let the page answer; either way with the same headers."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SAID)
            await send(message)

        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, told)

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        length = headers.get("content-length", "0")
        if headers.get("host") not in self.hosts:
            return refused("this page is for loopback names only; open the address that the command printed")
        if (origin is not None and origin not in self.origins) or site not in ("same-origin", "none"):
            return refused("another site's page may not ask here; open the address that the command printed")
        if not length.isdecimal() or int(length) > LARGEST or "transfer-encoding" in headers:
            return refused(f"a form has {LARGEST} bytes at most", 413)
        return None


def is_ours(token: str, given: str) -> bool:
    """Whether a form comes from a page of this process."""
    return hmac.compare_digest(token.encode(), given.encode())


def refused(why: str, status: int = 403) -> PlainTextResponse:
    """Return a refusal of one line."""
    return PlainTextResponse(f"review: {why}\n", status)
