"""The settings of a chat model."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from stages.core import declared
from stages.core.params import Section, load_all, lookup


class ChatModel(Section):
    """One of `llm.*`: which model answers, how it samples, how it is reached."""

    section: ClassVar[str] = "llm.generator"

    backend: Literal["local", "openai"]
    """The model of stage `base` in this process, or an OpenAI-compatible endpoint."""
    model: str = ""
    """Openai: the name the endpoint knows it by."""
    base_url: str = ""
    """Openai: the endpoint's address; empty: the client's default."""
    key_env: str = "OPENAI_API_KEY"
    """Openai: the environment variable that holds the key; never the key itself."""
    temperature: float = Field(ge=0, le=2)
    """0: greedy."""
    top_p: float = Field(gt=0, le=1)
    batch_tokens: int = Field(ge=256)
    """Local: tokens in one batch, prompts and answers."""
    concurrency: int = Field(ge=1, le=512)
    """Openai: requests under way at once."""
    timeout_s: float = Field(gt=0)
    """Openai: for one request."""
    retries: int = Field(ge=0, le=20)
    """Openai: after the first try, with exponential back-off."""
    max_requests: int = Field(ge=0)
    """Openai: refuse to send more in one stage; 0: no limit."""

    @model_validator(mode="after")
    def _named(self) -> "ChatModel":
        if (self.backend == "openai") != bool(self.model):
            raise ValueError("model names the endpoint's model: needed with backend openai, empty with backend local")
        return self


class JudgeModel(ChatModel):
    """`llm.judge`: the model that grades, a separate setting."""

    section: ClassVar[str] = "llm.judge"

    @classmethod
    def load_or_none(cls) -> "JudgeModel | None":
        """Return the settings, or None where params.yaml says `judge: null`."""
        declared.param(cls.section)
        values = lookup(load_all(), cls.section)
        return None if values is None else cls.parse(cls.section, values)
