"""The settings of a chat model."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from stages.core import declared
from stages.core.params import Section, load_all, lookup


class ChatModel(Section):
    """A model that answers: which one it is, how it samples, how it is reached."""

    section: ClassVar[str] = "llm.generator"

    backend: Literal["local", "openai"]
    """`local`: the model of stage `base`, in this process; `openai`: any OpenAI-compatible endpoint."""
    model: str = ""
    """The model's name at the endpoint, with backend `openai`; empty with `local`."""
    base_url: str = ""
    """The endpoint's address, with backend `openai`; empty: the client's default."""
    key_env: str = "OPENAI_API_KEY"
    """The environment variable that holds the endpoint's key; the key itself is never written anywhere."""
    temperature: float = Field(ge=0, le=2)
    """Of sampling; 0: greedy, the same answer every time."""
    top_p: float = Field(gt=0, le=1)
    """Tokens are drawn from the likeliest that together have this probability; 1: from all. Unused when greedy."""
    batch_tokens: int = Field(ge=256)
    """With backend `local`, tokens in one batch: rows × (longest prompt + answer)."""
    concurrency: int = Field(ge=1, le=512)
    """With backend `openai`, requests under way at once."""
    timeout_s: float = Field(gt=0)
    """With backend `openai`, seconds that one request may take."""
    retries: int = Field(ge=0, le=20)
    """With backend `openai`, how often a failed request is sent again, with exponential back-off."""
    max_requests: int = Field(ge=0)
    """With backend `openai`, a stage that would send more requests refuses to start; 0: no limit."""

    @model_validator(mode="after")
    def _named(self) -> "ChatModel":
        if (self.backend == "openai") != bool(self.model):
            raise ValueError("model names the endpoint's model: needed with backend openai, empty with backend local")
        return self


class JudgeModel(ChatModel):
    """A model that grades labels and predictions, with the keys of `generator`; null: rules and reference measures only."""

    section: ClassVar[str] = "llm.judge"

    @classmethod
    def load_or_none(cls) -> "JudgeModel | None":
        """Return the settings, or None where params.yaml says `judge: null`."""
        declared.param(cls.section)
        values = lookup(load_all(), cls.section)
        return None if values is None else cls.parse(cls.section, values)
