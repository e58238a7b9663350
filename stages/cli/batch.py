"""Answers by file: what waits for them, and taking them in.

What is well-formed and was asked here is stored; any other line is counted, the first of each kind named by its place, and
its question stays open. So a file may be imported again, or with its rest mended: what is stored stays.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from stages.chat import recorded
from stages.chat.batch import FOLDER, PARTIAL
from stages.chat.body import Completion, read, reply
from stages.chat.messages import ANSWERS, Reply, Request
from stages.chat.refusal import NAMED, REFUSED, TOO_LONG, TOO_LONG_WORDS
from stages.chat.settings import PROJECT
from stages.chat.store import Store, default_folder
from stages.cli.cache import remedy
from stages.core.errors import InputError, UsageError
from stages.core.row import Record
from stages.reporting.counted import counted

CHUNK = 500  # lines stored together
ANSWERED = (
    "all answered: run `dvc repro`, if it did not run since; a stage that asks in rounds stops again with the next"
)
MODEL = re.compile(r"[\w./:@-]{1,80}")  # what may be shown of a model's name


class Response(Record):
    """What came over HTTP."""

    model_config = ConfigDict(extra="ignore")

    status_code: int = 200
    body: Any = None


class Line(Record):
    """A line of an answers file: a provider's, with `response` or `error`, or a person's, with `text`."""

    model_config = ConfigDict(extra="ignore")

    custom_id: str
    response: Response | None = None
    error: Any = None
    text: str | None = Field(default=None, pattern=r"\S")
    finish: Literal["stop", "length"] = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @model_validator(mode="after")
    def _says_something(self) -> "Line":
        if self.text is None and self.response is None and not self.error:
            raise ValueError("no text, response or error")
        return self

    @property
    def model(self) -> str:
        """The model that the answer says it is of; empty: it does not say."""
        body = self.response.body if self.response else None
        told = body.get("model") if isinstance(body, dict) else None
        return told if isinstance(told, str) else ""

    def reply(self, after: str) -> Reply | str:
        """Return the reply, with the tokens behind `after`, or why the question stays open."""
        if self.text is not None:
            said = self.model_dump(include={"text", "finish", "prompt_tokens", "completion_tokens"})
            return Reply(row="", **said)
        if self.error or self.response is None or self.response.status_code != 200:
            return self._failure()
        try:
            done = Completion.model_validate(self.response.body)
        except ValidationError:
            return "unreadable answer"
        made = reply(Request(row="", user="", max_tokens=1, choices_after=after), done)
        return "unknown finish_reason" if made.finish == "lost" else made

    def _failure(self) -> Reply | str:
        """Tell refusals of this question from other errors, by the codes; messages, which may quote it, are never shown."""
        told = [self.error, self.response and self.response.body]
        codes = {found for found in _values(told, ("code", "type")) if isinstance(found, str)}
        if codes & REFUSED:
            return Reply(row="", text="", finish="filter")
        if codes & TOO_LONG or TOO_LONG_WORDS.search(json.dumps(told, ensure_ascii=False)):
            return Reply(row="", text="", finish="context")
        status = [f"HTTP {self.response.status_code}"] if self.response and self.response.status_code != 200 else []
        return " ".join([*status, *sorted(filter(NAMED.fullmatch, codes))]) or "error"


def _values(told: object, names: Collection[str]) -> Iterator[object]:
    """Yield what stands under `names`, however deep."""
    inside = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    if isinstance(told, dict):
        yield from (told[name] for name in names if name in told)
    for part in inside:
        yield from _values(part, names)


class Import:
    """An answers file on its way into the cache, with its counts."""

    def __init__(self, path: Path, author: str, store: Store, held: dict[str, recorded.Answer]) -> None:
        """Take in `path`; `author`, unless empty, wrote all of it. `held` was recorded before."""
        self.path, self.author, self.store, self.held = path, author, store, held
        self.stored, self.cut, self.failed = Counter[str](), Counter[str](), Counter[str]()
        self.others = Counter[
            tuple[str, str]
        ]()  # answers of a model that says another name than was asked, and for whose they count
        self.bad = dict[str, list[int]]()
        self.refused = self.before = 0

    def run(self) -> Iterator[str]:
        """Store the lines, then yield what became of them."""
        with self.path.open("rb") as file:
            lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
            while chunk := list(islice(lines, CHUNK)):
                self._store([(number, line) for number, text in chunk if (line := self._parsed(number, text))])
        for author, count in sorted(self.stored.items()):
            cut = f", {self.cut[author]} of them cut off at the token limit" if self.cut[author] else ""
            yield f"{self.path}: {counted(count, 'answer')} of {author} stored{cut}"
        for (other, author), count in sorted(self.others.items()):
            yield (
                f"{self.path}: {counted(count, 'answer')} by the name of {other}, to count as of {author}, which was asked: "
                f"if that is wrong, `dial-insight cache forget --author {quote(author)}`"
            )
        if self.refused:
            yield f"{self.path}: {self.refused} refused, by a content filter or as too long; `cache forget --failed` asks them again"
        if self.before:
            yield f"{self.path}: {self.before} were answered before; the first answer stays"
        if self.failed:
            codes = ", ".join(f"{code} × {count}" for code, count in sorted(self.failed.items()))
            yield f"{self.path}: {self.failed.total()} failed and stay open ({codes})"

    def _parsed(self, number: int, text: bytes) -> Line | None:
        try:
            return read(Line, text)
        except ValidationError:
            self.bad.setdefault("without an answer", []).append(number)
            return None

    def _store(self, lines: Sequence[tuple[int, Line]]) -> None:
        asked = self.store.asked([line.custom_id for _, line in lines])
        with self.store.transaction():
            for number, line in lines:
                if line.custom_id not in asked:
                    self.bad.setdefault("to what was never asked here", []).append(number)
                    continue
                author, request, after = asked[line.custom_id]
                stored = self._put(line.custom_id, self.author or author, request, line.reply(after))
                if stored and not self.author and not _alike(author, line.model):
                    self.others[line.model if MODEL.fullmatch(line.model) else "another model", author] += 1

    def _put(self, key: str, author: str, request: str, reply: Reply | str) -> bool:
        """Store a reply, and return whether it is an answer that is new."""
        if isinstance(reply, str):
            self.failed[reply] += 1
        elif key in self.held or not self.store.put(key, author, request, reply):
            self.before += 1
        elif reply.finish in ANSWERS:
            self.stored[author] += 1
            self.cut[author] += reply.finish == "length"
            return True
        else:
            self.refused += 1
        return False


def _alike(author: str, told: str) -> bool:
    """Whether a model's answer may be told by `told`: services add a date or take the folder off."""
    asked, named = author.rpartition("@")[0].lower(), told.lower()
    return not asked or asked in named or named in asked


def bring(paths: Sequence[Path], author: str) -> Iterator[str]:
    """Store the answers in files; yield what became of them, then raise InputError if lines were passed over."""
    if author not in ("", PROJECT):
        raise UsageError(
            f"batch import: --author is {PROJECT} or left out: a model's answers are told by what was asked"
        )
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise InputError(f"{', '.join(missing)}: not there; give files of answers (JSONL)")
    held, bad = recorded.load(), list[str]()
    with closing(Store(default_folder())) as store:
        for path in paths:
            taken = Import(path, author, store, held)
            yield from taken.run()
            for what, rows in sorted(taken.bad.items(), key=lambda item: item[1]):
                bad.append(f"{path}: {counted(len(rows), 'line')} {what}, the first is line {rows[0]}")
    yield from status()
    yield from remedy()
    if bad:
        raise InputError(f"{'; '.join(bad)}; all other lines were taken: mend these and import the file again")


def status() -> Iterator[str]:
    """Yield a line for each stage that wrote requests: how many the last ones were, and how many of these are answered.

    They stay when the stage has gone on, and no file says that it has: neither does the line.
    """
    stages = _stages()
    for stage, folder in stages.items():
        answered = Counter(known for _, known in _requests(folder))
        rest = f"{answered[True]} answered, {answered[False]} open" if answered[False] else ANSWERED
        yield f"{stage}: {counted(answered.total(), 'request')}, {rest}"
    if not stages:
        yield "no stage has written requests here"


def show(stage: str) -> Iterator[str]:
    """Yield the open requests of `stage` as text for a person."""
    stages = _stages()
    if stage not in stages:
        raise UsageError(f"batch show: {stage} does not wait for answers; {', '.join(stages) or 'no stage'} does")
    for line, answered in _requests(stages[stage]):
        if not answered:
            yield f"──── {line['custom_id']}"
            yield from (f"[{turn['role']}]\n{turn['content']}\n" for turn in line["body"]["messages"])
    yield 'Answer each as a line {"custom_id": "…", "text": "…"} of a file for `dial-insight batch import`'


def _stages() -> dict[str, Path]:
    """Return the folders of requests by stage, without those that are not whole."""
    folders = sorted((default_folder() / FOLDER).glob("*/"))
    return {folder.name: folder for folder in folders if not folder.name.endswith(PARTIAL)}


def _requests(folder: Path) -> Iterator[tuple[Any, bool]]:
    """Yield the lines of all files in `folder`, and whether each is answered."""
    held = recorded.load()
    lines = (json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8"))
    with closing(Store(default_folder())) as store:
        while chunk := list(islice(lines, CHUNK)):
            known = held.keys() | store.get([line["custom_id"] for line in chunk]).keys()
            yield from ((line, line["custom_id"] in known) for line in chunk)
