"""What two texts have in common, word by word, in Chinese character by character."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from stages.text.languages import HAN

PIECE = re.compile(rf"[{HAN}]|[^\W{HAN}]+(?:['’][^\W{HAN}]+)*|\s+|.", re.DOTALL)
FEW = 2  # characters: shorter common stretches between two changes are taken into them, or the diff is confetti


class Run(NamedTuple):
    """A stretch of the two texts together."""

    kind: Literal["same", "out", "in"]
    text: str


def word_diff(old: str, new: str) -> list[Run]:
    """Return the runs that both texts share, that only the old one has (out), and only the new one (in), in reading order.

    Without the runs `in` they spell the old text, without `out` the new one.
    """
    return list(_joined(_runs(PIECE.findall(old), PIECE.findall(new))))


def _runs(old: list[str], new: list[str]) -> Iterator[Run]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (kind, old_start, old_end, new_start, new_end) in enumerate(blocks):
        gone, come = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        between = 0 < place < len(blocks) - 1
        if kind == "equal" and not (between and len(gone.strip()) < FEW):
            yield Run("same", gone)
            continue
        yield Run("out", gone)
        yield Run("in", come)


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Yield the runs with those put together that stand between two common ones: all that goes, then all that comes."""
    gone = come = ""
    for run in runs:
        if run.kind == "same":
            yield from _changed(gone, come)
            gone = come = ""
            yield run
        elif run.kind == "out":
            gone += run.text
        else:
            come += run.text
    yield from _changed(gone, come)


def _changed(gone: str, come: str) -> Iterator[Run]:
    if gone:
        yield Run("out", gone)
    if come:
        yield Run("in", come)
