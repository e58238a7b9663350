"""Answers that people wrote for training rows (Table 1: labels refined by hand): data/review/answers.jsonl.

A line is about a pair, the hash of conversation, instruction and form: it survives a change of the prompt's wording, and is no
answer to another instruction.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from stages.core import jsonl
from stages.core.errors import InputError
from stages.reviews import settlement
from stages.reviews.settlement import Conflict, grouped
from stages.reviews.spoken import Moment
from stages.rows.sample import Answer

UNKNOWN = datetime.min.replace(tzinfo=UTC)  # before every time that is known


class Refinement(Answer):
    """A provided answer, its author being who decided; several on one row are settled as all decisions are.

    Without a time it is older than every line that has one.
    """

    settles: bool = Field(False, exclude_if=lambda value: not value)
    withdrawn: bool = Field(False, exclude_if=lambda value: not value)  # the author's earlier lines no longer count
    time: Moment = Field(UNKNOWN, exclude_if=lambda value: value == UNKNOWN)

    @property
    def reviewer(self) -> str:
        """Who wrote it."""
        return self.author

    @property
    def verdict(self) -> Hashable:
        """The answer."""
        return self.answer.strip()

    @property
    def care(self) -> int:
        """No answer is more careful than another."""
        return 0


def refinements(source: Path) -> dict[str, Refinement]:
    """Return the answer that holds for each pair; one that an author withdrew is not in it."""
    rows = _told_apart(source, jsonl.stream(source, Refinement, by_hand=True))
    found = {key: held(lines) for key, lines in grouped(rows).items()}
    return {key: row for key, row in found.items() if row is not None}


def held(lines: Sequence[Refinement]) -> Refinement | None:
    """Return the answer that holds on one row; None: nobody wrote one, or all withdrew."""
    return settlement.settled(_spoken(lines))


def disputes(history: Iterable[Refinement]) -> list[Conflict[Refinement]]:
    """Return the rows to which people wrote different answers and nobody spoke last; one without a time came before what people said."""
    return settlement.disputed(row for lines in grouped(history).values() for row in _spoken(lines))


def _spoken(lines: Sequence[Refinement]) -> Sequence[Refinement]:
    timed = [row for row in lines if row.time != UNKNOWN]
    return timed if settlement.standing(timed) else lines


def _told_apart(source: Path, rows: Iterable[Refinement]) -> Iterable[Refinement]:
    """Yield the rows; two answers of one author to one row, or one and its withdrawal, of which no time says which is later are refused."""
    seen: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in rows:
        said = row.answer, row.withdrawn
        if row.time == UNKNOWN and seen.setdefault((row.id, row.author), said) != said:
            raise InputError(
                f"{source}: row {row.id} has two answers of one author without a time, so none is the later; "
                "give the one that holds a time, or take the other out"
            )
        yield row
