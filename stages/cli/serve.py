"""A model of the catalog behind an OpenAI-compatible endpoint on loopback, until Ctrl-C or SIGTERM."""

import ctypes
import os
import signal
import socket
from collections.abc import Callable

from stages.catalog import download
from stages.chat.settings import LlamaCpp
from stages.core.errors import EndpointError

ENDS = (signal.SIGINT, signal.SIGTERM)
READY_S = 60.0  # at most, from a loaded model to its first answer


def serve(settings: LlamaCpp, port: int, say: Callable[[str], None]) -> None:
    """Fetch the model if it is not here, listen at `port` (0: a free one), say how to ask it once it is ready, and wait."""
    _refuse_taken(port)
    download.gguf(settings.model, settings.place)
    from stages.chat.llama_cpp import start  # noqa: PLC0415 - the library only when a model is served

    # before the library's threads begin: none of them may take the signal
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    server = start(settings, port)
    try:
        refuse_silent(server.listening_address, READY_S)
    except EndpointError:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(server))  # ended before its thread listens it would wait for ever
        raise
    for line in usage(settings, f"{server.listening_address}/v1"):
        say(line)
    signal.sigwait(ENDS)
    del server


def refuse_silent(address: str, seconds: float) -> None:
    """Wait until the server at `address` answers, so many seconds at most; EndpointError where it does not."""
    import httpx2  # noqa: PLC0415 - only when a model is served

    try:
        httpx2.get(f"{address}/health", trust_env=False, timeout=seconds)
    except httpx2.TransportError as error:
        raise EndpointError(
            f"serve: {address}: the model is loaded, but its server does not answer ({type(error).__name__}, {seconds:g} seconds "
            "at most); run it again, with another --port"
        ) from None


def usage(settings: LlamaCpp, url: str) -> list[str]:
    """Return what a person needs to know: where the model listens, and how one run, or any client, asks it."""
    return [
        f"{settings.model} listens at {url}, {settings.slots} requests at once of {settings.context} tokens each; Ctrl-C ends it",
        "one run that asks it:",
        f"  dvc exp run -S llm.generator.backend=openai -S llm.generator.model={settings.model} "
        f"-S ++llm.generator.base_url={url}",
        f"any other client: base_url {url}, model {settings.model}, any key",
    ]


def _refuse_taken(port: int) -> None:
    """Say it before a model is fetched and loaded."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the port of a server that has just ended is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = os.strerror(error.errno or 0).lower()
            raise EndpointError(f"serve: port {port}: {why}; give another one, or --port 0 for a free one") from None
