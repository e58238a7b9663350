"""What is asked of a chat model and what comes back."""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, TypeVar

from pydantic import ValidationError

from stages.core.dropped import Reason
from stages.core.row import Record, content_id

Finish = Literal["stop", "length", "filter", "context"]  # context: the question alone is too long for the model


class Request(Record):
    """One question; `row` names what it is asked for and is not part of its identity."""

    row: str
    user: str
    system: str = ""
    max_tokens: int
    seed: int = 0  # tells repeated draws of the same question apart
    temperature: float | None = None  # of this question; None: the model's setting
    choices_after: str = ""  # ask for the log-probabilities of the tokens after the last such text in the answer

    @property
    def messages(self) -> list[dict[str, str]]:
        """The question as OpenAI messages."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.user}]

    def key(self, identity: str) -> str:
        """Return the cache key: model and sampling (`identity`), messages, limit, seed, and what else this question sets."""
        more = self.model_dump(include={"temperature", "choices_after"}, exclude_defaults=True)
        return content_id(identity, self.messages, self.max_tokens, self.seed, *([more] if more else []))


class TokenChoice(Record):
    """A token of an answer, and the log-probability of each token that was likely in its place, itself included."""

    token: str
    logprobs: dict[str, float]


class Reply(Record):
    """An answer; `text` is stripped."""

    row: str
    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    choices: tuple[
        TokenChoice, ...
    ] = ()  # the tokens after `choices_after`; none where the backend tells no probabilities

    @property
    def fault(self) -> Reason | None:
        """Why this is no answer, or None if it is one."""
        if self.finish == "filter":
            return Reason.FILTERED
        if self.finish == "context":
            return Reason.OVER_CONTEXT
        if not self.text:
            return Reason.NO_ANSWER
        return Reason.TRUNCATED if self.finish == "length" else None


class Chat(Protocol):
    """A chat model behind cache, batching or concurrency, retry and progress."""

    @property
    def identity(self) -> str:
        """Name model and sampling: what an answer depends on besides the request."""
        ...

    def ask(self, requests: Sequence[Request], title: str) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        ...


class Backend(Protocol):
    """What a backend adds: answers as they get ready, in any order, with the position of their request."""

    @property
    def identity(self) -> str:
        """Name model and sampling."""
        ...

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yield (position, reply) for every request; raise EndpointError or ModelError when none can be had."""
        ...


R = TypeVar("R", bound=Record)


def parse(reply: Reply, form: type[R]) -> R | Reason:
    """Read a JSON answer as `form`; text around the object is passed over; anything else is UNPARSABLE."""
    start, end = reply.text.find("{"), reply.text.rfind("}")
    if reply.fault:
        return reply.fault
    try:
        return form.model_validate_json(reply.text[start : end + 1])
    except ValidationError:
        return Reason.UNPARSABLE
