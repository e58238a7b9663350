"""What the `openai` backend asks for, and what it leaves out once an endpoint has refused it."""

import math
from pathlib import Path
from typing import Any

import pytest

from stages.chat.endpoint import Endpoint
from stages.chat.messages import Reply, Request
from stages.core.errors import EndpointError
from tests.support.asking import TEXT, ask, asks, replies, replies_of
from tests.support.endpoint import Server, completion, settings, with_logprobs

pytestmark = pytest.mark.usefixtures("impatient")

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}}


@pytest.mark.parametrize("status", [400, 403, 422])
def test_probabilities_are_not_asked_for_where_they_are_refused(server: Server, status: int) -> None:
    server.script = lambda body, number: (
        (status, {"error": {"message": "logprobs are not allowed"}}) if "logprobs" in body else completion("x")
    )
    requests = [request.model_copy(update={"choices_after": "score"}) for request in asks(6)]
    assert {reply.text for reply in replies(settings(server.url, concurrency=1), requests)} == {"x"}
    assert ["logprobs" in body for body in server.bodies] == [True] + [False] * 6


@pytest.mark.parametrize("said", ["flagged: a structured deposit", "The temperature of this key must be set"])
def test_a_refusal_by_403_takes_nothing_else_off_a_request(server: Server, said: str) -> None:
    server.script = lambda body, number: (403, {"error": {"message": said}})
    request = asks(1)[0].model_copy(update={"answer_schema": SCHEMA})
    with pytest.raises(EndpointError, match="refuses the key"):
        replies(settings(server.url), [request])
    assert len(server.bodies) == 1


def test_probabilities_behind_the_words_they_are_asked_for(server: Server) -> None:
    server.script = lambda body, number: with_logprobs('{"score": 7}', {"7": 0.75, "8": 0.25})
    (reply,) = replies(settings(server.url), [Request(row="r", user="q", max_tokens=9, choices_after='"score": ')])
    assert reply.choices[0].token == "7"
    assert set(reply.choices[0].logprobs) == {"7", "8"}


@pytest.mark.parametrize("none", [None, -math.inf])
def test_what_a_form_of_answer_rules_out_costs_no_probabilities(server: Server, none: float | None) -> None:
    """An endpoint that holds answers to a schema tells tokens that it rules out, too; what is stored can be read again."""
    status, told = with_logprobs('{"score": 7}', {"7": 0.75, "8": 0.25})
    for token in told["choices"][0]["logprobs"]["content"]:
        token["top_logprobs"].append({"token": "x", "logprob": none, "bytes": None})
    server.script = lambda body, number: (status, told)
    (reply,) = replies(settings(server.url), [Request(row="r", user="q", max_tokens=9, choices_after='"score": ')])
    assert set(reply.choices[0].logprobs) == {"7", "8"}
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


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
