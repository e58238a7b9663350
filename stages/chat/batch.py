"""Backend `batch`: answers by file. The stage writes its open requests as OpenAI Batch files and stops.

The same file runs on OpenAI's and Alibaba's batch endpoints and through `vllm run-batch`; a person can answer it too. A line's
custom_id is the key of its answer; whom and what it asks is noted in the cache, so that an answer is taken even if the stage
has written other files since.
"""

import json
import os
import shutil
import uuid
from collections.abc import Collection
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TextIO

import psutil

from stages.chat.body import body
from stages.chat.messages import Reply, Request
from stages.chat.settings import Batch
from stages.chat.store import Asked, Store, default_folder
from stages.core.errors import EndpointError

FOLDER = "batch"  # within the cache's folder
PARTIAL = ".partial"  # at the end of a folder's name: not whole
URL = "/v1/chat/completions"
ROWS, BYTES = 50_000, 190_000_000  # of one file; OpenAI takes 50,000 requests and 200 MB
TOGETHER = 1024  # requests written at once


class BatchFile:
    """A backend whose answers come later, by `dial-insight batch import`."""

    def __init__(self, settings: Batch, cache: Path | None = None) -> None:
        """Nothing is written yet; `cache` is the folder of the cache, by default the repository's."""
        self.settings, self.identity, self.cache = settings, settings.identity, cache or default_folder()

    def open(self) -> "Requests":
        """Begin the files of the running stage, in the place of those it wrote before."""
        return Requests(self.settings, self.cache, running())

    def gone_on(self, held: Collection[str]) -> None:
        """Take away the files that the running stage wrote before, unless one of their requests is open: neither among the keys `held` nor cached."""
        folder = self.cache / FOLDER / running()
        lines = (line for path in sorted(folder.glob("[0-9]*.jsonl")) for line in path.open(encoding="utf-8"))
        with closing(Store(self.cache)) as store:
            while keys := [json.loads(line)["custom_id"] for line in islice(lines, TOGETHER)]:
                if any(key not in held for key in set(keys) - store.get(keys).keys()):
                    return
        shutil.rmtree(folder, ignore_errors=True)


def running() -> str:
    """Return the running stage's name, by which its folder of requests is called."""
    return os.environ.get("DVC_STAGE", "requests")


class Requests:
    """Open requests on their way into files; each gets the reply that it is missing, so that all are written."""

    def __init__(self, settings: Batch, cache: Path, stage: str) -> None:
        """Write into a folder called `stage`, which takes its name when all requests are in it."""
        self.settings, self.folder, self.store = settings, cache / FOLDER / stage, Store(cache)
        self.batch = uuid.uuid4().hex
        self.partial = self.folder.with_name(f"{stage}.{self.batch}.{os.getpid()}{PARTIAL}")
        self._clear_away()
        self.partial.mkdir(parents=True)
        self.pending: list[tuple[int, Request]] = []
        self.file: TextIO | None = None
        self.written = self.rows = self.size = self.files = 0

    def _clear_away(self) -> None:
        """Remove what killed runs of this stage left; one that still runs, in a queue's other worker, keeps its own."""
        for left_over in self.folder.parent.glob(f"{self.folder.name}.*{PARTIAL}"):
            if not psutil.pid_exists(int(left_over.suffixes[-2][1:])):
                shutil.rmtree(left_over, ignore_errors=True)

    @property
    def room(self) -> int:
        """How many more are written at once."""
        return TOGETHER - len(self.pending)

    def put(self, position: int, request: Request) -> None:
        """Take a request in."""
        self.pending.append((position, request))

    def take(self) -> list[tuple[int, Reply]]:
        """Write what was taken in, each question once, and return it unanswered."""
        taken, self.pending = self.pending, []
        with self.store.transaction():
            for _, request in taken:
                key = request.key(self.settings.identity)
                asked = Asked(self.settings.model_identity, request.fingerprint, request.choices_after)
                if self.store.note_asked(self.batch, key, asked):
                    self._append(key, request)
        return [(position, Reply(row=request.row, text="", finish="missing")) for position, request in taken]

    def _append(self, key: str, request: Request) -> None:
        made = {"custom_id": key, "method": "POST", "url": URL, "body": body(request, self.settings)}
        line = json.dumps(made, ensure_ascii=False) + "\n"
        size = len(line.encode())
        if self.file is None or self.rows == ROWS or self.size + size > BYTES:
            self._close_file()
            self.files, self.rows, self.size = self.files + 1, 0, 0
            self.file = (self.partial / f"{self.files:03}.jsonl").open("w", encoding="utf-8", newline="\n")
        self.file.write(line)
        self.rows, self.size, self.written = self.rows + 1, self.size + size, self.written + 1

    def _close_file(self) -> None:
        if self.file:
            self.file.close()

    def close(self) -> None:
        """Leave nothing half-written behind."""
        self._close_file()
        self.store.close()
        shutil.rmtree(self.partial, ignore_errors=True)

    def finish(self) -> None:
        """Let the files take their names, say where they are, and stop the stage, unless others have had all answered meanwhile."""
        self._close_file()
        if not self.written:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.partial.rename(self.folder)
        names = f"{self.folder}/001.jsonl" + (f" to {self.files:03}.jsonl" if self.files > 1 else "")
        raise EndpointError(
            f"{self.settings.place}: {self.written} requests wait for answers in {names}; have them answered "
            f"(docs/backends.md), then `dial-insight batch import ANSWERS` and run again"
        )
