"""From settings to a chat: the backend they name, behind the response cache."""

from pathlib import Path

from stages.chat.cache import Cached
from stages.chat.messages import Backend, Chat
from stages.chat.settings import ChatModel


def connect(settings: ChatModel, base: Path) -> Chat:
    """Return the chat for `settings`; `base` is the folder of the embedded model."""
    return Cached(backend(settings, base))


def backend(settings: ChatModel, base: Path) -> Backend:
    """Return the bare backend; the libraries of the other one are not imported."""
    if settings.backend == "openai":
        from stages.chat.endpoint import Endpoint  # noqa: PLC0415 - its client only when asked for

        return Endpoint(settings)
    from stages.chat.local import Local  # noqa: PLC0415 - torch only when asked for

    return Local(settings, base)
