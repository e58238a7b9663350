"""`dial-insight review`: the page on loopback, until Ctrl-C or SIGTERM."""

import os
import signal
import socket
import subprocess
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from stages.cli.review.app import application
from stages.cli.review.desk import Desk, Progress
from stages.cli.review.queue import Queue
from stages.core.errors import EndpointError, UsageError

ENDS = (signal.SIGINT, signal.SIGTERM)


def review(queue: Queue, reviewer: str, port: int, browser: bool, say: Callable[[str], None]) -> None:
    """Open the queue at `port` (0: a free one), say where, and wait for the signal that ends it."""
    with held() as before:
        desk = Desk(queue, named(reviewer))
        with listening(port) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            server, serving = started(desk, listener)
            say(f"{queue.title}: {counted(desk.progress())}")
            say(f"{url} is open to {desk.reviewer}; decisions go to {queue.file}; Ctrl-C ends it")
            if browser:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)  # a browser that is started here can be ended
                webbrowser.open(url)
                signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
            signal.sigwait(ENDS)
            server.should_exit = True
            serving.join()
    say(counted(desk.progress()) + (f"; `dvc repro {queue.reads}` takes them in" if queue.reads else ""))


@contextmanager
def held() -> Iterator[set[int]]:
    """Let the signals that end the page wait for `sigwait`, in every thread that begins meanwhile; yield what was held before."""
    before = set[int](signal.pthread_sigmask(signal.SIG_BLOCK, ENDS))
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def started(desk: Desk, listener: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
    """Return the page's server, which answers, and its thread."""
    server = uvicorn.Server(config(desk, listener.getsockname()[1]))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    while not server.started:
        if not serving.is_alive():
            raise EndpointError("review: the page's server ended before it began; give another --port")
        time.sleep(0.005)
    return server, serving


def counted(progress: Progress) -> str:
    """Return how far a queue is."""
    return f"{progress.decided} of {progress.rows} decided, {progress.waiting} wait, {progress.conflicts} in conflict"


def config(desk: Desk, port: int) -> uvicorn.Config:
    """Return how the page is served: what is asked for is not logged, as addresses name rows and hold words that were searched."""
    return uvicorn.Config(
        application(desk, port),
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )


def listening(port: int) -> socket.socket:
    """Return a socket on loopback; EndpointError where the port is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        why = os.strerror(error.errno or 0).lower()
        raise EndpointError(f"review: port {port}: {why}; give another one, or --port 0 for a free one") from None
    return listener


def named(reviewer: str) -> str:
    """Return who decides: the name given, or else Git's; UsageError for one of blanks."""
    if reviewer and not reviewer.strip():
        raise UsageError("review: --reviewer is blank; give a name, or leave it out for that of git config user.name")
    return reviewer.strip() or git_name()


def git_name() -> str:
    """Return `git config user.name`; UsageError where there is none: a decision says whose it is."""
    done = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise UsageError("review: nobody's name; give --reviewer NAME, or set it: git config user.name NAME")
    return done.stdout.strip()
