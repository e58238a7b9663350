"""Chat over any OpenAI-compatible endpoint: the official client, its retries, and a bounded number of requests at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import accumulate

import openai
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion import Choice as Completion

from stages.chat.messages import Finish, Reply, Request, TokenChoice
from stages.chat.settings import ChatModel
from stages.core.errors import EndpointError

FINISH: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "filter"}
TOP = 20  # alternatives to a token: the most that the API allows
CHOICES = 6  # tokens kept after the text they are asked for


def client(settings: ChatModel) -> openai.OpenAI:
    """Return the official client for `settings`; nothing is sent yet. A server of one's own may do without a key."""
    key = os.environ.get(settings.key_env, "")
    if not key and not settings.base_url:
        raise EndpointError(f"{settings.section}: no API key; set the environment variable {settings.key_env}")
    return openai.OpenAI(
        api_key=key or "none",
        base_url=settings.base_url or None,
        timeout=settings.timeout_s,
        max_retries=settings.retries,
    )


class Endpoint:
    """A backend over HTTP; the key comes from the environment and is never shown."""

    def __init__(self, settings: ChatModel) -> None:
        """Prepare the client; nothing is sent yet."""
        self.settings, self.client = settings, client(settings)
        self.tells_probabilities = True  # until it refuses to

    @property
    def identity(self) -> str:
        """Name model and sampling, not the address: colleagues behind another gateway share answers."""
        return f"{self.settings.model}@openai t={self.settings.temperature:g} p={self.settings.top_p:g}"

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yield replies as they arrive; on an error, first those already under way, then raise."""
        limit = self.settings.max_requests
        if limit and len(requests) > limit:
            raise EndpointError(
                f"{self.settings.section}: {len(requests)} requests to send, max_requests is {limit}; raise it or take fewer rows"
            )
        fault: EndpointError | None = None
        pool = ThreadPoolExecutor(self.settings.concurrency)
        try:
            sent = {pool.submit(self._one, request): position for position, request in enumerate(requests)}
            under_way = set(sent)
            while under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    if isinstance(error := future.exception(), EndpointError):
                        fault = fault or error
                    else:
                        yield sent[future], future.result()
                if fault:  # those not sent yet are not sent; those under way may still be answered
                    under_way = {future for future in under_way if not future.cancel()}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if fault:
            raise fault

    def _one(self, request: Request) -> Reply:
        with_choices = bool(request.choices_after) and self.tells_probabilities
        try:
            done = self._send(request, with_choices)
        except openai.APIStatusError as error:
            if error.code == "context_length_exceeded":
                return Reply(row=request.row, text="", finish="context")
            if with_choices and isinstance(error, (openai.BadRequestError, openai.UnprocessableEntityError)):
                self.tells_probabilities = False  # some models refuse to; another fault shows again without them
                return self._one(request)
            raise EndpointError(self._explain(error)) from None
        except openai.APIConnectionError as error:
            raise EndpointError(self._explain(error)) from None
        return _reply(request, done)

    def _send(self, request: Request, with_choices: bool) -> ChatCompletion:
        s = self.settings
        return self.client.chat.completions.create(
            model=s.model,
            messages=request.messages,  # type: ignore[arg-type]
            temperature=s.temperature if request.temperature is None else request.temperature,
            top_p=s.top_p,
            max_tokens=request.max_tokens,
            seed=request.seed,
            logprobs=True if with_choices else openai.omit,
            top_logprobs=TOP if with_choices else openai.omit,
        )

    def _explain(self, error: openai.APIError) -> str:
        place = f"{self.settings.section}: {self.settings.base_url or 'the default endpoint'}"
        if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
            return f"{place} refuses the key; check the environment variable {self.settings.key_env}"
        if isinstance(error, openai.NotFoundError):
            return f"{place} does not know the model {self.settings.model}; check model and base_url"
        if isinstance(error, openai.RateLimitError):
            return f"{place} is over its rate limit or budget after {self.settings.retries} retries; lower concurrency or wait, then run again: answers so far are cached"
        if isinstance(error, openai.APITimeoutError):
            return f"{place} gave no answer within {self.settings.timeout_s:g} s, {self.settings.retries} retries; raise timeout_s or lower concurrency: answers so far are cached"
        if isinstance(error, openai.APIStatusError):
            return f"{place} answers {error.status_code} after {self.settings.retries} retries; see the endpoint's log, then run again: answers so far are cached"
        return f"{place} cannot be reached; check base_url and that the endpoint runs: answers so far are cached"


def _reply(request: Request, done: ChatCompletion) -> Reply:
    if not done.choices:
        return Reply(row=request.row, text="", finish="stop")
    choice, usage = done.choices[0], done.usage
    return Reply(
        row=request.row,
        text=(choice.message.content or "").strip(),
        finish=FINISH.get(choice.finish_reason, "stop"),
        prompt_tokens=usage.prompt_tokens if usage else 0,
        completion_tokens=usage.completion_tokens if usage else 0,
        choices=_choices(choice, request.choices_after),
    )


def _choices(done: Completion, after: str) -> tuple[TokenChoice, ...]:
    """Return the first tokens that begin behind the last `after` of the answer, as far as the endpoint tells."""
    tokens = (done.logprobs and done.logprobs.content) or []
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
