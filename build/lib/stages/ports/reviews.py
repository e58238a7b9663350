"""Decisions of people, one file a stage under data/review/."""

from pathlib import Path

from stages.ports import jsonl
from stages.records.review import Decision


def decisions(source: Path) -> dict[str, Decision]:
    """Return the last decision on each row id."""
    return {row.id: row for row in jsonl.stream(source, Decision)}
