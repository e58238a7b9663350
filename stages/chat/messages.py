"""What is asked of a chat model and what comes back."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from typing import Annotated, Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BeforeValidator
from pydantic_core import to_json

from stages.chat import thoughts
from stages.core.dropped import Reason
from stages.core.row import Record, canonical
from stages.models.special_tokens import broken

# Only `stop` is complete. filter: a content filter refused the row | context: the question alone is too long for the model |
# failed: the endpoint refuses this row | lost: no answer this time, further tries included; the next run asks again
# missing: not recorded, and nobody may be asked
Finish = Literal["stop", "length", "filter", "context", "failed", "lost", "missing"]
ANSWERS: tuple[Finish, ...] = ("stop", "length")  # what a model said; the others are faults of the row, never answers

FAULTS: dict[Finish, Reason] = {
    "length": Reason.TRUNCATED,
    "filter": Reason.FILTERED,
    "context": Reason.OVER_CONTEXT,
    "failed": Reason.ENDPOINT_FAILED,
    "lost": Reason.ENDPOINT_FAILED,
    "missing": Reason.NOT_RECORDED,
}

DECODER = json.JSONDecoder(strict=False)  # a line that breaks within a text costs no answer
BEGINS = re.compile(r"\{|\[\s*\{")  # an object, or a list of them
FENCE = re.compile(r"\A(`{3,}|~{3,})[^\n`]*\n(.*?)\n?\1\Z", re.S)


class Shot(Record):
    """A question and its answer, shown as earlier turns of the chat."""

    user: str
    assistant: str


class Request(Record):
    """One question; `row` names what it is asked for and is not part of its identity."""

    row: str
    user: str
    system: str = ""
    shots: tuple[Shot, ...] = ()
    max_tokens: int
    seed: int = 0  # tells repeated draws of the same question apart
    temperature: float | None = None  # of this question; None: the model's setting
    choices_after: str = ""  # ask for the log-probabilities of the tokens after the last such text in the answer
    answer_schema: dict[str, Any] | None = None  # the JSON schema that the answer is held to, where the backend can
    rated: str = ""  # a text to be rated in passing, where the backend can; it does not change the answer, so it is not part of the key

    @property
    def messages(self) -> list[dict[str, str]]:
        """The question as OpenAI messages; what would be a mark of a chat template in a text is broken up, whoever is asked."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        turns = [
            {"role": role, "content": text}
            for shot in self.shots
            for role, text in (("user", shot.user), ("assistant", shot.assistant))
        ]
        made = [*system, *turns, {"role": "user", "content": self.user}]
        return [{"role": turn["role"], "content": broken(turn["content"])} for turn in made]

    def key(self, identity: str) -> str:
        """Return the key of the answer: model and sampling (`identity`) and all that this question sets, but for its row."""
        return _hash(_named(identity), *self._content())

    def keys_below(self, identity: str, first: Iterable[int] = ()) -> Iterator[tuple[int, str]]:
        """Yield (limit, key) of the same question under lower limits of tokens: those of `first`, then all, from the next one down."""
        head, messages, tail = _named(identity), next(self._content()), b",".join([b"", *[*self._content()][2:]])
        begun = sha256(b"[" + head + b"," + messages)  # the long part, hashed once
        for limit in chain((limit for limit in first if limit < self.max_tokens), range(self.max_tokens - 1, 0, -1)):
            ended = begun.copy()
            ended.update(b",%d%b]" % (limit, tail))
            yield limit, ended.hexdigest()[:16]

    @property
    def fingerprint(self) -> str:
        """The hash of the question alone, whoever is asked."""
        return _hash(*self._content())

    def _content(self) -> Iterator[bytes]:
        """Yield what `content_id` would be made of, as canonical JSON: the long texts by the quicker of two writers."""
        yield to_json([{"content": message["content"], "role": message["role"]} for message in self.messages])
        yield b"%d" % self.max_tokens
        yield b"%d" % self.seed
        if self.temperature is not None or self.choices_after or self.answer_schema is not None:
            fields = {"temperature", "choices_after", "answer_schema"}
            yield canonical(self.model_dump(include=fields, exclude_defaults=True))


_named = lru_cache(canonical)  # one identity, many questions


def _hash(*parts: bytes) -> str:
    return sha256(b"[" + b",".join(parts) + b"]").hexdigest()[:16]


def _told(found: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what earlier versions stored as null: tokens that could not be said."""
    return {token: value for token, value in found.items() if value is not None} if isinstance(found, dict) else found


class TokenChoice(Record):
    """A token of an answer, and the log-probability of each token that was likely in its place, itself included."""

    token: str
    logprobs: Annotated[dict[str, float], BeforeValidator(_told)]


class Rated(Record):
    """How likely a model found a text as the answer to the question that it answered: in nats, over so many of its tokens."""

    text: str  # the hash of the text
    nll: float
    tokens: int


class Reply(Record):
    """What came back for a row; `text` as it came."""

    row: str
    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    choices: tuple[
        TokenChoice, ...
    ] = ()  # the tokens after `choices_after`; none where the backend tells no probabilities
    recorded: bool = False  # read from data/recorded
    by_project: bool = False  # given by the project or a person, whoever was asked
    rated: Rated | None = None  # None where nothing was to be rated, or the backend does not rate

    @property
    def said(self) -> thoughts.Said:
        """The text without the model's thoughts before it."""
        return thoughts.apart(self.text)

    @property
    def ended(self) -> Finish:
        """Why it ended: a model that still thinks was cut off, whatever the endpoint says."""
        return "length" if self.finish == "stop" and not self.said.closed else self.finish

    @property
    def answer(self) -> str:
        """The text without the model's thoughts before it and without a code fence around all of it."""
        text = self.said.text.strip()
        fenced = FENCE.match(text)
        return fenced[2].strip() if fenced else text

    @property
    def fault(self) -> Reason | None:
        """Why this is no answer, or None if it is one."""
        return FAULTS.get(self.ended) or (None if self.answer else Reason.NO_ANSWER)


def author(identity: str) -> str:
    """Return who answers, of an `identity`: the model, without its sampling."""
    return identity.partition(" t=")[0]


class Chat(Protocol):
    """A chat model behind recorded answers, cache, batching or concurrency, retry and progress."""

    @property
    def identity(self) -> str:
        """Name model and sampling: what an answer depends on besides the request."""
        ...

    def ask(self, requests: Iterable[Request], title: str, total: int | None = None) -> Iterator[Reply]:
        """Yield one reply for each request, in their order, while later ones are under way; `total` is for the progress bar."""
        ...


class Session(Protocol):
    """A backend at work: requests are put in while it has room, replies taken out in any order."""

    @property
    def room(self) -> int:
        """How many more requests it takes now."""
        ...

    def put(self, position: int, request: Request) -> None:
        """Take a request in; not more than `room` says."""
        ...

    def take(self) -> list[tuple[int, Reply]]:
        """Wait for replies and return them with their positions: at least one if any request is inside."""
        ...

    def finish(self) -> None:
        """Raise, after the last reply was taken, what ends the stage, such as requests that wait for answers."""
        ...

    def close(self) -> None:
        """Let go of what is under way and of all else."""
        ...


@runtime_checkable
class Paid(Protocol):
    """A session whose tries may cost money."""

    repeats: Callable[[Request], bool]  # asked before a request is sent again whose last try may have been paid
    at_stake: set[int]  # positions of requests that have no reply and may have been paid


@runtime_checkable
class ByFile(Protocol):
    """A backend whose answers come by file, after the stage has stopped."""

    def gone_on(self, held: Collection[str]) -> None:
        """Hear that the stage has all its answers; `held` are the keys of those that are recorded."""
        ...


class Backend(Protocol):
    """What a backend adds."""

    @property
    def identity(self) -> str:
        """Name model and sampling."""
        ...

    def open(self) -> Session:
        """Get ready to answer; called when the first request comes that nothing else answers."""
        ...


R = TypeVar("R", bound=Record)


def parse(reply: Reply, form: type[R]) -> R | Reason:
    """Read the last JSON object of an answer that is a `form`; what stands around it is passed over.

    Without one it is UNPARSABLE; so it is where the last one that was to be a `form` cannot be read, or is several that differ
    in one value: what it quotes, and a part of it, is not the answer.
    """
    if reply.fault:
        return reply.fault
    found: list[R | Reason] = [Reason.UNPARSABLE, *_objects(reply.answer, form)]
    return found[-1]


def _objects(text: str, form: type[R]) -> Iterator[R | Reason]:
    """Yield each object or list, in order, that is a `form` or holds one; UNPARSABLE for each that was to be one."""
    behind, broken, required = 0, _ends(text, form), _required(form)
    while begins := BEGINS.search(text, behind):
        place = begins.start()
        try:
            value, behind = DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):  # no JSON: perhaps there is some within
            behind, keys = broken.get(place, (place + 1, set[str]()))
            yield from [Reason.UNPARSABLE] if place in broken and required <= keys else []
            continue
        found = [*_within(value, form)]
        yield from found[:1] if found[1:] == found[:-1] else [Reason.UNPARSABLE]


def _within(value: object, form: type[R]) -> Iterator[R | Reason]:
    """Yield what can be read as `form` in a JSON value, and UNPARSABLE for an object that has all its keys and is none; neither is looked into."""
    required, values = _required(form), [value]
    while values:
        match values.pop():
            case dict() as made:
                try:
                    yield form.model_validate_json(json.dumps(made))
                except (ValueError, RecursionError):
                    if required <= made.keys():
                        yield Reason.UNPARSABLE
                    else:
                        values += made.values()
            case list() as several:
                values += several


def _required(form: type[Record]) -> set[str]:
    return {name for name, field in form.model_fields.items() if field.is_required()}


def _ends(text: str, form: type[Record]) -> dict[int, tuple[int, set[str]]]:
    """Return where the object of each brace ends that has keys of `form` at its own depth, and which.

    By the braces alone, as what is no JSON has no more; at the latest with the text.
    """
    key = rf"[\"']({'|'.join(map(re.escape, form.model_fields))})[\"']\s*:"
    opened, ends = list[int](), dict[int, tuple[int, set[str]]]()
    for mark in re.finditer(rf"[{{}}]|{key}", text):
        if mark[0] == "{":
            opened.append(mark.start())
        elif opened and mark[0] != "}":
            ends.setdefault(opened[-1], (len(text), set()))[1].add(mark[1])
        elif opened and (place := opened.pop()) in ends:
            ends[place] = mark.end(), ends[place][1]
    return ends


def _text(told: object) -> str:
    return told if isinstance(told, str) else ""


# What a judge says beside its verdict, for itself to think: of another form (null, a list, points one by one) it costs no verdict.
Remark = Annotated[str, BeforeValidator(_text)]
# A number of a verdict; true and false, which pydantic takes for 1 and 0, are none.
Points = Annotated[float, BeforeValidator(lambda told: None if isinstance(told, bool) else told)]


def strict_schema(form: type[Record]) -> dict[str, Any]:
    """Return the JSON schema of an answer as endpoints hold an answer to it: all its fields, in their order, and no other.

    What is read back may be less: a model that nobody holds to a schema may leave its reason out.
    """
    prose = {"title", "description", "default"}
    fields = {
        name: {key: value for key, value in field.items() if key not in prose}
        for name, field in form.model_json_schema()["properties"].items()
    }
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}
