"""How many sequences rows make when they are packed whole: best fit, the longest first."""

from bisect import bisect_left, insort
from collections.abc import Iterable


def packed_sequences(lengths: Iterable[int], size: int) -> int:
    """Return the number of packs of at most `size` tokens that rows of `lengths` tokens fill.

    Each row goes where it leaves the least room; a row longer than `size` is a ValueError.
    """
    rooms: list[int] = []  # ascending
    count = 0
    for length in sorted(lengths, reverse=True):
        if length > size:
            raise ValueError(f"a row of {length} tokens does not fit into {size}")
        place = bisect_left(rooms, length)
        if place == len(rooms):
            count, room = count + 1, size
        else:
            room = rooms.pop(place)
        insort(rooms, room - length)
    return count


def saves_work(rows: int, packed: int, batch: int, processes: int) -> bool:
    """Whether packing saves work without costing steps: two rows a pack or more, and a pack a process within a batch."""
    return packed * 2 <= rows and rows * processes <= batch * packed
