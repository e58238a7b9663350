"""Settings under which a model gives the same answer every time, in this process or at an endpoint (§3.4)."""

from stages.chat.settings import ChatModel
from stages.evaluation.rows.remote import Remote


def greedy(section: str, batch_tokens: int, remote: Remote | None = None) -> ChatModel:
    """Return the settings of a model in this process, or of `remote`; errors name the `section` of params.yaml that asks."""
    always = {"temperature": 0.0, "top_p": 1.0}
    if remote:
        return ChatModel.parse("evaluation.models", {"backend": "openai", **remote.model_dump(), **always})
    return ChatModel.parse(section, {"backend": "transformers", "batch_tokens": batch_tokens} | always)
