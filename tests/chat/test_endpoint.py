"""The `openai` backend against a real server on loopback that answers, refuses, breaks off and stays silent."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from stages.chat import pace
from stages.chat.addresses import direct, options
from stages.chat.endpoint import Endpoint
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
    return replies_of(Endpoint(model), requests)


def replies_of(endpoint: Endpoint, requests: Iterable[Request]) -> list[Reply]:
    got: dict[int, Reply] = {}
    waiting = deque(enumerate(requests))
    with closing(endpoint.open()) as session:
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
        (200, {"error": {"message": TEXT, "code": 502}}),
        (200, {"choices": []}),
        (200, {"choices": [{"message": None, "finish_reason": "stop"}]}),
        (200, {"error": {"message": TEXT}, "choices": [{"message": {"content": "half"}, "finish_reason": "stop"}]}),
        (200, ["no", "object"]),
        completion("half an answer", "insufficient_system_resource"),
        completion("half an answer", "abort"),
        completion("", "tool_calls"),
        (200, {"choices": [{"message": {"content": "x"}, "finish_reason": None}]}),
        (200, {"choices": [{"message": {"content": "x"}, "finish_reason": {"type": "stop"}}]}),
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
    server.script = lambda body, number: Odd(wait_s=4)
    began = time.monotonic()
    (failed,) = replies(settings(server.url, timeout_s=0.1, retries=0), asks(1))
    assert failed.fault is Reason.ENDPOINT_FAILED
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (completion(""), Reason.NO_ANSWER),
        (completion(None), Reason.NO_ANSWER),
        (completion("half a sent", "length"), Reason.TRUNCATED),
        (completion("half a sent", "MAX_TOKENS"), Reason.TRUNCATED),
        (completion("half a sent", "model_length"), Reason.TRUNCATED),
        (completion("<think>they want", "stop"), Reason.TRUNCATED),
        (completion("", "content_filter"), Reason.FILTERED),
        (completion("half a sent", "sensitive"), Reason.FILTERED),
        (completion("half a sent", "SAFETY"), Reason.FILTERED),
        (completion("half a sent", "refusal"), Reason.FILTERED),
        *(
            (completion("x", word), None)
            for word in ("eos", "eos_token", "end_turn", "stop_sequence", "STOP", "COMPLETE", "normal")
        ),
        ((200, {"choices": [{"message": None, "finish_reason": "content_filter"}]}), Reason.FILTERED),
        ((200, {"error": {"code": "data_inspection_failed", "message": TEXT}}), Reason.FILTERED),
        ((200, {"error": {"code": 400, "type": "exceed_context_size_error"}}), Reason.OVER_CONTEXT),
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


def test_what_may_pass_is_never_stored_and_the_next_run_asks_again(server: Server, tmp_path: Path) -> None:
    server.script = lambda body, number: (200, {"error": {"message": TEXT, "code": 502}})
    assert [reply.fault for reply in ask(settings(server.url), asks(3), tmp_path)] == [Reason.ENDPOINT_FAILED] * 3
    assert stored(tmp_path) == 0
    server.script = lambda body, number: completion("fine")
    assert [reply.text for reply in ask(settings(server.url), asks(3), tmp_path)] == ["fine"] * 3


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


def test_a_page_that_is_not_there_asks_for_v1(server: Server) -> None:
    server.script = lambda body, number: Odd(404, b"<html>Not Found</html>")
    with pytest.raises(EndpointError, match=r"check model and base_url: does it end in /v1\?"):
        replies(settings(server.url.removesuffix("/v1")), asks(1))


@pytest.mark.parametrize(
    "content",
    [
        "the flat",
        [{"type": "text", "text": "the "}, {"type": "text", "text": "flat"}],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "the flat"}],
        [{"type": "output_text", "text": "the flat", "annotations": []}, {"type": "image", "text": None}, None, 7],
        ["the ", "flat"],
    ],
)
def test_content_in_parts_is_their_text(server: Server, content: object) -> None:
    usage: dict[str, object] = {"prompt_tokens": None, "completion_tokens": 2, "extra": {}}
    choice = {"message": {"content": content}, "finish_reason": "stop", "logprobs": {"content": None}}
    server.script = lambda body, number: (200, {"choices": [choice], "usage": usage, "error": {}})
    (made,) = replies(settings(server.url), asks(1))
    assert (made.text, made.fault, made.prompt_tokens, made.completion_tokens) == ("the flat", None, 0, 2)


@pytest.mark.parametrize("beside", [{"usage": "7 tokens"}, {"usage": [7]}, {"error": ""}, {"error": None}])
def test_what_stands_beside_an_answer_does_not_cost_it(server: Server, beside: dict[str, object]) -> None:
    choice = {"message": {"content": "fine"}, "finish_reason": "stop", "logprobs": {"content": "none"}}
    server.script = lambda body, number: (200, {"choices": [choice], **beside})
    assert [made.text for made in replies(settings(server.url), asks(1))] == ["fine"]
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


def refusing(*refused: str, say: str = "Unsupported parameter: '{}' is not supported with this model.") -> Any:  # noqa: ANN401
    """Return the script of an endpoint that takes none of these fields."""

    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        found = next((name for name in refused if name in body), None)
        return (400, {"error": {"message": say.format(found), "param": found}}) if found else completion("fine")

    return script


@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        (("max_tokens",), {"max_completion_tokens": 16, "temperature": 0.0, "seed": 0}),
        (("temperature",), {"max_tokens": 16, "seed": 0, "top_p": 1.0}),
        (("seed",), {"max_tokens": 16, "temperature": 0.0}),
        (("max_tokens", "temperature", "top_p", "seed"), {"max_completion_tokens": 16}),
    ],
)
def test_a_refused_parameter_is_left_out_or_renamed_once_and_remembered(
    server: Server, capsys: pytest.CaptureFixture[str], refused: tuple[str, ...], kept: dict[str, object]
) -> None:
    server.script = refusing(*refused)
    model = Endpoint(settings(server.url, concurrency=1))
    for _ in range(2):  # sessions of one process
        assert [made.text for made in replies_of(model, asks(2))] == ["fine"] * 2
    assert len(server.bodies) == 4 + len(refused)
    sent = server.bodies[-1]
    assert {name: sent[name] for name in kept} == kept
    assert not set(refused) & set(sent)
    said = capsys.readouterr().err
    for name in refused:
        assert (
            said.count(f"m takes no {name} (“Unsupported parameter: '{name}' is not supported with this model.”)") == 1
        )


def test_words_of_fastapi_and_of_a_value_teach_too(server: Server) -> None:
    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        if "seed" in body:
            return 422, {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "seed"],
                        "msg": "Extra inputs are not permitted",
                        "input": 0,
                    }
                ]
            }
        if "temperature" in body:
            return 400, {
                "error": {
                    "message": "Unsupported value: 'temperature' does not support 0.0 with this model. Only the default (1) value is supported."
                }
            }
        return completion("fine")

    server.script = script
    assert [made.text for made in replies(settings(server.url), asks(1))] == ["fine"]
    assert "seed" not in server.bodies[-1] and "temperature" not in server.bodies[-1]


def test_a_limit_refused_by_both_names_is_each_rows_failure(server: Server) -> None:
    server.script = refusing("max_tokens", "max_completion_tokens")
    assert [made.finish for made in replies(settings(server.url, concurrency=1), asks(2))] == ["failed"] * 2
    assert len(server.bodies) == 3


def test_the_endpoints_own_sentence_is_quoted_and_no_customers_words(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = "top_k must be at most 50, you sent 99."
    server.script = lambda body, number: (
        400,
        {"error": {"message": f"Bad request for '{TEXT} 0': no. {sentence} More."}},
    )
    model = settings(server.url, extra_body={"top_k": 99}, max_failures=0.1, concurrency=1)
    with pytest.raises(EndpointError, match="HTTP 400: “top_k must be at most 50") as caught:
        ask(model, asks(9), tmp_path)
    said = capsys.readouterr().err
    assert said.count(sentence) == 1 and TEXT not in said + str(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        "top_k is wrong near 'the customer's own words'",
        "top_k: the customer's own words 0",
        "top_k 13800138000 is no number",
    ],
)
def test_a_sentence_that_echoes_the_question_is_not_quoted(
    server: Server, capsys: pytest.CaptureFixture[str], message: str
) -> None:
    server.script = lambda body, number: (400, {"error": {"message": message, "param": "top_k"}})
    asked = [Request(row="r", user=f"{TEXT} 0, call 13800138000", max_tokens=16)]
    assert replies(settings(server.url, extra_body={"top_k": 99}), asked)[0].finish == "failed"
    said = capsys.readouterr().err
    assert "customer" not in said and "138" not in said
