"""The cache of answers, looked into: no file of it is touched, unless there is an answer to be stored."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from stages.chat.messages import Reply
from stages.chat.store import TABLES, Store
from stages.core.errors import InputError


class ReadOnlyStore(Store):
    """The cache as it is: what is added lasts until it closes, and no file of it is touched."""

    def __init__(self, folder: Path) -> None:
        """Look into the cache in `folder`, where there is one."""
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        with self.transaction():
            self._lay_out()
        path = folder / "answers.sqlite"
        self.there = _there(path) if path.is_file() else None

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Return what is stored under `keys`."""
        return super().get(keys) | (self.there.get(keys) if self.there else {})

    def whole(self) -> set[str]:
        """Return the keys of the answers that ended by themselves."""
        return super().whole() | (self.there.whole() if self.there else set())

    def spend(self, model: str, money: float) -> float:
        """Add to what was spent, for as long as this store is open."""
        return super().spend(model, money) + (self.there.spent(model) if self.there else 0.0)

    def spent(self, model: str) -> float:
        """Return what all answers of `model` cost so far."""
        return super().spent(model) + (self.there.spent(model) if self.there else 0.0)

    def close(self) -> None:
        """Close both."""
        super().close()
        if self.there:
            self.there.close()


class WatchedStore(ReadOnlyStore):
    """The cache, which remembers what came in while it was watched, and is opened for writing only when there is something to write.

    What an answer cost is booked whether it is stored or not, as it was paid.
    """

    added: ClassVar[set[str]] = set()
    asks = stores = False

    def __init__(self, folder: Path) -> None:
        """Look into the cache in `folder`."""
        super().__init__(folder)
        self.folder = folder
        self.real: Store | None = None

    def put(self, key: str, author: str, request: str, reply: Reply) -> bool:
        """Store a reply, or keep it until this is closed."""
        self.added.add(key)
        if self.stores:
            self._opened().put(key, author, request, reply)
        return super().put(key, author, request, reply)

    def spend(self, model: str, money: float) -> float:
        """Book what an answer cost."""
        return self._opened().spend(model, money) if self.asks else super().spend(model, money)

    def _opened(self) -> Store:
        if self.real is None:
            if self.there:
                self.there.close()
            self.there = self.real = Store(self.folder)
        return self.real


def _there(path: Path) -> Store:
    """Return the cache in `path`, to be read only.

    SQLite leaves files of its own beside a database in write-ahead mode that it only reads, unless the file is said never to
    change; while another process has it open they are there anyway, and what that one has written stands in them.
    """
    log = path.with_name(f"{path.name}-wal")
    busy = log.exists() and log.stat().st_size > 0
    found = Store.__new__(Store)
    try:
        found.db = sqlite3.connect(f"{path.resolve().as_uri()}?{'mode=ro' if busy else 'immutable=1'}", uri=True)
        tables = {name for (name,) in found.db.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        raise InputError(
            f"{path}: cannot be read as the cache of answers; move it away: what data/recorded lacks is asked again"
        ) from None
    for table in TABLES:
        if table.partition(" ")[0] not in tables:  # of an older version
            found.db.execute(f"CREATE TEMP TABLE {table} WITHOUT ROWID")
    return found
