"""`dial-insight review --import`: what people said in another annotation tool becomes lines of data/review."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stages.cli.annotation import argilla, label_studio
from stages.cli.annotation.answers import WRITTEN, Annotation, Filed, Line, decided
from stages.cli.annotation.gates import GATES, Gate, Item
from stages.cli.review.queue import Queue
from stages.cli.review.queues.labels import ANSWERS, Labels
from stages.core.errors import InputError
from stages.core.jsonl import faults
from stages.reporting.counted import counted
from stages.reviews import journal
from stages.reviews.decisions import Decision
from stages.reviews.settlement import standing

NAMED = 5  # unknown rows that a message names


def take(source: Path, reviewers: Mapping[str, str], time: datetime | None = None) -> Iterator[str]:
    """Add what is new in an exported file to data/review; yield what was added where.

    `reviewers` gives names to the tool's users. Argilla's files tell no time: `time` is that of all their answers. Without it
    they have the file's own, which says nothing of when they were given, so a row of which the same reviewer has spoken is
    left as it is. All files are read before a line is added: a row that is not here, an answer that contradicts itself, or
    a broken file of decisions ends it.
    """
    rows = _rows(source)
    undated = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    given = list(_annotations(source, rows, time or undated))
    users = {row.user for row in given}
    if (idle := reviewers.keys() - users) and users - reviewers.keys():
        raise InputError(
            f"{source}: nobody in it is {', '.join(sorted(idle))}; --reviewer takes the ids that stand there"
        )  # else it is by these, which may be addresses, that the lines in Git would call people
    said = [row for row in given if row.said.get("decision")]
    lines = _lines(source, said, reviewers)
    new = {path: _new(found, journal.history(path, type(found[0]))) for path, found in lines.items()}
    added = new if time else {path: _first(path, found, undated) for path, found in new.items()}
    queues = {path: _loaded(path) for path, found in added.items() if any(map(_about, found))}
    for path, found in added.items():
        if found:
            journal.record(path, *found)
        yield f"{path}: {counted(len(found), 'line')} added"
    if stale := sum(_stale(queue, added[path]) for path, queue in queues.items()):
        yield (
            f"{source}: {counted(stale, 'decision')} about what a row had when it was exported and has no more, as it was made or written anew: "
            "recorded, and counts for nothing"
        )
    if left := _count(new) - _count(added):
        yield f"{source}: {counted(left, 'line')} left out: no time stands there, and the reviewer has spoken of these rows; --at says when"
    if unsure := _unsure(rows, said):
        yield (
            f"{source}: {counted(unsure, 'row')} with decisions of several people: Argilla's file does not tell who has submitted from who has "
            "begun to; whose decision was none takes it back (action withdraw, docs/review-files.md)"
        )
    known = _count(lines) - _count(new)
    yield (
        f"{source}: {counted(len(given), 'annotation')} of {counted(len(users), 'person', 'people')}, "
        f"{len(given) - len(said)} without a decision; {counted(known, 'line')} known before"
    )


def _annotations(source: Path, rows: Sequence[dict[str, Any]], time: datetime) -> Iterator[Annotation]:
    """Yield the annotations of a file of either tool, told apart by what its rows have."""
    for number, row in enumerate(rows):
        try:
            if "annotations" in row:
                yield from label_studio.annotations(label_studio.Task.model_validate(row), time)
            elif "responses" in row:
                yield from argilla.annotations(argilla.ArgillaRecord.model_validate(row), time)
            else:
                raise InputError(
                    f"{source}: row {number} has neither annotations (Label Studio's JSON export, not JSON-MIN) nor responses "
                    "(Argilla's records.to_json); export it so"
                )
        except ValidationError as error:
            raise InputError(f"{source}: row {number} is not as exported: {faults(error)}") from None


def _unsure(rows: Sequence[dict[str, Any]], said: Sequence[Annotation]) -> int:
    """Return how many of Argilla's rows several people decided on, any of whom but one may not have submitted it."""
    decisions = Counter((row.queue, row.row) for row in said)
    records = [argilla.ArgillaRecord.model_validate(row) for row in rows if "annotations" not in row]
    return sum(decisions[record.metadata.queue, record.id] > 1 for record in records)


def _rows(source: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(source.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{source}: not there") from None
    except OSError as error:
        raise InputError(f"{source}: {os.strerror(error.errno or 0).lower()}; give the exported file") from None
    except ValueError:
        raise InputError(f"{source}: not JSON in UTF-8; export it again") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{source}: expected a list of rows, as Argilla and Label Studio export them")
    return rows


def _lines(source: Path, said: Sequence[Annotation], reviewers: Mapping[str, str]) -> dict[Path, list[Line]]:
    """Return the lines by the file that they belong to."""
    gates: dict[str, tuple[Gate, dict[str, Item]]]
    gates = {name: (gate, gate.rows()) for name, gate in GATES.items() if any(row.queue == name for row in said)}
    unknown = [row.row for row in said if row.queue not in gates or row.row not in gates[row.queue][1]]
    if unknown:
        names, more = ", ".join(map(_told, unknown[:NAMED])), len(unknown) - NAMED
        raise InputError(
            f"{source}: {counted(len(unknown), 'row')} not here: {names}{f' and {more} more' if more > 0 else ''}; exported "
            "from another run; take what is not here out of the file, or make that run again"
        )
    found = defaultdict[Path, list[Line]](list)
    for row in said:
        gate, items = gates[row.queue]
        for path, line in _decided(source, gate, items[row.row], row, reviewers.get(row.user, row.user)):
            found[path].append(line)
    return found


def _told(row: str) -> str:
    """Return an id; what is none, and may be anything, is not repeated."""
    return row if row.isalnum() and row.isascii() and len(row) <= 16 else "(no id of ours)"


def _decided(source: Path, gate: Gate, item: Item, row: Annotation, reviewer: str) -> list[Filed]:
    try:
        return decided(gate, item, row, reviewer)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def _new(rows: Iterable[Line], known: Iterable[Line]) -> list[Line]:
    """Return the lines that say something new: not said before at that time, nor what the reviewer says of the row anyway."""
    before = defaultdict[tuple[str, str], list[Line]](list)
    for row in known:
        before[row.id, row.reviewer].append(row)
    new = list[Line]()
    for row in rows:
        own = before[row.id, row.reviewer]
        held = standing(own).get(row.reviewer)
        if all(_said(row) != _said(other) or row.time != other.time for other in own) and (
            not held or _said(held) != _said(row)
        ):
            new.append(row)
            own.append(row)
    return new


def _first(path: Path, rows: Iterable[Line], undated: datetime) -> list[Line]:
    """Return the lines that have a time of their own, or are their reviewer's first at the gate about the row."""
    gate = Labels.file if path == ANSWERS else path  # an answer comes with a grade: both are taken, or neither
    spoken = {(row.id, row.reviewer) for row in journal.history(gate, Decision)}
    return [row for row in rows if row.time != undated or (row.id, row.reviewer) not in spoken]


def _loaded(path: Path) -> Queue:
    queue = next(gate.queue() for gate in GATES.values() if gate.queue.file == path)
    queue.load()
    return queue


def _about(row: Line) -> str:
    """Return the hash of what was shown to who decided; "" of a grade that comes with an answer written anew."""
    return row.answer_id if isinstance(row, Decision) and row.reason != WRITTEN else ""


def _stale(queue: Queue, added: Iterable[Line]) -> int:
    """Return how many decisions are about another answer or directive than the row has, now that all lines are there."""
    return sum(isinstance(row, Decision) and bool(_about(row)) and not queue.counts(row) for row in added)


def _count(lines: Mapping[Path, Sequence[Line]]) -> int:
    return sum(map(len, lines.values()))


def _said(row: Line) -> tuple[object, str]:
    return row.verdict, row.answer_id if isinstance(row, Decision) else ""
