import time
from pathlib import Path

import pytest

from stages.chat.cache import Cached
from stages.chat.endpoint import Endpoint, client
from stages.chat.messages import Request
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from tests.support.endpoint import Server, completion, settings

TEXT = "the customer's own words"


def asks(count: int) -> list[Request]:
    return [Request(row=f"r{n}", user=f"{TEXT} {n}", max_tokens=16) for n in range(count)]


def test_replies_come_in_order_with_their_rows(server: Server, tmp_path: Path) -> None:
    replies = list(Cached(Endpoint(settings(server.url)), tmp_path).ask(asks(20), "t"))
    assert [reply.row for reply in replies] == [f"r{n}" for n in range(20)]
    assert [reply.text for reply in replies] == [f"answer to {TEXT} {n}" for n in range(20)]
    assert server.keys[0] == "Bearer sk-secret-of-the-test"


def test_concurrency_is_bounded_and_used(server: Server) -> None:
    def slow(body: dict[str, object], number: int) -> tuple[int, dict[str, object]]:
        time.sleep(0.05)
        return completion("x")

    server.script = slow
    list(Endpoint(settings(server.url, concurrency=3)).answer(asks(12)))
    assert server.peak == 3


def test_server_errors_are_retried(server: Server) -> None:
    server.script = lambda body, number: completion("fine") if number > 2 else (500, {"error": {"message": TEXT}})
    assert [reply.text for _, reply in Endpoint(settings(server.url, retries=3)).answer(asks(1))] == ["fine"]
    assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "OPENAI_API_KEY"),
        (404, "does not know the model m"),
        (429, "rate limit"),
        (400, "answers 400"),
        (503, "answers 503"),
    ],
)
def test_refusals_are_one_line_without_text_or_key(server: Server, status: int, says: str) -> None:
    server.script = lambda body, number: (status, {"error": {"message": TEXT + " sk-secret-of-the-test"}})
    with pytest.raises(EndpointError) as caught:
        list(Endpoint(settings(server.url, retries=0)).answer(asks(1)))
    message = str(caught.value)
    assert says in message and "\n" not in message
    assert TEXT not in message and "sk-secret" not in message


def test_unreachable_endpoint_says_where() -> None:
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:9/v1 cannot be reached; check base_url"):
        list(Endpoint(settings("http://127.0.0.1:9/v1", retries=0)).answer(asks(1)))


def test_too_slow_endpoint_names_the_setting(server: Server) -> None:
    def slow(body: dict[str, object], number: int) -> tuple[int, dict[str, object]]:
        time.sleep(0.5)
        return completion("x")

    server.script = slow
    with pytest.raises(EndpointError, match="timeout_s"):
        list(Endpoint(settings(server.url, timeout_s=0.1, retries=0)).answer(asks(1)))


def test_no_key_for_the_default_endpoint_is_said_before_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(EndpointError, match="set the environment variable OPENAI_API_KEY"):
        Endpoint(settings(""))


def test_a_server_of_ones_own_needs_no_key(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = client(settings(server.url, timeout_s=3.0, retries=1))
    assert (made.timeout, made.max_retries) == (3.0, 1)
    list(Endpoint(settings(server.url)).answer(asks(1)))
    assert server.keys == ["Bearer none"]


def test_budget_refuses_before_sending(server: Server) -> None:
    with pytest.raises(EndpointError, match="max_requests is 3"):
        list(Endpoint(settings(server.url, max_requests=3)).answer(asks(4)))
    assert server.bodies == []


def test_answers_before_an_error_are_kept_and_not_asked_again(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: completion("kept") if number <= 5 else (403, {"error": {"message": "no"}})
    with pytest.raises(EndpointError):
        list(Cached(Endpoint(settings(server.url, concurrency=1, retries=0)), tmp_path).ask(asks(8), "t"))
    first = len(server.bodies)
    server.script = lambda body, number: completion("new")
    texts = [reply.text for reply in Cached(Endpoint(settings(server.url)), tmp_path).ask(asks(8), "t")]
    assert texts == ["kept"] * 5 + ["new"] * 3
    assert len(server.bodies) == first + 3


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (completion(""), Reason.NO_ANSWER),
        (completion(None), Reason.NO_ANSWER),
        (completion("half a sent", "length"), Reason.TRUNCATED),
        (completion("", "content_filter"), Reason.FILTERED),
        ((400, {"error": {"message": "long", "code": "context_length_exceeded"}}), Reason.OVER_CONTEXT),
        (completion("fine"), None),
    ],
)
def test_what_is_no_answer_is_typed(
    server: Server, answer: tuple[int, dict[str, object]], fault: Reason | None
) -> None:
    server.script = lambda body, number: answer
    assert [reply.fault for _, reply in Endpoint(settings(server.url)).answer(asks(1))] == [fault]
