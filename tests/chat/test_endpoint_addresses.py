"""The `openai` backend and where it asks: proxies, several addresses, keys."""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages.chat.addresses import direct, options
from stages.chat.endpoint import Endpoint
from stages.core.errors import EndpointError
from tests.support.asking import ask, asks, replies, stored
from tests.support.endpoint import Odd, Server, completion, settings

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Send all that follows the environment to a proxy."""

    def told(address: str) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, address)
            monkeypatch.setenv(name.upper(), address)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)

    return told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached_past_a_proxy_that_is_dead(
    server: Server, tmp_path: Path, proxied: Callable[[str], None], host: str
) -> None:
    proxied("http://127.0.0.1:9")
    url = server.url.replace("127.0.0.1", host)
    assert [made.finish for made in ask(settings(url), asks(3), tmp_path)] == ["stop"] * 3


def test_other_addresses_go_by_the_proxy_of_the_environment(
    server: Server, tmp_path: Path, proxied: Callable[[str], None]
) -> None:
    proxied(server.url.removesuffix("/v1"))
    made = ask(settings("http://models.example/v1"), asks(1), tmp_path)
    assert (made[0].finish, server.headers[0]["Host"]) == ("stop", "models.example")


@pytest.mark.parametrize(
    ("url", "past"),
    [
        ("http://[::1]:8000/v1", ["all://[::1]"]),
        ("http://LOCALHOST/v1", ["all://localhost"]),
        ("http://127.0.0.2/v1", ["all://127.0.0.2"]),
        ("http://10.0.0.1/v1", []),
        ("https://localhost.example/v1", []),
        ("", []),
    ],
)
def test_loopback_alone_is_past_a_proxy(url: str, past: list[str]) -> None:
    assert list(direct(url)) == past


def test_a_page_that_is_not_there_asks_for_v1(server: Server) -> None:
    server.script = lambda body, number: Odd(404, b"<html>Not Found</html>")
    with pytest.raises(EndpointError, match=r"check model and base_url: does it end in /v1\?"):
        replies(settings(server.url.removesuffix("/v1")), asks(1))


def test_an_endpoint_out_of_reach_is_said_after_the_retries(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:9/v1 cannot be reached; check base_url"):
        ask(settings("http://127.0.0.1:9/v1"), asks(9), tmp_path)
    assert stored(tmp_path) == 0


def test_of_several_addresses_the_one_with_the_least_to_do_is_asked(server: Server) -> None:
    other, all_others = Server(), threading.Event()

    def quick(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        if number == 22:
            all_others.set()
        return completion("quick")

    def slow(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        return completion("slow" if all_others.wait(60) else "never asked so often")

    server.script, other.script = quick, slow
    made = replies(settings((server.url, other.url)), asks(24))
    other.http.shutdown()
    assert Counter(reply.text for reply in made) == {"quick": 22, "slow": 2}


def test_an_address_that_is_gone_is_passed_over(server: Server) -> None:
    made = replies(settings(("http://127.0.0.1:9/v1", server.url), retries=0), asks(12))
    assert [reply.finish for reply in made] == ["stop"] * 12


def test_no_key_for_the_default_endpoint_is_said_before_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EndpointError, match="set the environment variable OPENAI_API_KEY"):
        Endpoint(settings(""))


def test_a_key_that_no_header_can_carry_is_said_and_not_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "“sk-quoted”")
    with pytest.raises(EndpointError, match="OPENAI_API_KEY holds characters that no key has") as caught:
        Endpoint(settings(server.url))
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8000/v1", "http://", "http://host:port/v1", "http://host:99999999"])
def test_what_is_no_address_is_said_before_sending(url: str) -> None:
    with pytest.raises(EndpointError, match="is no address; expected"):
        Endpoint(settings(url))


def test_a_server_of_ones_own_needs_no_key(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert options(settings(server.url, timeout_s=3.0), server.url)["max_retries"] == 0
    replies(settings(server.url), asks(1))
    assert server.keys == ["Bearer none"]
