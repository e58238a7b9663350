"""A small repository with rows that are invented here, and the page over it: a real server on loopback."""

import http.client
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from stages.cli.review import server
from stages.cli.review.desk import Desk
from stages.cli.review.queue import Queue
from stages.core import jsonl
from stages.core.row import Record
from stages.pii.gold import Placed
from stages.pii.masked import Masked
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction

ACTION = re.compile(r'action="(/rows/[^"]+/decision[^"]*)"')
TOKEN = re.compile(r'name="token" value="([^"]+)"')
SHARED = {
    "language": "en",
    "task": "content_summarization",
    "requirement": "key_information",
    "formats": ("paragraph", "list"),
}


def instruction(text: str, **fields: object) -> Instruction:
    """Return an instruction a model wrote, with these fields in place of usual ones."""
    return Instruction.new(**{**SHARED, "origin": "generated", "text": text, "author": "a model", **fields})


def dialogue(key: str, *said: str, language: str = "en", **fields: object) -> Dialogue:
    """Return a conversation in which provider and customer take turns."""
    turns = tuple(Turn(party="customer" if n % 2 else "provider", text=text) for n, text in enumerate(said))
    shared = {"scene": "buying", "source": "im_messages", "role": "real_estate_agent", "language": language}
    return Dialogue.model_validate({"id": key, "key": key, "turns": turns, **shared, **fields})


def where_masked(row: Dialogue, *stretches: tuple[int, str, str]) -> Masked:
    """Return where a conversation was masked: of each stretch the turn, the words, at their first place there, and the placeholder."""
    starts = [row.turns[turn].text.index(words) for turn, words, _ in stretches]
    spans = [
        Placed(turn=turn, start=start, end=start + len(words), kind=name[1:-3].lower(), placeholder=name)
        for start, (turn, words, name) in zip(starts, stretches, strict=True)
    ]
    return Masked(id=row.id, spans=tuple(spans))


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def place(self) -> str:
        """Where it sends the browser."""
        return self.headers.get("location", "")


class Page:
    """The page of a queue, and a browser's part by hand."""

    def __init__(self, queue: Queue, reviewer: str) -> None:
        self.desk = Desk(queue, reviewer)
        self.listener = server.listening(0)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server, self.thread = server.started(self.desk, self.listener)
        self.token = (TOKEN.search(self.get(f"/rows/{self.desk.rows.entries[0].id}").text) or ["", ""])[1]

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Reply:
        """Ask with just these headers, `_` standing for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body.encode() if body else None, given)
        reply = connection.getresponse()
        found = Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read().decode())
        connection.close()
        return found

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, **fields: object) -> Reply:
        """Send a form as one of the page's own; a list gives a field several times."""
        form = urlencode({"token": self.token, **fields}, doseq=True)
        return self.ask("POST", path, form, Content_Type="application/x-www-form-urlencoded", Origin=self.url)

    def decide(self, key: str, **fields: object) -> Reply:
        return self.post(f"/rows/{key}/decision", **fields)

    def address(self, key: str, query: str = "") -> str:
        """Open a row, and return where the forms of that page go, which is one address."""
        (found,) = set(ACTION.findall(self.get(f"/rows/{key}{query}").text))
        return unescape(found)

    @property
    def order(self) -> list[str]:
        return [entry.id for entry in self.desk.rows.entries]


Open = Callable[..., Page]
Write = Callable[..., None]


def furnish(folder: Path, root: Path) -> None:
    """Put the shipped params and prompts there."""
    shutil.copy(root / "params.yaml", folder)
    (folder / "prompts").symlink_to(root / "prompts")


@pytest.fixture
def write() -> Write:
    """Write rows to a file of the repository."""

    def rows(path: str, *rows: Record) -> None:
        jsonl.write(Path(path), rows)

    return rows


@pytest.fixture
def place(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a repository with the shipped params and prompts, and no data."""
    furnish(tmp_path, root)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def opened(place: Path) -> Iterator[Open]:
    """Open the page of a queue."""
    pages = list[Page]()

    def page(queue: Queue, reviewer: str = "Ann") -> Page:
        pages.append(Page(queue, reviewer))
        return pages[-1]

    yield page
    for one in pages:
        one.close()
