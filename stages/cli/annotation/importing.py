"""`dial-insight review --import`: what people said in another annotation tool becomes lines of data/review."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stages.cli.annotation import argilla, label_studio
from stages.cli.annotation.answers import Annotation, Line, decided
from stages.cli.annotation.gates import GATES, Gate, Item
from stages.core.errors import InputError
from stages.core.jsonl import faults
from stages.reviews import journal
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement
from stages.reviews.settlement import standing

NAMED = 5  # unknown rows that a message names


def take(source: Path, reviewers: Mapping[str, str], time: datetime | None = None) -> Iterator[str]:
    """Add what is new in an exported file to data/review; yield what was added where.

    `reviewers` gives names to the tool's users. Argilla's files tell no time: `time` is that of all their answers, or else
    the file's own. All lines are added, or none: a row that is not here, or an answer that contradicts itself, ends it.
    """
    rows = _rows(source)
    given = list(_annotations(source, rows, time or datetime.fromtimestamp(source.stat().st_mtime, UTC)))
    said = [row for row in given if row.said.get("decision")]
    lines, known = _lines(source, said, reviewers), 0
    for path, found in lines.items():
        new = _new(found, journal.history(path, type(found[0])))
        if new:
            journal.record(path, *new)
        known += len(found) - len(new)
        yield f"{path}: {len(new)} lines added"
    yield (
        f"{source}: {len(given)} annotations of {len({row.user for row in given})} people, "
        f"{len(given) - len(said)} without a decision; {known} lines were known"
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


def _rows(source: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{source}: not there") from None
    except ValueError:
        raise InputError(f"{source}: not JSON in UTF-8; export it again") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{source}: expected a list of rows, as Argilla and Label Studio export them")
    return rows


def _lines(
    source: Path, said: Sequence[Annotation], reviewers: Mapping[str, str]
) -> dict[Path, list[Decision | Refinement]]:
    """Return the lines by the file that they belong to."""
    gates: dict[str, tuple[Gate, dict[str, Item]]]
    gates = {name: (gate, gate.rows()) for name, gate in GATES.items() if any(row.queue == name for row in said)}
    unknown = [row.row for row in said if row.queue not in gates or row.row not in gates[row.queue][1]]
    if unknown:
        names, more = ", ".join(map(_told, unknown[:NAMED])), len(unknown) - NAMED
        raise InputError(
            f"{source}: {len(unknown)} rows are not here: {names}{f' and {more} more' if more > 0 else ''}; they were exported "
            "from another run; take them out of the file, or make that run again"
        )
    found = defaultdict[Path, list[Decision | Refinement]](list)
    for row in said:
        gate, items = gates[row.queue]
        for path, line in _decided(source, gate, items[row.row], row, reviewers.get(row.user, row.user)):
            found[path].append(line)
    return found


def _told(row: str) -> str:
    """Return an id; what is none, and may be anything, is not repeated."""
    return row if row.isalnum() and row.isascii() and len(row) <= 16 else "(no id of ours)"


def _decided(source: Path, gate: Gate, item: Item, row: Annotation, reviewer: str) -> list[Line]:
    try:
        return decided(gate, item, row, reviewer)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def _new(rows: Iterable[Decision | Refinement], known: Iterable[Decision | Refinement]) -> list[Decision | Refinement]:
    """Return the lines that say something new: not said before at that time, nor what the reviewer says of the row anyway."""
    before = defaultdict[tuple[str, str], list[Decision | Refinement]](list)
    for row in known:
        before[row.id, row.reviewer].append(row)
    new = list[Decision | Refinement]()
    for row in rows:
        own = before[row.id, row.reviewer]
        held = standing(own).get(row.reviewer)
        if all(_said(row) != _said(other) or row.time != other.time for other in own) and (
            not held or _said(held) != _said(row)
        ):
            new.append(row)
            own.append(row)
    return new


def _said(row: Decision | Refinement) -> tuple[object, str]:
    return row.verdict, row.answer_id if isinstance(row, Decision) else ""
