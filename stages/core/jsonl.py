"""The one reader and writer of JSONL data sets, and the ledger that shows nothing was lost."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TextIO, TypeVar

from pydantic import ValidationError

from stages.core import metrics
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError, LedgerError
from stages.core.files import atomic
from stages.core.progress import note
from stages.core.row import Record, Row, said
from stages.core.shares import part

Outcome = Record | Dropped
R = TypeVar("R", bound=Record)
IdRow = TypeVar("IdRow", bound=Row)
TWICE = "a key stands twice in an object; keep one of the two"


def faults(error: ValidationError) -> str:
    """Return what is wrong and where, without the values."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'row'}: {said(e)}"
        for e in error.errors(include_input=False, include_url=False)
    )


class KeyTwice(ValueError):
    """A key stands twice in an object, of which readers keep the last without a word."""


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of its pairs, for `json.loads(…, object_pairs_hook=once)`; KeyTwice if a key stands twice."""
    if len(made := dict(pairs)) < len(pairs):
        raise KeyTwice
    return made


def twice(text: str | bytes) -> bool:
    """Whether a key stands twice in an object of the JSON in `text`; of what is no JSON, others say so."""
    try:
        json.loads(text, object_pairs_hook=once)
    except KeyTwice:
        return True
    except (ValueError, RecursionError):
        return False
    return False


def read(source: Path, kind: type[R], *, by_hand: bool = False) -> list[R]:
    """Return all rows of `source`, in file order."""
    return list(stream(source, kind, by_hand=by_hand))


def stream(source: Path, kind: type[R], *, by_hand: bool = False) -> Iterator[R]:
    """Yield the rows of `source` one by one; a row that does not parse ends the stage with its line number.

    In a file that people write `by_hand` a key that stands twice does too.
    """
    return (line.checked(kind) if by_hand else line.parsed(kind) for line in lines(source, kind))


class Line(NamedTuple):
    """A line of a data set, to be parsed where it is needed: another process gets it for less than the row."""

    source: Path
    number: int
    text: str

    def parsed(self, kind: type[R]) -> R:
        """Return the row."""
        try:
            return kind.model_validate_json(self.text)
        except ValidationError as error:
            raise InputError(f"{self.source}:{self.number}: not a {kind.__name__} row: {faults(error)}") from None

    def checked(self, kind: type[R]) -> R:
        """Return the row, unless a key stands twice in it."""
        if twice(self.text):
            raise InputError(f"{self.source}:{self.number}: {TWICE}")
        return self.parsed(kind)


def lines(source: Path, kind: type[Record]) -> Iterator[Line]:
    """Yield the lines of a data set of these rows that are not blank.

    A byte order mark, as editors put before a file's first line, is no part of it; where files were joined it stands within.
    """
    try:
        with source.open(encoding="utf-8") as file:
            for number, marked in enumerate(file, 1):
                if (text := marked.removeprefix("\ufeff")).strip():
                    yield Line(source, number, text)
    except FileNotFoundError:
        raise InputError(f"{source}: not there; expected a JSONL file of {kind.__name__} rows") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def by_id(source: Path, kind: type[IdRow]) -> dict[str, IdRow]:
    """Return the rows of `source` by their ids, in file order; of several with one id the last holds."""
    return {row.id: row for row in stream(source, kind)}


def write(target: Path, rows: Iterable[Record]) -> int:
    """Write rows as they come; return how many."""
    count = 0
    with atomic(target) as file:
        for row in rows:
            file.write(row.model_dump_json() + "\n")
            count += 1
    return count


def dropped_path(target: Path) -> Path:
    """Where the rows dropped on the way to `target` are listed."""
    return target.with_name(target.stem + ".dropped.jsonl")


def write_outcomes(
    target: Path,
    outcomes: Iterable[Outcome],
    ledger: Path,
    came_in: int | Callable[[], int],
    notes: Mapping[str, int] | None = None,
    *,
    max_dropped: float = 1.0,
    may_be_empty: bool = False,
) -> None:
    """Write kept rows to `target`, dropped ones beside it, and their count by reason to `ledger`, and say it on screen.

    `came_in` (or what it returns once `outcomes` is exhausted) is how many rows the stage took in: if kept + dropped is
    another number, nothing takes its name and LedgerError is raised. `notes` are counts written beside these. A stage that keeps
    nothing, unless it `may_be_empty`, or drops a greater share than `max_dropped`, duplicates aside, ends in an InputError. Then, as
    when the outcomes themselves end in one, the list of what was dropped stays, and nothing else.
    """
    tally = Tally()
    with ExitStack() as stack:
        good = stack.enter_context(atomic(target))
        with atomic(dropped_path(target)) as bad:
            fault = _sift(outcomes, tally, good, bad)
            total = tally.total if fault else came_in() if callable(came_in) else came_in
            if tally.total != total:
                raise LedgerError(
                    f"{target}: {total} rows in, but {tally.kept} kept + {tally.reasons.total()} dropped; this is a bug in the stage, please report it"
                )
        if fault := fault or _refused(tally, dropped_path(target), (ledger.stem, max_dropped), may_be_empty):
            raise fault
        note(f"{ledger.stem}: {tally.line(dropped_path(target))}")
        counts = dict(sorted(tally.reasons.items()))
        metrics.write(ledger, {"in": total, "kept": tally.kept, "dropped": counts, **(notes or {})})


@dataclass
class Tally:
    """How many rows were kept, and dropped for which reasons; the first that was dropped."""

    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: Dropped | None = None

    @property
    def total(self) -> int:
        """All rows so far."""
        return self.kept + self.reasons.total()

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        if isinstance(outcome, Dropped):
            self.reasons[outcome.reason] += 1
            self.first = self.first or outcome
        else:
            self.kept += 1

    def line(self, dropped: Path) -> str:
        """Return what a person should know: `kept 1 of 7, dropped 6 (malformed 6): see ….dropped.jsonl`."""
        if not self.reasons:
            return f"kept {self.kept} of {self.total}"
        counts = ", ".join(f"{reason} {count}" for reason, count in self.reasons.most_common())
        return f"kept {self.kept} of {self.total}, dropped {self.reasons.total()} ({counts}): see {dropped}"


def _sift(outcomes: Iterable[Outcome], tally: Tally, good: TextIO, bad: TextIO) -> InputError | None:
    """Write each outcome where it belongs; return what of a person's ended them early."""
    try:
        for outcome in outcomes:
            tally.add(outcome)
            (bad if isinstance(outcome, Dropped) else good).write(outcome.model_dump_json() + "\n")
    except InputError as error:
        return error
    return None


def _refused(tally: Tally, dropped: Path, limit: tuple[str, float], may_be_empty: bool) -> InputError | None:
    """Return why a stage that is through should not go on; `limit` is the stage and the share that it may drop."""
    stage, share = limit
    if not tally.kept and not may_be_empty:
        fault = "nothing is left to go on with"
    elif tally.reasons.total() - tally.reasons[Reason.DUPLICATE] > part(share, tally.total):
        fault = f"more than {stage}.max_dropped ({share}) allows, duplicates aside; mend them or raise it"
    else:
        return None
    first = tally.first
    detail = f"; the first: {first.id} {first.reason}{first.detail and f' ({first.detail})'}" if first else ""
    return InputError(f"{tally.line(dropped)}; {fault}{detail}")
