"""The `openai` backend against a real server on loopback that answers, refuses, breaks off and stays silent."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from stages.chat import pace
from stages.core.dropped import Reason
from tests.support.asking import ERROR, TEXT, ask, asks, replies, stored
from tests.support.endpoint import KEY, Odd, Server, completion, settings

pytestmark = pytest.mark.usefixtures("impatient")

CUT = Odd(content=b'{"choices": [{"message"', promised=50)


def test_replies_come_in_order_with_their_rows(server: Server, tmp_path: Path) -> None:
    made = ask(settings(server.url), asks(20), tmp_path)
    assert [reply.row for reply in made] == [f"r{n}" for n in range(20)]
    assert [reply.text for reply in made] == [f"answer to {TEXT} {n}" for n in range(20)]
    assert server.keys[0] == f"Bearer {KEY}"


def test_concurrency_is_bounded_and_used(server: Server) -> None:
    together = threading.Barrier(3)

    def three_at_a_time(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]]:
        together.wait(60)
        time.sleep(0.02)  # in which a fourth would come
        return completion("x")

    server.script = three_at_a_time
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
    given_up = threading.Event()
    server.script = lambda body, number: completion("late") if given_up.wait(60) else completion("never given up")
    (failed,) = replies(settings(server.url, timeout_s=0.1, retries=0), asks(1))
    given_up.set()
    assert (failed.fault, failed.text) == (Reason.ENDPOINT_FAILED, "")


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


@pytest.mark.parametrize("form", ["seconds", "milliseconds", "date"])
def test_a_pause_that_is_asked_for_is_kept(server: Server, form: str) -> None:
    seen: list[float] = []

    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        seen.append(time.monotonic())
        if number > 1:
            return completion("x")
        now = datetime.now(UTC)
        dates = (format_datetime(now + timedelta(seconds=n), usegmt=True) for n in (1, 0))
        date = dict(zip(("Retry-After", "Date"), dates, strict=True))
        headers = {"seconds": {"Retry-After": "1"}, "milliseconds": {"retry-after-ms": "1000"}, "date": date}[form]
        return Odd(429, headers=headers)

    server.script = script
    replies(settings(server.url, concurrency=1), asks(3))
    assert 0.9 < seen[1] - seen[0] < 30
    assert len(seen) == 4


@pytest.mark.parametrize(("busy_s", "asked", "text"), [(600.0, 10, "x"), (0.0, 2, "")])
def test_what_is_told_429_waits_and_does_not_use_up_its_tries(
    server: Server, monkeypatch: pytest.MonkeyPatch, busy_s: float, asked: int, text: str
) -> None:
    monkeypatch.setattr(pace, "BUSY_S", busy_s)
    monkeypatch.setattr(pace, "LONGEST_S", 0.05)
    server.script = lambda body, number: completion("x") if number == 10 else (429, ERROR)
    assert [reply.text for reply in replies(settings(server.url, retries=1), asks(1))] == [text]
    assert len(server.bodies) == asked


def test_429_lowers_what_is_under_way(server: Server) -> None:
    many = threading.Barrier(32)

    def script(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        if number <= 32:
            many.wait(60)
        over = server.now > 4  # the endpoint's own limit
        time.sleep(0.02)
        return (429, ERROR) if over else completion("x")

    server.script = script
    made = replies(settings(server.url, concurrency=32, retries=20), asks(200))
    assert {reply.finish for reply in made} == {"stop"}
    refused = len(server.bodies) - 200
    assert 0 < refused < 200  # 32 at a time all through would have most of them refused again and again
