"""The `openai` backend against a real server on loopback that answers, refuses, breaks off and stays silent."""

import json
import time
from collections import deque
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from stages.chat import pace
from stages.chat.endpoint import Endpoint, options
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.settings import OpenAI
from stages.chat.store import Store
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from tests.support.endpoint import Odd, Server, completion, settings, with_logprobs

TEXT = "the customer's own words"
KEY = "sk-secret-of-the-test"
SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}}
CUT = Odd(content=b'{"choices": [{"message"', promised=50)
ERROR: dict[str, Any] = {"error": {"message": TEXT}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tries follow each other quickly."""
    monkeypatch.setattr(pace, "FIRST_S", 0.01)


def asks(count: int) -> list[Request]:
    return [Request(row=f"r{n}", user=f"{TEXT} {n}", max_tokens=16) for n in range(count)]


def replies(model: OpenAI, requests: Iterable[Request]) -> list[Reply]:
    """Have a session answer, without the port."""
    got: dict[int, Reply] = {}
    waiting = deque(enumerate(requests))
    with closing(Endpoint(model).open()) as session:
        while waiting or len(got) < len(list(requests)):
            while waiting and session.room > 0:
                session.put(*waiting.popleft())
            got.update(session.take())
        session.finish()
    return [got[n] for n in sorted(got)]


def ask(model: OpenAI, requests: Iterable[Request], folder: Path) -> list[Reply]:
    return list(Port(model, Endpoint(model), folder, folder).ask(requests, "t"))


def stored(folder: Path) -> int:
    with closing(Store(folder)) as store:
        count: int = store.db.execute("SELECT count(*) FROM answers").fetchone()[0]
        return count


def test_replies_come_in_order_with_their_rows(server: Server, tmp_path: Path) -> None:
    made = ask(settings(server.url), asks(20), tmp_path)
    assert [reply.row for reply in made] == [f"r{n}" for n in range(20)]
    assert [reply.text for reply in made] == [f"answer to {TEXT} {n}" for n in range(20)]
    assert server.keys[0] == f"Bearer {KEY}"


def test_concurrency_is_bounded_and_used(server: Server) -> None:
    def slow(body: dict[str, Any], number: int) -> Odd:
        return Odd(content=json.dumps(completion("x")[1]).encode(), wait_s=0.05)

    server.script = slow
    replies(settings(server.url, concurrency=3), asks(12))
    assert server.peak == 3


@pytest.mark.parametrize(
    "odd",
    [
        (500, ERROR),
        (503, ERROR),
        (429, ERROR),
        (408, ERROR),
        Odd(reset=True),
        CUT,
        Odd(content=b"<html>busy</html>"),
        (200, {"error": {"message": TEXT, "code": 502}}),
        (200, {"choices": []}),
        Odd(status=502, content=b"<html>bad gateway</html>"),
    ],
)
def test_what_may_pass_is_tried_again_and_at_last_the_rows_own_failure(server: Server, odd: Any) -> None:  # noqa: ANN401
    server.script = lambda body, number: completion("fine") if number > 2 else odd
    assert [reply.text for reply in replies(settings(server.url), asks(1))] == ["fine"]
    assert len(server.bodies) == 3
    server.bodies.clear()
    server.script = lambda body, number: odd
    (failed,) = replies(settings(server.url), asks(1))
    assert (failed.fault, failed.text) == (Reason.ENDPOINT_FAILED, "")
    assert len(server.bodies) == 3


def test_too_slow_an_answer_is_given_up(server: Server) -> None:
    server.script = lambda body, number: Odd(wait_s=0.5)
    began = time.monotonic()
    (failed,) = replies(settings(server.url, timeout_s=0.1, retries=0), asks(1))
    assert failed.fault is Reason.ENDPOINT_FAILED
    assert time.monotonic() - began < 0.4


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (completion(""), Reason.NO_ANSWER),
        (completion(None), Reason.NO_ANSWER),
        (completion("half a sent", "length"), Reason.TRUNCATED),
        (completion("", "content_filter"), Reason.FILTERED),
        (completion("", "tool_calls"), Reason.ENDPOINT_FAILED),
        (completion("x", "eos_token"), Reason.ENDPOINT_FAILED),
        ((200, {"choices": [{"message": {"content": "x"}, "finish_reason": None}]}), Reason.ENDPOINT_FAILED),
        (
            (200, {"choices": [{"message": {"content": None, "refusal": "I cannot."}, "finish_reason": "stop"}]}),
            Reason.FILTERED,
        ),
        ((400, ERROR), Reason.ENDPOINT_FAILED),
        ((422, {"detail": [{"msg": TEXT}]}), Reason.ENDPOINT_FAILED),
        ((413, ERROR), Reason.ENDPOINT_FAILED),
        ((400, {"error": {"message": "long", "code": "context_length_exceeded"}}), Reason.OVER_CONTEXT),
        ((400, {"error": {"code": 400, "type": "exceed_context_size_error", "n_ctx": 512}}), Reason.OVER_CONTEXT),
        (
            (400, {"object": "error", "message": "This model's maximum context length is 512 tokens.", "code": 400}),
            Reason.OVER_CONTEXT,
        ),
        ((400, {"error": {"code": "content_filter", "status": 400}}), Reason.FILTERED),
        (
            (400, {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
            Reason.FILTERED,
        ),
        ((400, {"error": {"code": "data_inspection_failed", "type": "data_inspection_failed"}}), Reason.FILTERED),
        ((400, {"code": "DataInspectionFailed", "message": TEXT}), Reason.FILTERED),
        ((400, {"error": {"code": "content_policy_violation"}}), Reason.FILTERED),
        (completion("fine"), None),
    ],
)
def test_what_is_no_answer_is_typed_and_not_asked_twice(
    server: Server, answer: tuple[int, dict[str, Any]], fault: Reason | None
) -> None:
    server.script = lambda body, number: answer
    assert [reply.fault for reply in replies(settings(server.url), asks(1))] == [fault]
    assert len(server.bodies) == 1


def test_text_is_stored_as_it_came_without_what_was_thought_apart(server: Server, tmp_path: Path) -> None:
    status, made = completion("<think>hm</think>\n```json\n{}\n```\n")
    made["choices"][0]["message"]["reasoning_content"] = "let me see"
    server.script = lambda body, number: (status, made)
    (reply,) = ask(settings(server.url), asks(1), tmp_path)
    assert reply.text == "<think>hm</think>\n```json\n{}\n```\n"
    assert (reply.answer, reply.prompt_tokens, reply.completion_tokens) == ("{}", 3, 5)


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
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        if number == 6:
            return 403, ERROR
        time.sleep(0.1)  # so that the refusal overtakes the three others
        return completion("kept")

    server.script = script
    with pytest.raises(EndpointError):
        ask(settings(server.url), asks(20), tmp_path)
    kept, first = stored(tmp_path), len(server.bodies)
    assert kept == first - 1 >= 7
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
    assert len(ask(settings(server.url, max_failures=0.6), asks(40), tmp_path)) == 40


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


def test_an_endpoint_out_of_reach_is_said_after_the_retries(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:9/v1 cannot be reached; check base_url"):
        ask(settings("http://127.0.0.1:9/v1"), asks(9), tmp_path)
    assert stored(tmp_path) == 0


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


def test_of_several_addresses_the_one_with_the_least_to_do_is_asked(server: Server) -> None:
    other = Server()
    slow = Odd(content=json.dumps(completion("slow")[1]).encode(), wait_s=0.2)
    other.script = lambda body, number: slow
    replies(settings((server.url, other.url)), asks(24))
    other.http.shutdown()
    assert len(server.bodies) + len(other.bodies) == 24
    assert 2 <= len(other.bodies) < len(server.bodies)


def test_an_address_that_is_gone_is_passed_over(server: Server) -> None:
    made = replies(settings(("http://127.0.0.1:9/v1", server.url), retries=0), asks(12))
    assert [reply.finish for reply in made] == ["stop"] * 12


@pytest.mark.parametrize("form", ["seconds", "milliseconds", "date"])
def test_a_pause_that_is_asked_for_is_kept(server: Server, form: str) -> None:
    seen: list[float] = []

    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        seen.append(time.monotonic())
        if number > 1:
            return completion("x")
        now = datetime.now(UTC)
        date = {"Retry-After": format_datetime(now + timedelta(seconds=1), usegmt=True)}
        headers = {"seconds": {"Retry-After": "1"}, "milliseconds": {"retry-after-ms": "1000"}, "date": date}[form]
        return Odd(429, headers=headers)

    server.script = script
    replies(settings(server.url, concurrency=1), asks(3))
    assert 0.9 < seen[1] - seen[0] < 2.0
    assert len(seen) == 4


def test_too_long_a_pause_ends_the_stage(server: Server) -> None:
    server.script = lambda body, number: Odd(429, headers={"Retry-After": "86400"})
    with pytest.raises(EndpointError, match="asks for a pause of 86400 s; wait, then run again"):
        replies(settings(server.url), asks(1))


def test_429_lowers_what_is_under_way(server: Server) -> None:
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        over = server.now > 4  # the endpoint's own limit
        time.sleep(0.02)
        return (429, ERROR) if over else completion("x")

    server.script = script
    made = replies(settings(server.url, concurrency=32, retries=20), asks(200))
    assert {reply.finish for reply in made} == {"stop"}
    refused = len(server.bodies) - 200
    assert 0 < refused < 120  # 32 at a time all through would have most of them refused again and again


def test_probabilities_are_not_asked_for_where_they_are_refused(server: Server) -> None:
    server.script = lambda body, number: (
        (400, {"error": {"message": "logprobs are not allowed"}}) if "logprobs" in body else completion("x")
    )
    requests = [request.model_copy(update={"choices_after": "score"}) for request in asks(6)]
    assert {reply.text for reply in replies(settings(server.url, concurrency=1), requests)} == {"x"}
    assert ["logprobs" in body for body in server.bodies] == [True] + [False] * 6


def test_probabilities_behind_the_words_they_are_asked_for(server: Server) -> None:
    server.script = lambda body, number: with_logprobs('{"score": 7}', {"7": 0.75, "8": 0.25})
    (reply,) = replies(settings(server.url), [Request(row="r", user="q", max_tokens=9, choices_after='"score": ')])
    assert reply.choices[0].token == "7"
    assert set(reply.choices[0].logprobs) == {"7", "8"}


def test_an_answers_form_is_asked_for_as_far_as_the_endpoint_goes(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        kind = body.get("response_format", {}).get("type")
        if kind:
            return 400, {"error": {"message": f"This response_format type {kind} is unavailable now"}}
        return completion('{"score": 1}')

    server.script = script
    requests = [request.model_copy(update={"answer_schema": SCHEMA}) for request in asks(6)]
    assert {reply.text for reply in replies(settings(server.url, concurrency=1), requests)} == {'{"score": 1}'}
    kinds = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert kinds == ["json_schema", "json_object"] + [None] * 6
    said = capsys.readouterr().err
    assert said.count("takes no response_format json_schema; from here on asked for: json_object") == 1
    assert said.count("takes no response_format json_object; from here on asked for: none") == 1


def test_the_request_is_sent_as_settings_say(server: Server) -> None:
    model = settings(
        server.url, extra_body={"enable_thinking": False}, token_limit="max_completion_tokens", system_role=False
    )
    replies(model, [Request(row="r", user="q", system="s", max_tokens=9, seed=3, answer_schema=SCHEMA)])
    (body,) = server.bodies
    assert (body["enable_thinking"], body["max_completion_tokens"], body["seed"]) == (False, 9, 3)
    assert body["messages"] == [{"role": "user", "content": "s\n\nq"}]
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


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
