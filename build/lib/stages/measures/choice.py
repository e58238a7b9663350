"""In which order rows are chosen for training: diversity first, quality within it (§3.3)."""

from collections.abc import Hashable, Sequence
from typing import get_args

from stages.records.verdict import Quality

RANK: dict[Quality, int] = {quality: rank for rank, quality in enumerate(get_args(Quality))}


def preferred(grades: Sequence[Quality]) -> list[int]:
    """Return all row indices, the better quality first, ties by row order."""
    return sorted(range(len(grades)), key=lambda row: RANK[grades[row]])


def by_turns(grades: Sequence[Quality], communities: Sequence[Hashable], centers: Sequence[bool]) -> list[int]:
    """Return all row indices: first one of each community, then the next of each, and so on.

    A community offers its center first (where it is still there), then its members by quality; in each turn the better
    quality comes first; ties by row order.
    """
    offered = sorted(range(len(grades)), key=lambda row: (not centers[row], RANK[grades[row]]))
    turns: dict[Hashable, int] = {}
    turn = {}
    for row in offered:
        turn[row] = turns[communities[row]] = turns.get(communities[row], -1) + 1
    return sorted(range(len(grades)), key=lambda row: (turn[row], RANK[grades[row]]))
