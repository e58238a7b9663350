"""The OpenAI chat API, both ways: a request's body and the reply in what comes back, for endpoints, llama.cpp and batch files."""

from itertools import accumulate
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from stages.chat.messages import Finish, Reply, Request, TokenChoice
from stages.chat.settings import ApiModel

TOP = 20  # alternatives to a token: the most that the API allows
CHOICES = 6  # tokens kept after the text they are asked for
FINISH: dict[str | None, Finish] = {"stop": "stop", "length": "length", "content_filter": "filter"}  # all else: failed


def body(request: Request, settings: ApiModel, choices: bool = True) -> dict[str, Any]:
    """Return the body of `request`; without `choices` no log-probabilities are asked for."""
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
    return made | settings.extra_body


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


class Message(Part):
    """What the model said; its thoughts, where they come apart (`reasoning_content`), are none of it."""

    content: str | None = None
    refusal: str | None = None


class Likely(Part):
    """A token and its log-probability."""

    token: str
    logprob: float


class Told(Likely):
    """A token of the answer, with those that were likely in its place."""

    top_logprobs: tuple[Likely, ...] = ()


class Logprobs(Part):
    """The tokens of an answer."""

    content: tuple[Told, ...] | None = None


class Choice(Part):
    """An answer and why it ended."""

    message: Message
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Usage(Part):
    """What was counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(Part):
    """What comes back with status 200; one without an answer, or with an error in its place, is not valid."""

    choices: tuple[Choice, ...] = Field(min_length=1)
    usage: Usage | None = None
    error: None = None


def reply(request: Request, done: Completion) -> Reply:
    """Return the text as it came. A refusal told apart from it is the endpoint's word that this is no answer: `filter`."""
    choice, usage = done.choices[0], done.usage or Usage()
    return Reply(
        row=request.row,
        text=choice.message.content or "",
        finish="filter" if choice.message.refusal else FINISH.get(choice.finish_reason, "failed"),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        choices=_choices(choice, request.choices_after),
    )


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
            token=token.token, logprobs={token.token: token.logprob} | {t.token: t.logprob for t in token.top_logprobs}
        )
        for token in behind[:CHOICES]
    )
