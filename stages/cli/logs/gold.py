"""Which choice is right, where a log writes it as the choice's number or as its text and does not say which of the two."""

from collections.abc import Sequence
from typing import NamedTuple

Golds = list[int | None]


class Target(NamedTuple):
    """What a question's line says: the `target`, each choice's log-probability (None: not finite) and text, and `acc` where it is there."""

    target: str
    choices: Sequence[tuple[float | None, str]]
    acc: float | None


def golds(asked: Sequence[Target]) -> Golds:
    """Return the number of the right choice of each question of a task, from 0; None where the log does not tell it.

    Numbers or texts, whichever tells it of more questions, holds for the whole task; where both do, as among choices that are
    numbers themselves, the one with which every `acc` agrees.
    """
    readings = [[_numbered(one) for one in asked], [_worded(one) for one in asked]]
    known = max(len(asked) - reading.count(None) for reading in readings)
    likely = [reading for reading in readings if len(asked) - reading.count(None) == known]
    if len(likely) > 1 and likely[0] != likely[1]:
        likely = [reading for reading in likely if all(map(_agrees, asked, reading))]
    return likely[0] if likely and likely[0] == likely[-1] else [None] * len(asked)


def _numbered(asked: Target) -> int | None:
    number = int(asked.target) if asked.target.isdecimal() else -1
    return number if 0 <= number < len(asked.choices) else None


def _worded(asked: Target) -> int | None:
    """Return the only choice of this text; choices that differ in their contexts have one text, which tells nothing."""
    same = [number for number, (_, choice) in enumerate(asked.choices) if choice.strip() == asked.target.strip()]
    return same[0] if len(same) == 1 else None


def _agrees(asked: Target, gold: int | None) -> bool:
    """Whether `acc` is what this right choice makes it: 1 where it is the likeliest, of equals the first."""
    scores = [score for score, _ in asked.choices if score is not None]
    return len(scores) == len(asked.choices) > 0 and asked.acc == (scores.index(max(scores)) == gold)
