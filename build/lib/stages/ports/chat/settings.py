"""The settings of a chat model and how to connect to it."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from stages.ports import declared
from stages.ports.chat.messages import Backend, Chat
from stages.ports.chat.store import Cached
from stages.ports.params import Section, load_all, lookup


class Model(Section):
    """One of `llm.*`: which model answers, how it samples, how it is reached."""

    section: ClassVar[str] = "llm.generator"

    backend: Literal["local", "openai"]  # the model of stage `base` in this process, or an OpenAI-compatible endpoint
    model: str = ""  # openai: the name the endpoint knows it by
    base_url: str = ""  # openai: the endpoint's address; empty: the client's default
    key_env: str = "OPENAI_API_KEY"  # openai: the environment variable that holds the key; never the key itself
    temperature: float = Field(ge=0, le=2)  # 0: greedy
    top_p: float = Field(gt=0, le=1)
    batch_tokens: int = Field(ge=256)  # local: tokens in one batch, prompts and answers
    concurrency: int = Field(ge=1, le=512)  # openai: requests under way at once
    timeout_s: float = Field(gt=0)  # openai: for one request
    retries: int = Field(ge=0, le=20)  # openai: after the first try, with exponential back-off
    max_requests: int = Field(ge=0)  # openai: refuse to send more in one stage; 0: no limit

    @model_validator(mode="after")
    def _named(self) -> "Model":
        if (self.backend == "openai") != bool(self.model):
            raise ValueError("model names the endpoint's model: needed with backend openai, empty with backend local")
        return self


class Judge(Model):
    """`llm.judge`: the model that grades, a separate setting."""

    section: ClassVar[str] = "llm.judge"

    @classmethod
    def load_or_none(cls) -> "Judge | None":
        """Return the settings, or None where params.yaml says `judge: null`."""
        declared.param(cls.section)
        values = lookup(load_all(), cls.section)
        return None if values is None else cls.parse(cls.section, values)


def connect(settings: Model, base: Path) -> Chat:
    """Return the chat for `settings`; `base` is the folder of the embedded model."""
    return Cached(backend(settings, base))


def backend(settings: Model, base: Path) -> Backend:
    """Return the bare backend; the libraries of the other one are not imported."""
    if settings.backend == "openai":
        from stages.ports.chat.endpoint import Endpoint  # noqa: PLC0415 - its client only when asked for

        return Endpoint(settings)
    from stages.ports.chat.local import Local  # noqa: PLC0415 - torch only when asked for

    return Local(settings, base)
