"""What ends a stage that asks an endpoint, and what is kept when it does."""

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stages.chat.store import Store
from stages.core.errors import EndpointError
from tests.support.asking import ERROR, TEXT, ask, asks, replies, stored
from tests.support.endpoint import KEY, Odd, Server, completion, settings

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        (
            Odd(content=b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
            "a web page instead of JSON; does base_url end in /v1?",
        ),
        (Odd(content=b"\n <html>busy</html>"), "a web page instead of JSON"),
        (Odd(content=b'{"choices": ['), "broken JSON; does base_url lead to the API?"),
        (Odd(content=b"OK"), "broken JSON"),
        (Odd(content=b'{"a":' * 5000), "broken JSON"),
        (Odd(content=b""), "broken JSON"),
    ],
)
def test_what_no_api_answers_stops_the_stage_in_one_line(server: Server, tmp_path: Path, odd: Odd, says: str) -> None:
    server.script = lambda body, number: odd
    with pytest.raises(EndpointError) as caught:
        ask(settings(server.url), asks(2), tmp_path)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"llm.generator: {server.url}")
    assert stored(tmp_path) == 0
    busy = len(server.bodies) + 2  # a page now and then, of an API that answered before: one more try
    server.script = lambda body, number: odd if number == busy else completion("fine")
    assert [reply.text for reply in replies(settings(server.url, concurrency=1), asks(4))] == ["fine"] * 4


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (401, {}, "refuses the key; check the environment variable OPENAI_API_KEY"),
        (403, {}, "refuses the key"),
        (404, {}, "does not know the model m"),
        (402, {}, "no credit left"),
        (429, {"code": "insufficient_quota"}, "no credit left"),
    ],
)
def test_what_no_row_can_mend_stops_the_stage_in_one_line(
    server: Server, tmp_path: Path, status: int, error: dict[str, str], says: str
) -> None:
    server.script = lambda body, number: (status, {"error": {"message": f"{TEXT} {KEY}"} | error})
    with pytest.raises(EndpointError) as caught:
        ask(settings(server.url), asks(30), tmp_path)
    message = str(caught.value)
    assert says in message and message.startswith(f"llm.generator: {server.url} ") and "\n" not in message
    assert TEXT not in message and KEY not in message
    assert len(server.bodies) <= 8
    assert stored(tmp_path) == 0  # the row was not at fault


def test_answers_under_way_when_the_stage_stops_are_kept_and_not_asked_again(server: Server, tmp_path: Path) -> None:
    three_others = threading.Event()

    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        if number == 8:
            three_others.set()
        if number == 6:
            three_others.wait(60)
            return 403, ERROR
        time.sleep(0.1)  # so that the refusal overtakes the three others
        return completion("kept")

    server.script = script
    with pytest.raises(EndpointError):
        ask(settings(server.url), asks(20), tmp_path)
    kept, first = stored(tmp_path), len(server.bodies)
    assert (
        kept == first - 1 >= 6
    )  # all but the refused one; whether one more had been sent by then is the machine's matter
    server.script = lambda body, number: completion("new")
    texts = [reply.text for reply in ask(settings(server.url), asks(20), tmp_path)]
    assert (texts.count("kept"), texts.count("new")) == (kept, 20 - kept)
    assert len(server.bodies) == first + 20 - kept


def test_too_large_a_share_of_failures_stops_the_stage(server: Server, tmp_path: Path) -> None:
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        return (400, {"error": {"message": TEXT, "code": "bad_thing"}}) if number % 2 else completion("x")

    server.script = script
    with pytest.raises(EndpointError) as caught:
        ask(settings(server.url, max_failures=0.3, concurrency=1), asks(40), tmp_path)
    message = str(caught.value)
    assert "5 of 9 requests failed for good (HTTP 400 bad_thing × 5), more than max_failures 0.3 allows" in message
    assert "cache forget --failed" in message and TEXT not in message
    assert len(ask(settings(server.url, max_failures=0.6, concurrency=1), asks(40), tmp_path)) == 40


def test_a_share_passed_at_the_very_end_stops_the_stage_too(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: (400, ERROR)
    with pytest.raises(EndpointError, match="5 of 5 requests failed for good"):
        ask(settings(server.url, max_failures=0.5, concurrency=1), asks(5), tmp_path)


def test_failed_rows_are_not_asked_again_unless_told_to(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: (400, ERROR)
    assert ask(settings(server.url), asks(3), tmp_path)[0].finish == "failed"
    server.script = lambda body, number: completion("fine")
    assert ask(settings(server.url), asks(3), tmp_path)[0].finish == "failed"
    with closing(Store(tmp_path)) as store:
        assert store.forget(failed=True) == 3
    assert ask(settings(server.url), asks(3), tmp_path)[0].text == "fine"


def test_a_server_that_goes_away_in_mid_run_stops_the_stage_and_loses_nothing(server: Server, tmp_path: Path) -> None:
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        if number == 10:
            server.http.shutdown()
            server.http.server_close()
        return completion("x") if number < 10 else Odd(reset=True)

    server.script = script
    with pytest.raises(EndpointError, match="cannot be reached"):
        ask(settings(server.url, concurrency=2, retries=3), asks(30), tmp_path)
    assert stored(tmp_path) == 9


def test_too_long_a_pause_ends_the_stage(server: Server) -> None:
    server.script = lambda body, number: Odd(429, headers={"Retry-After": "86400"})
    with pytest.raises(EndpointError, match="asks for a pause of 86400 s; wait, then run again"):
        replies(settings(server.url), asks(1))
