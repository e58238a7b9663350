"""Rows of the graph's files as they lie there: where each stands, found by its id, streamed, and only lines with the id parsed.

A row of an older version, with other fields, is found as well as one of today.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from stages.core.errors import InputError
from stages.core.row import Record

TRAINING, LABELS, TESTED = "data/train/train.jsonl", "data/labels/train.jsonl", "data/labels/test.jsonl"
ENHANCED, ASSEMBLED, PAIRS = "data/prompts/enhanced.jsonl", "data/prompts/assembled.jsonl", "data/samples/pairs.jsonl"
REPLIES, QUALITIES = "data/samples/replies.jsonl", "data/quality/labels.jsonl"
COMMUNITIES = "data/quality/communities.jsonl"
INSTRUCTIONS = tuple(f"data/instructions/{name}.jsonl" for name in ("library", "evolved", "curated", "seeds"))
DIALOGUES = {"train": "data/dialogues/train.jsonl", "test": "data/dialogues/test.jsonl"}
INGESTED, MADE = "data/dialogues/ingested.jsonl", "data/dialogues/anonymized.jsonl"  # what was dropped later is in them
MISSED = "data/dialogues/missed.jsonl"
REVIEWS = "data/review"
PREDICTED = "data/predictions"
DROPPED = {  # by the stage that dropped it
    "ingest": "data/dialogues/ingested.dropped.jsonl",
    "split": "data/dialogues/train.dropped.jsonl",
    "seed": "data/instructions/seeds.dropped.jsonl",
    "curate": "data/instructions/curated.dropped.jsonl",
    "evolve": "data/instructions/evolved.dropped.jsonl",
    "screen": "data/instructions/library.dropped.jsonl",
    "sample": "data/samples/pairs.dropped.jsonl",
    "label": "data/labels/train.dropped.jsonl",
    "testset": "data/labels/test.dropped.jsonl",
    "select": "data/train/train.dropped.jsonl",
}

Json = dict[str, Any]


class Files(Protocol):
    """The files of a revision, by their paths from the repository's root."""

    def lines(self, path: str) -> Iterator[str]:
        """Yield the lines of a file; none where it is not there."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder."""
        ...

    def digest(self, path: str) -> str:
        """Return the hash by which dvc.lock knows a file, or ""."""
        ...


class Ancestor(Record):
    """A row of the ancestry: what it is, where it stands, what is known of it, and the rows it was made of."""

    kind: str
    id: str
    place: str = ""  # file:line
    md5: str = ""  # of the file, as dvc.lock has it
    facts: dict[str, Any]
    parents: tuple["Ancestor", ...] = ()


class Found(NamedTuple):
    """A line of a file with the row in it."""

    path: str
    number: int
    row: Json


class Rows:
    """Finds rows in the files of one revision."""

    def __init__(self, files: Files, domain: str) -> None:
        """Look in `files`; `domain` names the pack and the folder of raw conversations."""
        self.files, self.domain = files, domain

    def find(self, path: str, ident: str) -> Found | None:
        """Return the first row with this id."""
        return next(self.all(path, ident), None)

    def all(self, path: str, ident: str) -> Iterator[Found]:
        """Yield every row with this id; InputError at a line that is no row."""
        for number, line in enumerate(self.files.lines(path), 1):
            if ident in line:
                try:
                    row = json.loads(line.removeprefix("\ufeff"))  # a byte order mark
                except ValueError:
                    raise InputError(f"{path}:{number}: not JSON; mend the line, or make the file again") from None
                if row.get("id") == ident:
                    yield Found(path, number, row)

    def ancestor(self, kind: str, found: Found, facts: Json, *parents: Ancestor | None, ident: str = "") -> Ancestor:
        """Return a row with what is known of it, and with those of its parents that were found."""
        return Ancestor(
            kind=kind,
            id=ident or found.row["id"],
            place=f"{found.path}:{found.number}",
            md5=self.files.digest(found.path),
            facts=facts,
            parents=tuple(parent for parent in parents if parent),
        )
