"""Rows mapped by Ray Data: on the cluster that RAY_ADDRESS names, or on a Ray of this process alone, which ends with it.

Chunks go through Ray Data one after the other, two at a time, so that no worker waits while a chunk's last rows are done. What
travels is pickled here, so Ray sees bytes: no text of a row comes into its logs or errors. A worker that has another state of the
code is refused, since its results could differ. A Ray of this process sends no usage statistics, has no dashboard, admits nobody
without its token, and leaves nothing behind.
"""

import hashlib
import logging
import os
import pickle
import secrets
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any

from stages.core.chunks import CHUNK, Done, Pool, done
from stages.core.errors import WorkerError

if TYPE_CHECKING:
    import pyarrow as pa

ADDRESS = "RAY_ADDRESS"  # Ray's own variable: host:port of a cluster's head
PER_START = 16  # parts of the rows that repay a start: a worker is given one at a time
PARTS = 64  # of a chunk, or PER_CORE for each core of the cluster: to begin a chunk costs a second of a core
PER_CORE = 4
TOGETHER = 2  # chunks under way
STORE = 1 << 29  # bytes of the object store of a Ray of this process
PATIENCE_S = 10  # with a cluster
RETRIES = 2  # of a part whose worker ended
BLOCK = 1 << 24  # bytes of results that a worker hands over at once
QUIET = {  # set before Ray is imported
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning about GPUs, of which these workers use none
    "RAY_DEDUP_LOGS": "0",
}


@contextmanager
def workers(function: Callable[[Any], object], few: int, cores: int) -> Iterator[Pool]:
    """Yield Ray's workers, who map the function; `few` rows do not repay a start. `cores` are for a Ray of this process alone."""
    with cluster(cores) as count, ThreadPoolExecutor(TOGETHER) as threads:
        task, rows = Task.of(function), max(CHUNK, few // PER_START)
        try:
            yield Pool(
                lambda chunk: threads.submit(task.through, rows, chunk),
                rows * max(PARTS, PER_CORE * count),
                TOGETHER + 1,
            )
        finally:
            task.over.set()
            threads.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Task:
    """What is done with each row, as it is sent: the function, the module that was started, the state of the code."""

    function: bytes
    main: str
    code: tuple[tuple[str, str], ...]
    over: Event = field(default_factory=Event)

    @classmethod
    def of(cls, function: Callable[[Any], object]) -> "Task":
        """Return the task of mapping a function."""
        started = sys.modules["__main__"].__spec__
        main = started.name if started else "__main__"
        names = sorted(name for name in {main, *sys.modules} if name.startswith("stages."))
        return cls(pickle.dumps(function), main, tuple((name, found) for name in names if (found := digest(name))))

    def through(self, part: int, rows: Sequence[Any]) -> Done:
        """Return what Ray Data makes of the rows, of which a worker is given `part` at a time."""
        import pyarrow as pa  # noqa: PLC0415 - an extra's, as ray
        import ray  # noqa: PLC0415 - an extra, needed only where it is asked for
        from ray.data import from_arrow  # noqa: PLC0415

        parts = [pickle.dumps(rows[place : place + part]) for place in range(0, len(rows), part)]
        given = from_arrow([pa.table({"rows": pa.array([rows], pa.large_binary())}) for rows in parts])
        work = partial(_worked, self.function, self.main, self.code)
        results = list[Any]()
        try:
            worked = given.map_batches(work, batch_format="pyarrow", ray_remote_args_fn=_limits)
            for batch in worked.iter_batches(batch_size=1, batch_format="pyarrow"):
                found, failure = _unpickled(batch["done"][0].as_py(), {self.main: "__main__"})
                if failure:
                    return Done([*results, *found], (len(results) + failure[0], failure[1]))
                results += found
                if self.over.is_set():
                    break
        except (ray.exceptions.RayError, ray.data.exceptions.SystemException) as error:
            raise WorkerError(_reason(error)) from None
        return Done(results, None)


def _limits() -> dict[str, int]:
    """Return how a worker is started: Ray would do again without end what ends the worker each time."""
    return {"max_retries": RETRIES}


def _worked(function: bytes, main: str, code: tuple[tuple[str, str], ...], batch: "pa.Table") -> "pa.Table":
    """Run in a worker: do the rows of one part."""
    import pyarrow as pa  # noqa: PLC0415 - an extra's, as ray

    if other := _differing(code):
        outcome = Done([], (0, WorkerError(other)))
    else:
        there = {"__main__": main}
        outcome = done(_unpickled(function, there), _unpickled(batch["rows"][0].as_py(), there))
    return pa.table({"done": pa.array([pickle.dumps(outcome)], pa.large_binary())})


@cache
def _differing(code: tuple[tuple[str, str], ...]) -> str | None:
    """Return why this worker's code is not that of the process that sent the rows, if it is not."""
    if other := next((name for name, there in code if digest(name) != there), None):
        return f"a machine of the cluster has another state of {other}; put the same commit on all of them"
    return None


@cache
def digest(module: str) -> str:
    """Return the hash of a module's source; empty where there is none."""
    spec = find_spec(module)
    return (
        hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest() if spec and spec.has_location and spec.origin else ""
    )


class _Reader(pickle.Unpickler):
    """Looks for what was in one module in another: the module that was started is `__main__` in its own process alone."""

    def __init__(self, data: bytes, instead: dict[str, str]) -> None:
        super().__init__(BytesIO(data))
        self.instead = instead

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - a class or a function
        return super().find_class(self.instead.get(module, module), name)


def _unpickled(data: bytes, instead: dict[str, str]) -> Any:  # noqa: ANN401 - what was pickled
    return _Reader(data, instead).load()


@contextmanager
def cluster(cores: int) -> Iterator[int]:
    """Connect to Ray, or start one, and yield how many cores it has."""
    own = os.environ.get(ADDRESS, "local") in ("", "local")
    if not own:
        _knock(os.environ[ADDRESS])
    with ExitStack() as stack:
        stack.enter_context(_environment({**QUIET, **(_token() if own else {})}))
        import ray  # noqa: PLC0415 - an extra, needed only where it is asked for
        from ray.data import DataContext  # noqa: PLC0415

        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        if own:
            folder = stack.enter_context(TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
            quiet |= {"address": "local", "num_cpus": cores, "include_dashboard": False, "_temp_dir": folder}
            quiet |= {"object_store_memory": STORE, "_node_ip_address": "127.0.0.1"}
        warnings.filterwarnings(
            "ignore", message="`ray_remote_args_fn` is deprecated"
        )  # there until 2.64, as pyproject.toml says
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        stack.callback(ray.shutdown)
        try:
            ray.init(**quiet)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            where = "Ray does not start here" if own else f"{ADDRESS}: no Ray cluster answers at {os.environ[ADDRESS]}"
            raise WorkerError(f"{where} ({type(error).__name__}); mend it, or write engine: local") from None
        context = DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        context.target_max_block_size = BLOCK
        yield max(1, int(ray.cluster_resources().get("CPU", 1)))


@cache
def _token() -> dict[str, str]:
    """Return what keeps others out of the Rays of this process: they read it once, when Ray is imported, and not if that is over."""
    return {} if "ray" in sys.modules else {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _knock(address: str) -> None:
    """Refuse an address at which nobody answers: Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()) or "/" in host:  # `auto`, or what Ray alone understands
        return
    try:
        socket.create_connection((host, int(port)), PATIENCE_S).close()
    except (OSError, OverflowError):
        raise WorkerError(f"{ADDRESS}: no Ray cluster answers at {address}; start it, or unset the variable") from None


def _reason(error: BaseException) -> str:
    """Return what became of the workers: the class of the error, as its text could quote a row."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ImportError):
            return f"a worker of Ray has no module {cause.name}; install the project on every machine of the cluster"
        cause = cause.__cause__
    return f"a worker of Ray ended ({type(error).__name__}); most likely memory ran out: make room, then run again"
