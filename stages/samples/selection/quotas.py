"""In which order rows are chosen for training, and how many of each kind (§3.3)."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar, get_args

import numpy as np

from stages.rows.label_quality import LEVEL, Floor, Quality
from stages.samples import largest_remainder

RANK: dict[Quality, int] = {quality: get_args(Floor).index(level) for quality, level in LEVEL.items()}

C = TypeVar("C", bound=Hashable)


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


def highest(scores: Sequence[float]) -> list[int]:
    """Return all row indices, the highest score first, ties by row order."""
    return sorted(range(len(scores)), key=lambda row: -scores[row])


def fill(order: Sequence[int], cells: Sequence[C], room: Mapping[C, int]) -> set[int]:
    """Return the rows taken in `order` while their cell has room; `cells` holds each row's cell, `room` the rows each takes."""
    left, taken = Counter(dict(room)), set[int]()
    for row in order:
        if left[cells[row]] > 0:
            left[cells[row]] -= 1
            taken.add(row)
    return taken


def rooms(target: int, shares: Mapping[C, float]) -> dict[C, int]:
    """Return the rows that each share of `target` makes, whole numbers by the largest remainder.

    Together they are the nearest whole number to the sum of the shares, so shares of 1 in all make `target` rows.
    """
    exact = np.round(target * np.array([*shares.values()], dtype=float), 9)  # 0.29 × 100 is 28.999999999999996
    return dict(zip(shares, largest_remainder.whole(exact, round(float(exact.sum()))).tolist(), strict=True))
