"""The response cache: answers by content of the question, outside the graph, shared by all runs of a repository.

One SQLite file under `$DVC_ROOT/.llm-cache/` (the parent repository under `dvc exp run --temp` and in queue workers), in
write-ahead mode, so that processes share it while they run; a killed one loses nothing that it had stored. Which process asks a
question at this moment is noted, so that no other asks it too. It also remembers what was asked by file, so that an answer finds
its question however late it comes.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from stages.chat.messages import ANSWERS, Reply
from stages.chat.recorded import Answer
from stages.chat.settings import PROJECT
from stages.core.dropped import Reason
from stages.core.errors import InputError

FOLDER = ".llm-cache"
WAIT_S = 60  # for other processes that write
MENDABLE = tuple(f"SQLITE_{name}" for name in ("FULL", "READONLY", "CANTOPEN", "BUSY", "LOCKED", "IOERR", "PERM"))
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
CLAIMED_S = 900.0  # that another process may go without any answer before what it asks is asked here too
TABLES = (
    "answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL)",
    "asked (key TEXT PRIMARY KEY, author TEXT NOT NULL, request TEXT NOT NULL, after TEXT NOT NULL, batch TEXT NOT NULL)",
    "spent (model TEXT PRIMARY KEY, money REAL NOT NULL)",
    "claims (key TEXT PRIMARY KEY, pid INTEGER NOT NULL, born REAL NOT NULL, until REAL NOT NULL)",
)
COLUMNS = ("author", "request", "date")  # of answers, that caches of older versions lack
FAILED = "json_extract(reply, '$.finish') NOT IN (" + ", ".join(f"'{finish}'" for finish in ANSWERS) + ")"


class Asked(NamedTuple):
    """What an answer that comes by file belongs to: whom was asked, the question's hash, and its `choices_after`."""

    author: str
    request: str
    after: str


def default_folder() -> Path:
    """Return the cache folder of the repository this process works for."""
    return Path(os.environ.get("DVC_ROOT", os.curdir)) / FOLDER


class Store:
    """Answers, and failures that are not asked again, by key; and what was spent."""

    def __init__(self, folder: Path) -> None:
        """Open or make the cache in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "answers.sqlite"
        try:
            self.db: sqlite3.Connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, factory=_File)
            self._share()
            self.db.execute("PRAGMA synchronous=NORMAL")  # what is committed survives the process, if not a power cut
            with self.transaction():
                self._lay_out()
        except sqlite3.DatabaseError as error:
            raise _told(error, path) from None

    def _share(self) -> None:
        """Switch to write-ahead logging; SQLite does not wait by itself for another process that is doing the same."""
        until = time.monotonic() + WAIT_S
        while True:
            try:
                sqlite3.Connection.execute(self.db, "PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname.partition("_")[2] not in ("BUSY", "LOCKED") or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _lay_out(self) -> None:
        for table in TABLES:
            self.db.execute(f"CREATE TABLE IF NOT EXISTS {table} WITHOUT ROWID")
        known = {row[1] for row in self.db.execute("PRAGMA table_info(answers)")}
        for name in COLUMNS:
            if name not in known:
                self.db.execute(f"ALTER TABLE answers ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")

    def transaction(self) -> "_Transaction":
        """Return a context whose writes are stored together or not at all."""
        return _Transaction(self.db)

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Return what is stored under `keys`."""
        marks = ",".join("?" * len(keys))
        found = self.db.execute(f"SELECT key, reply, author FROM answers WHERE key IN ({marks})", tuple(keys))
        read = ((key, Reply.model_validate_json(reply), author) for key, reply, author in found)
        return {key: reply.model_copy(update={"by_project": author == PROJECT}) for key, reply, author in read}

    def whole(self) -> set[str]:
        """Return the keys of the answers that ended by themselves."""
        return {
            key for (key,) in self.db.execute("SELECT key FROM answers WHERE json_extract(reply, '$.finish') = 'stop'")
        }

    def put(self, key: str, author: str, request: str, reply: Reply) -> bool:
        """Store a reply and return True; the first one under a key stays. `request` is the hash of the question alone."""
        now = datetime.now(UTC).date().isoformat()
        done = self.db.execute(
            "INSERT OR IGNORE INTO answers (key, reply, author, request, date) VALUES (?, ?, ?, ?, ?)",
            (key, reply.model_dump_json(exclude={"by_project"}), author, request, now),
        )
        return bool(done.rowcount)

    def answers(self, author: str = "") -> Iterator[Answer]:
        """Yield what models answered, by key; failures and answers of caches that did not note the author are left out."""
        rows = self.db.execute(
            f"SELECT key, author, request, reply, date FROM answers WHERE author != '' AND (? IN ('', author)) AND NOT {FAILED} ORDER BY key",
            (author,),
        )
        for key, by, request, reply, date in rows:
            yield Answer.of(Reply.model_validate_json(reply), key=key, author=by, request=request, date=date)

    def forget(self, keys: Sequence[str] = (), author: str = "", failed: bool = False) -> int:
        """Delete what has one of `keys`, is `author`'s, and failed, as far as these are given; return how many."""
        conditions = [
            *(["key IN (SELECT value FROM json_each(:keys))"] if keys else []),
            *(["author = :author"] if author else []),
            *([FAILED] if failed else []),
        ]
        values = {"keys": json.dumps(list(keys)), "author": author}
        return self.db.execute(f"DELETE FROM answers WHERE {' AND '.join(conditions) or '0'}", values).rowcount

    def keys_of(self, reason: Reason, among: Sequence[str] = ()) -> list[str]:
        """Return the keys, `among` some if given, of what is stored and is no answer for `reason`."""
        rows = self.db.execute("SELECT key, reply FROM answers")
        wanted = set(among)
        return [
            key
            for key, reply in rows
            if (not wanted or key in wanted) and Reply.model_validate_json(reply).fault is reason
        ]

    def note_asked(self, batch: str, key: str, asked: Asked) -> bool:
        """Note that `batch` asks for the answer `key`; False if it does so already."""
        done = self.db.execute(
            "INSERT INTO asked VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET batch = excluded.batch "
            "WHERE batch != excluded.batch",
            (key, *asked, batch),
        )
        return bool(done.rowcount)

    def asked(self, keys: Sequence[str]) -> dict[str, Asked]:
        """Return what was asked by file, by key, as far as it was."""
        marks = ",".join("?" * len(keys))
        found = self.db.execute(f"SELECT key, author, request, after FROM asked WHERE key IN ({marks})", tuple(keys))
        return {key: Asked(*rest) for key, *rest in found}

    def claim(self, key: str) -> bool:
        """Note that this process asks for the answer `key`; False if another one that still runs does. Within a transaction."""
        found = self.db.execute("SELECT pid, born, until FROM claims WHERE key = ?", (key,)).fetchone()
        pid = os.getpid()
        if found and found[0] != pid and found[2] > time.time() and _born(found[0]) == found[1]:
            return False
        claim = (key, pid, _own_birth(pid), time.time() + CLAIMED_S)
        self.db.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", claim)
        return True

    def renew(self) -> None:
        """Keep all claims of this process, which has got an answer just now, for as long again."""
        self.db.execute("UPDATE claims SET until = ? WHERE pid = ?", (time.time() + CLAIMED_S, os.getpid()))

    def release(self, keys: Sequence[str]) -> None:
        """Take this process's claims back, of what it has asked or no longer asks."""
        mine = ((key, os.getpid()) for key in keys)
        self.db.executemany("DELETE FROM claims WHERE key = ? AND pid = ?", mine)

    def spend(self, model: str, money: float) -> float:
        """Book what an answer of `model` cost; return what all of them did, in this process and in others."""
        found = self.db.execute(
            "INSERT INTO spent VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET money = money + excluded.money RETURNING money",
            (model, money),
        ).fetchone()
        return float(found[0])

    def spent(self, model: str) -> float:
        """Return what all answers of `model` cost so far."""
        found = self.db.execute("SELECT money FROM spent WHERE model = ?", (model,)).fetchone()
        return float(found[0]) if found else 0.0

    def close(self) -> None:
        """Close the file."""
        self.db.close()


class _File(sqlite3.Connection):
    """A connection where a fault of the disk, or of another process that does not let go, is one line."""

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:  # noqa: ANN401 - as SQLite takes them
        """Execute a statement."""
        try:
            return self.cursor(_Rows).execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise _told(error, Path(FOLDER)) from None


class _Rows(sqlite3.Cursor):
    """What a statement found; SQLite reads on as rows are taken."""

    def __next__(self) -> Any:  # noqa: ANN401 - as SQLite gives it
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise _told(error, Path(FOLDER)) from None


def _told(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """Return the one line for a fault that a person can mend, or else the error itself."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(MENDABLE):
        return InputError(
            f"{path}: {error}; make room, rights or time for it, then run again: answers so far are cached"
        )
    if name.startswith(DAMAGED):
        return InputError(
            f"{path}: damaged, no cache that can be read; move it away: what data/recorded lacks is asked again"
        )
    return error


def _born(pid: int) -> float | None:
    """Return when a process began, which tells it from a later one with the same number; None: it has ended.

    In seconds since the machine started, as far as that can be told: a clock that is set meanwhile changes nothing.
    """
    try:
        return round(float(psutil.Process(pid).create_time() - psutil.boot_time()), 2)
    except psutil.NoSuchProcess:
        return None


_own_birth = cache(_born)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not kind:
            self.db.execute("COMMIT")
        elif self.db.in_transaction:  # SQLite has ended it itself where the disk is full
            self.db.execute("ROLLBACK")
