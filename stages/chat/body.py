"""The OpenAI chat API, both ways: a request's body and the reply in what comes back, for endpoints, llama.cpp and batch files."""

import json
from collections.abc import Callable, Collection
from itertools import accumulate
from math import isfinite
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator

from stages.chat.messages import Finish, Reply, Request, TokenChoice
from stages.chat.settings import ApiModel

TOP = 20  # alternatives to a token: the most that the API allows
CHOICES = 6  # tokens kept after the text they are asked for
# Why an answer ended, in the words of OpenAI, Anthropic, Gemini, Cohere, Mistral, TGI, Together, Bedrock, Zhipu, Baidu and vLLM, in
# lower case. All else (null, error, abort, insufficient_system_resource, tool_calls …) is no end of an answer: asked again.
ENDS: dict[Finish, tuple[str, ...]] = {
    "stop": ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "complete", "completed", "normal"),
    "length": (
        *("length", "max_tokens", "max_length", "max_new_tokens", "max_output_tokens", "model_length", "token_limit"),
        "model_context_window_exceeded",
    ),
    "filter": (
        *("content_filter", "content_filtered", "sensitive", "safety", "recitation", "blocklist", "prohibited_content"),
        *("spii", "refusal", "guardrail_intervened", "error_toxic"),
    ),
}
FINISH = {word: finish for finish, words in ENDS.items() for word in words}
THOUGHTS = {"thinking", "reasoning", "thought"}  # types of parts that are none of the answer

B = TypeVar("B", bound=BaseModel)


def body(request: Request, settings: ApiModel, choices: bool = True, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the body of `request`, `without` some fields; without `choices` no log-probabilities are asked for."""
    made: dict[str, Any] = {
        "model": settings.model,
        "messages": request.messages if settings.system_role else _without_system(request.messages),
        "temperature": settings.temperature if request.temperature is None else request.temperature,
        "top_p": settings.top_p,
        "seed": request.seed,
        settings.token_limit: request.max_tokens,
    }
    if request.choices_after and choices:
        made |= {"logprobs": True, "top_logprobs": TOP}
    if request.answer_schema is not None and settings.structured != "none":
        made["response_format"] = _format(request.answer_schema, settings)
    return {name: value for name, value in (made | settings.extra_body).items() if name not in without}


def _format(schema: dict[str, Any], settings: ApiModel) -> dict[str, Any]:
    if settings.structured == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the system text before the first question, for templates that have no such role."""
    if messages[0]["role"] != "system":
        return messages
    system, first, *others = messages
    return [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *others]


class Part(BaseModel):
    """A part of a completion: what is read here; endpoints add to it at will."""

    model_config = ConfigDict(hide_input_in_errors=True)


def _joined(content: object) -> object:
    """Return the text of a content that comes in parts; parts of thoughts are none of it."""
    if not isinstance(content, list):
        return content
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") not in THOUGHTS else part for part in content
    ]
    return "".join(text for text in texts if isinstance(text, str))


class Message(Part):
    """What the model said; its thoughts, where they come apart (`reasoning_content`), are none of it."""

    content: Annotated[str | None, BeforeValidator(_joined)] = None
    refusal: str | None = None


class Likely(Part):
    """A token and its log-probability."""

    token: str
    logprob: float | None  # none, or minus infinity, of one that a form of answer rules out


class Told(Likely):
    """A token of the answer, with those that were likely in its place."""

    top_logprobs: tuple[Likely, ...] | None = None


class Logprobs(Part):
    """The tokens of an answer."""

    content: tuple[Told, ...] | None = None


def _or_none(value: object, read: Callable[[object], Any]) -> Any:  # noqa: ANN401 - of any type
    """Read what stands beside an answer; in another form than it should have it costs itself, not the answer."""
    try:
        return read(value)
    except ValidationError:
        return None


class Choice(Part):
    """An answer and why it ended."""

    message: Message | None
    finish_reason: Any = None
    logprobs: Annotated[Logprobs | None, WrapValidator(_or_none)] = None


class Usage(Part):
    """What was counted."""

    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)


class Completion(Part):
    """What comes back with status 200; one without an answer, or with an error in its place, is not valid."""

    choices: tuple[Choice, ...] = Field(min_length=1)
    usage: Annotated[Usage | None, WrapValidator(_or_none)] = None
    error: Literal["", False, None] | Annotated[dict[str, Any], Field(max_length=0)] = None


def read(form: type[B], content: bytes) -> B:
    """Return what came as JSON; half a surrogate pair, as servers leave where they cut a text, becomes U+FFFD.

    Raises ValidationError if it is no JSON, or none of this form.
    """
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        try:
            text = json.dumps(json.loads(content.decode()), ensure_ascii=False)
        except (ValueError, RecursionError):
            raise error from None
        return form.model_validate_json(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def reply(request: Request, done: Completion) -> Reply:
    """Return the text as it came. A refusal told apart from it is the endpoint's word that this is no answer: `filter`."""
    choice, usage = done.choices[0], done.usage or Usage()
    message = choice.message or Message()
    return Reply(
        row=request.row,
        text=message.content or "",
        finish=_finish(choice),
        prompt_tokens=usage.prompt_tokens or 0,
        completion_tokens=usage.completion_tokens or 0,
        choices=_choices(choice, request.choices_after),
    )


def _finish(choice: Choice) -> Finish:
    """Return why an answer ended; `lost` where it did not, or where there is none at all (`message: null`)."""
    if choice.message and choice.message.refusal:
        return "filter"
    finish = (
        FINISH.get(choice.finish_reason.strip().lower(), "lost") if isinstance(choice.finish_reason, str) else "lost"
    )
    return finish if choice.message or finish == "filter" else "lost"


def _choices(done: Choice, after: str) -> tuple[TokenChoice, ...]:
    """Return the first tokens that begin behind the last `after` of the answer, as far as the endpoint tells."""
    tokens = (done.logprobs and done.logprobs.content) or ()
    place = "".join(token.token for token in tokens).rfind(after) if after else -1
    if place < 0:
        return ()
    starts = accumulate((len(token.token) for token in tokens), initial=0)
    behind = [token for token, start in zip(tokens, starts, strict=False) if start >= place + len(after)]
    return tuple(
        TokenChoice(
            token=token.token,
            logprobs={
                each.token: each.logprob
                for each in (token, *(token.top_logprobs or ()))
                if each.logprob is not None and isfinite(each.logprob)
            },
        )
        for token in behind[:CHOICES]
    )
