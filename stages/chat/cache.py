"""The response cache: answers by content of the question, outside the graph, shared by all runs of a repository.

One SQLite file under `$DVC_ROOT/.llm-cache/` (the parent repository under `dvc exp run --temp` and in queue workers), in
write-ahead mode, so that processes share it while they run and a killed one loses at most the answer it was writing.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from stages.chat.messages import Backend, Reply, Request
from stages.core.progress import bar

FOLDER = ".llm-cache"
WAIT_S = 60  # for other processes that write


def default_folder() -> Path:
    """Return the cache folder of the repository this process works for."""
    return Path(os.environ.get("DVC_ROOT", os.curdir)) / FOLDER


class Store:
    """Answers by key."""

    def __init__(self, folder: Path) -> None:
        """Open or make the cache in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "answers.sqlite", timeout=WAIT_S, isolation_level=None)
        self._share()
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID")

    def _share(self) -> None:
        """Switch to write-ahead logging; SQLite does not wait by itself for another process that is doing the same."""
        until = time.monotonic() + WAIT_S
        while True:
            try:
                self.db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def get(self, key: str) -> Reply | None:
        """Return a stored answer."""
        found = self.db.execute("SELECT reply FROM answers WHERE key = ?", (key,)).fetchone()
        return Reply.model_validate_json(found[0]) if found else None

    def put(self, key: str, reply: Reply) -> None:
        """Store an answer; the first one under a key stays."""
        self.db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, reply.model_dump_json()))

    def close(self) -> None:
        """Close the file."""
        self.db.close()


class Cached:
    """A chat: a backend behind the cache and a progress bar."""

    def __init__(self, backend: Backend, folder: Path | None = None) -> None:
        """Put the cache in `folder` (by default the repository's) before `backend`."""
        self.backend, self.folder = backend, folder or default_folder()

    @property
    def identity(self) -> str:
        """Name model and sampling."""
        return self.backend.identity

    def ask(self, requests: Sequence[Request], title: str) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; every new answer is stored as soon as it is there."""
        with closing(Store(self.folder)) as store:
            keys = [request.key(self.identity) for request in requests]
            first: dict[str, int] = {}  # the same question is asked once
            for position, key in enumerate(keys):
                first.setdefault(key, position)
            known = {key: reply for key in first if (reply := store.get(key))}
            asked = [position for key, position in first.items() if key not in known]
            with bar(len(asked), f"{title}: {self.identity.split('@')[0]}", "answers") as shown:
                for place, reply in self.backend.answer([requests[position] for position in asked]):
                    known[keys[asked[place]]] = reply
                    store.put(keys[asked[place]], reply)
                    shown.update()
        for request, key in zip(requests, keys, strict=True):
            yield known[key].model_copy(update={"row": request.row})
