"""Which recorded or cached answer became a label, an instruction or a rewritten prompt."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from stages.answers.room import room
from stages.chat.messages import Request, author
from stages.chat.recorded import FOLDER
from stages.chat.store import FOLDER as CACHE
from stages.cli.lineage.rows import Ancestor
from stages.cli.revision import PARAMS, Revision
from stages.core.errors import InputError
from stages.rows.sample import Sample

Json = dict[str, Any]

UNWRITTEN = re.compile(r'[\s"\\]+')  # what JSON writes otherwise
ASKED = ("project", "model")  # origins of labels that somebody was asked for


def answered(revision: Revision, made: Ancestor) -> Ancestor:
    """Return the ancestry with the answers behind its rows as further ancestors.

    A label's is told by the hash of its question, as stage label asks today, and by its author, as several may have answered; an
    instruction's or a directive's by its text, which stands in the answer.
    """
    parents = tuple(answered(revision, parent) for parent in made.parents)
    return made.model_copy(update={"parents": (*_sources(revision, made), *parents)})


def _sources(revision: Revision, made: Ancestor) -> Iterator[Ancestor]:
    facts = made.facts
    if made.kind == "label" and facts.get("origin") in ASKED:
        row = _row(revision, made)
        question = _question(revision, row)
        found = [*_to(revision, question)] or [*_below(revision, question)]
        by = author(str(row["author"]))
        yield from sorted(found, key=lambda answer: answer.facts["author"] != by)[:1]
        yield from _cached(revision, question.fingerprint)
    elif made.kind == "instruction" and facts.get("origin") in ("generated", "evolved"):
        yield from _by_text(revision, facts["text"])
    elif made.kind == "prompt" and facts.get("method") == "enhanced":
        parts = _row(revision, made)["parts"]
        yield from _by_text(revision, next((part["text"] for part in parts if part["kind"] == "directive"), ""))


def _row(revision: Revision, made: Ancestor) -> Json:
    path, _, number = made.place.rpartition(":")
    row: Json = json.loads(next(islice(revision.lines(path), int(number) - 1, None)))
    return row


def _question(revision: Revision, label: Json) -> Request:
    fields = Sample.model_fields
    row = Sample.model_validate({key: value for key, value in label.items() if key in fields}, strict=False)
    most = revision.yaml(PARAMS)["label"]["max_tokens"]
    return Request(row="", user=row.text, max_tokens=room(row.ask, row.language, most))


def _to(revision: Revision, question: Request) -> Iterator[Ancestor]:
    """Yield the recorded answers to a question, whoever gave them."""
    asked = question.fingerprint
    return _recorded(revision, asked, lambda answer: answer.get("request") == asked, "question")


def _below(revision: Revision, question: Request) -> Iterator[Ancestor]:
    """Yield those that ended by themselves under a lower limit of tokens, which a run takes too."""
    lower = {question.model_copy(update={"max_tokens": most}).fingerprint for most in range(1, question.max_tokens)}
    return _recorded(
        revision,
        '"request"',
        lambda answer: answer.get("request") in lower and answer.get("finish") == "stop",
        "question under a lower limit of tokens",
    )


def _by_text(revision: Revision, text: str) -> Iterator[Ancestor]:
    """Yield the answer in which a text stands, as it is or as a value of JSON."""
    ways = {text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]} - {""}
    words = max(UNWRITTEN.split(text), key=len)  # only lines with it are parsed
    found = _recorded(revision, words, lambda answer: any(way in answer["text"] for way in ways), "text")
    yield from islice(found, 1)  # of several under one key the first segment's holds


def _recorded(revision: Revision, needle: str, fits: Callable[[Json], bool], by: str) -> Iterator[Ancestor]:
    """Yield the recorded answers that fit, in the order of their segments' names."""
    needles = (needle, json.dumps(needle)[1:-1])
    for path in revision.names(FOLDER.as_posix()):
        if path.count("/") > FOLDER.as_posix().count("/") + 1 or not path.endswith(".jsonl"):
            continue  # likelihoods, README
        for number, line in enumerate(revision.lines(path), 1):
            if any(each in line for each in needles) and fits(answer := json.loads(line)):
                facts = {"author": answer["author"], "date": answer["date"], "found_by": by}
                yield Ancestor(kind="recorded answer", id=answer["key"], place=f"{path}:{number}", facts=facts)


def _cached(revision: Revision, question: str) -> Iterator[Ancestor]:
    """Yield the answers to a question in the live cache, which is this machine's and of no revision; an older version noted no question."""
    path = revision.root / CACHE / "answers.sqlite"
    if not path.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as cache:
            rows = cache.execute("SELECT key, author, date FROM answers WHERE request = ?", [question]).fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname != "SQLITE_ERROR":  # of a table or a column that is not there
            raise InputError(
                f"{path}: not read as the cache of answers ({error}); mend that, or move it away"
            ) from None
        return
    for key, by, date in rows:
        facts = {"author": by, "date": date, "found_by": "question"}
        yield Ancestor(kind="cached answer", id=key, place=f"{CACHE}/{path.name}", facts=facts)
