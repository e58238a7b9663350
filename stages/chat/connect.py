"""From settings to a chat: the backend they name, behind recorded answers and the cache."""

from pathlib import Path

from stages.chat.messages import Backend, Chat
from stages.chat.port import Port
from stages.chat.settings import Batch, ChatModel, LlamaCpp, OpenAI, Transformers


def connect(settings: ChatModel, base: Path, apart: Path | None = None) -> Chat:
    """Return the chat for `settings`; `base` is the folder of stage `base`'s model.

    Where an answer is wanted anew, `apart` is the folder that stands in the place of the recorded answers and of the cache.
    """
    asked = backend(settings, base)
    return Port(settings, asked, apart, apart) if apart else Port(settings, asked)


def backend(settings: ChatModel, base: Path) -> Backend | None:
    """Return the bare backend, None where nobody is asked; the libraries of the others are not imported."""
    match settings:
        case OpenAI():
            from stages.chat.endpoint import Endpoint  # noqa: PLC0415 - its client only when asked for

            return Endpoint(settings)
        case LlamaCpp():
            from stages.chat.llama_cpp import LlamaCppServer  # noqa: PLC0415 - its library only when asked for

            return LlamaCppServer(settings)
        case Batch():
            from stages.chat.batch import BatchFile  # noqa: PLC0415 - as above

            return BatchFile(settings)
        case Transformers():
            from stages.chat.in_process import InProcess  # noqa: PLC0415 - torch only when asked for

            return InProcess(settings, base)
        case _:
            return None
