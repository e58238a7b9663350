"""Recorded answers: immutable segments in `data/recorded/`, in Git, read before the live cache.

A segment is JSONL of one author, named AUTHOR-DATE-HASH.jsonl after its content: the date of its last answer, and 12 digits of
the SHA-256 over its bytes. So two people's segments are merged by lying side by side, and what was cut, edited or renamed
afterwards is no segment any more. Of two answers under one key the one in the segment first by name holds. A line has no
prompt text, only the question's hash.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError

from stages.chat.messages import Rated, Reply, TokenChoice
from stages.chat.settings import PROJECT
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.jsonl import TWICE, twice
from stages.core.row import Record

FOLDER = Path("data/recorded")
HASH = "^[0-9a-f]{16}$"  # as content_id makes them


class Answer(Record):
    """One line of a segment: what a model or a person said, never a fault."""

    key: str = Field(pattern=HASH)
    author: str = Field(min_length=1)  # a model with its hash, or `project`
    request: str = Field(pattern=HASH)  # of the question alone
    text: str
    finish: Literal["stop", "length"]  # ANSWERS
    prompt_tokens: int = 0
    completion_tokens: int = 0
    choices: tuple[TokenChoice, ...] = ()
    rated: Rated | None = None
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")

    @classmethod
    def of(cls, reply: Reply, *, key: str, author: str, request: str, date: str) -> Self:
        """Return a reply as it is recorded: without its row, which is not part of the question."""
        return cls(
            key=key,
            author=author,
            request=request,
            date=date,
            **reply.model_dump(exclude={"row", "recorded", "by_project"}),
        )

    def reply(self, row: str) -> Reply:
        """Return the answer as the reply for a row."""
        return Reply(
            row=row,
            text=self.text,
            finish=self.finish,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            choices=self.choices,
            rated=self.rated,
            recorded=True,
            by_project=self.author == PROJECT,
        )


def segments(folder: Path = FOLDER) -> list[Path]:
    """Return the segments in `folder`, by name."""
    return sorted(folder.glob("*.jsonl"))


def read(segment: Path) -> list[Answer]:
    """Return the answers of a segment; one whose name is not that of its content is refused."""
    try:
        content = segment.read_bytes()
    except OSError as error:
        raise InputError(f"{segment}: {error.strerror}; give a segment of recorded answers (*.jsonl)") from None
    remedy = "restore it (`git checkout -- FILE`, or from where it came), or delete it"
    if not segment.stem.endswith(f"-{_digest(content)}"):
        raise InputError(f"{segment}: damaged: its content is not what its name was made of; {remedy}")
    answers = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            answers.append(Answer.model_validate_json(line))
        except ValidationError:
            raise InputError(f"{segment}:{number}: no recorded answer; {remedy}") from None
        if twice(line):
            raise InputError(f"{segment}:{number}: {TWICE}, or {remedy}")
    if not answers or {answer.author for answer in answers} != {answers[0].author}:
        raise InputError(f"{segment}: not the answers of one author; {remedy}")
    if segment.name != (name := _name(answers, content)):
        raise InputError(f"{segment}: renamed; its name is {name}: name it so")
    return answers


def load(folder: Path = FOLDER) -> dict[str, Answer]:
    """Return all recorded answers by key."""
    found: dict[str, Answer] = {}
    for segment in segments(folder):
        for answer in read(segment):
            found.setdefault(answer.key, answer)
    return found


def write(answers: Iterable[Answer], folder: Path = FOLDER) -> list[Path]:
    """Write one segment for each author, sorted by key; return their paths. The same answers give the same segments."""
    by_author: dict[str, list[Answer]] = {}
    for answer in answers:
        by_author.setdefault(answer.author, []).append(answer)
    return [_segment(rows, folder) for _, rows in sorted(by_author.items())]


def _segment(answers: list[Answer], folder: Path) -> Path:
    rows = sorted(answers, key=lambda answer: answer.key)
    text = "".join(row.model_dump_json(exclude_defaults=True) + "\n" for row in rows)
    path = folder / _name(rows, text.encode())
    if not path.exists():
        with atomic(path) as file:
            file.write(text)
    return path


def _name(answers: list[Answer], content: bytes) -> str:
    author = re.sub(r"[^A-Za-z0-9._@-]", "_", answers[0].author)
    day = max(answer.date for answer in answers).replace("-", "")
    return f"{author}-{day}-{_digest(content)}.jsonl"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
