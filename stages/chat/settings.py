"""The settings of the models that answer: one kind for each backend, with no setting that another backend reads."""

import json
import os
import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from stages.catalog.catalog import Catalog
from stages.core import declared
from stages.core.params import KeyName, Section, Settings, load_all, lookup
from stages.core.row import content_id

Missing = Literal["ask", "drop", "fail"]
PROJECT = "project"  # the author of answers drafted within the project


class Price(Settings):
    """What tokens cost, in one currency for all models, a million tokens."""

    input: float = Field(ge=0)
    """Of a million tokens of questions."""
    output: float = Field(ge=0)
    """Of a million tokens of answers."""


class ChatModel(Section):
    """A model that answers: who it is, how it samples, what happens to questions nobody has answered yet."""

    section: ClassVar[str] = "llm.generator"

    model: str = Field(min_length=1)
    """Who answers: a name of the catalog, or the endpoint's; `project`: the authors of this repository, not at an endpoint."""
    temperature: float = Field(ge=0, le=2)
    """Of sampling; 0: greedy, the same answer every time."""
    top_p: float = Field(gt=0, le=1)
    """Tokens are drawn from the likeliest that together have this probability; 1: from all. Unused when greedy."""
    missing: Missing = "ask"
    """What neither data/recorded nor the cache answers: `ask` the model, `drop` the row as not_recorded, or `fail`."""

    _place: str = PrivateAttr("llm.generator")

    @property
    def place(self) -> str:
        """Where these settings stand in params.yaml."""
        return self._place

    @property
    def identity(self) -> str:
        """Name model and sampling, not the address: colleagues behind another gateway share answers."""
        if self.model == PROJECT:  # people do not sample
            return PROJECT
        return f"{self.model_identity} t={self.temperature:g} p={self.top_p:g}"

    @property
    def model_identity(self) -> str:
        """Name the model: by its hash where the catalog has it."""
        entry = Catalog.load().get(self.model)
        if entry and entry.gguf:
            return f"{self.model}@{entry.gguf.sha256[:12]}"
        return self.model if self.model == PROJECT else f"{self.model}@openai"

    def limit(self, tokens: int) -> int:
        """Return the limit that is sent for an answer of so many tokens at most."""
        return tokens

    @classmethod
    def form(cls) -> Any:  # noqa: ANN401 - a union, by its `backend`
        """Return what the section is validated as."""
        return AnyChatModel if "section" in vars(cls) else cls

    @classmethod
    def parse(cls, key: str, values: object) -> Self:
        """Validate `values` as the settings of the backend that they name, and remember where they stand."""
        made = super().parse(key, values)
        made._place = key
        return made


class Transformers(ChatModel):
    """A model in this process, by transformers: batches of requests of like length."""

    backend: Literal["transformers"]
    """In this process, by transformers."""
    model: Literal["base"] = "base"
    """`base`: the model of stage `base`, whatever base.source is."""
    batch_tokens: int = Field(default=32768, ge=256)
    """Tokens in one batch: rows × (longest prompt + answer); lower it if memory is short."""


class LlamaCpp(ChatModel):
    """A GGUF model in this process, by llama.cpp."""

    backend: Literal["llama_cpp"]
    """In this process, by llama.cpp."""
    slots: int = Field(default=4, ge=1, le=256)
    """Requests under way at once. A greedy answer may turn at a near-tie with the company it is computed in; alone it is the same."""
    context: int = Field(default=4096, ge=512)
    """Tokens of question and answer that each slot holds."""
    threads: int = Field(default=0, ge=0)
    """Threads that compute; 0: one for each core. They spin: fewer beside another busy process."""


class ApiModel(ChatModel):
    """What is common to models behind an address."""

    extra_body: dict[str, Any] = Field(default={})
    """More fields of the request's body, such as {enable_thinking: false}."""
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The name by which the endpoint takes the limit of an answer's tokens."""
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How answers in JSON are asked for: with their schema, as any object, or in words alone."""
    system_role: bool = True
    """Whether the model's template has a system role; false: such text stands before the first question."""

    @property
    def identity(self) -> str:
        """Name the request's further fields too, by their hash: a model that thinks is another one than one that does not."""
        named = super().identity
        return f"{named} x={content_id(self.extra_body)[:8]}" if self.extra_body else named

    def limit(self, tokens: int) -> int:
        """Return the limit that is sent: one in `extra_body` takes the place of each answer's own, as a model needs that cannot but think."""
        sent = {self.token_limit: tokens} | self.extra_body  # under both names, the higher one may be what counts
        given = (sent.get(name) for name in ("max_tokens", "max_completion_tokens"))
        return max((each for each in given if isinstance(each, int)), default=tokens)

    @field_validator("extra_body")
    @classmethod
    def _in_json(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise ValueError("holds what JSON has no form for, such as infinity or a date") from None
        return value


class OpenAI(ApiModel):
    """Any OpenAI-compatible endpoint."""

    backend: Literal["openai"]
    """Any OpenAI-compatible endpoint."""
    base_url: str | tuple[str, ...] = ""
    """Its address, or several that serve the same model; empty: the client's default."""
    key_env: KeyName = "OPENAI_API_KEY"
    """The environment variable that holds the key; the key itself is never written anywhere."""
    concurrency: int = Field(default=8, ge=1, le=1000)
    """Requests under way at once, at most; fewer while the endpoint says 429."""
    timeout_s: float = Field(default=120, gt=0)
    """Seconds that one request may take."""
    retries: int = Field(default=5, ge=0, le=20)
    """How often a failed request is sent again, with exponential back-off; what is told 429 is not counted for two minutes."""
    max_failures: float = Field(default=0.2, ge=0, le=1)
    """The stage stops when a larger share of its requests fails for good; below, each is its row's endpoint_failed."""
    max_requests: int = Field(default=0, ge=0)
    """A stage that would ask more questions, all its rounds together, stops; further tries of one are not counted; 0: no limit."""
    price: Price | None = None
    """What its tokens cost; null: unknown, not counted."""
    budget: float = Field(default=0, ge=0)
    """Money that may be spent on this model in all, over all runs of this repository, by `price`; 0: no limit."""

    @property
    def key(self) -> str:
        """The key, from the environment."""
        return os.environ.get(self.key_env, "").strip()

    @field_validator("model")
    @classmethod
    def _somebody_else(cls, value: str) -> str:
        if value == PROJECT:
            raise ValueError(
                f"{PROJECT} is the authors of this repository, and an endpoint's answers would count as theirs; give the endpoint's "
                "name of a model"
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _without_secret(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if any(re.search(r"//[^/?#]*@", url) for url in ((value,) if isinstance(value, str) else value)):
            raise ValueError(
                "a name or password stands in the address, which dvc.lock would keep; take it out, and put the key into the "
                "environment variable that key_env names"
            )
        return value

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.budget and self.price is None:
            raise ValueError("budget counts by price, which is null; give price, or take budget out")
        return self


class Batch(ApiModel):
    """Answers by file: the stage writes its open requests as an OpenAI Batch file and stops."""

    backend: Literal["batch"]
    """Open requests go to a file, answers come by `dial-insight batch import`."""


class Recorded(ChatModel):
    """Recorded answers only; nobody is asked."""

    backend: Literal["recorded"]
    """The answers in data/recorded and in the cache, nobody is asked."""
    missing: Literal["drop", "fail"] = "drop"
    """What is not recorded: `drop` the row as not_recorded, or `fail`."""


AnyChatModel = Annotated[Transformers | LlamaCpp | OpenAI | Batch | Recorded, Field(discriminator="backend")]


class OptionalChatModel(ChatModel):
    """A model that may be null in params.yaml."""

    @classmethod
    def load_or_none(cls) -> Self | None:
        """Return the settings, or None where params.yaml says null."""
        declared.param(cls.section)
        values = lookup(load_all(), cls.section)
        return None if values is None else cls.parse(cls.section, values)


class LabellerModel(OptionalChatModel):
    """A model that answers the samples, with the keys of `generator`; null: the generator."""

    section: ClassVar[str] = "llm.labeller"


class JudgeModel(OptionalChatModel):
    """A model that grades labels and predictions, with the keys of `generator`; null: rules and reference measures only."""

    section: ClassVar[str] = "llm.judge"
