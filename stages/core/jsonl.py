"""The one reader and writer of JSONL data sets, and the ledger that shows nothing was lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from stages.core import metrics
from stages.core.dropped import Dropped
from stages.core.errors import InputError, LedgerError
from stages.core.files import atomic
from stages.core.row import Record, Row

Outcome = Record | Dropped
R = TypeVar("R", bound=Record)
IdRow = TypeVar("IdRow", bound=Row)


def faults(error: ValidationError) -> str:
    """Return what is wrong and where, without the values."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'row'}: {e['msg']}"
        for e in error.errors(include_input=False, include_url=False)
    )


def read(source: Path, kind: type[R]) -> list[R]:
    """Return all rows of `source`, in file order."""
    return list(stream(source, kind))


def stream(source: Path, kind: type[R]) -> Iterator[R]:
    """Yield the rows of `source` one by one; a row that does not parse ends the stage with its line number."""
    try:
        with source.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _row(source, number, line, kind)
    except FileNotFoundError:
        raise InputError(f"{source}: not there; expected a JSONL file of {kind.__name__} rows") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def by_id(source: Path, kind: type[IdRow]) -> dict[str, IdRow]:
    """Return the rows of `source` by their ids, in file order; of several with one id the last holds."""
    return {row.id: row for row in stream(source, kind)}


def _row(source: Path, number: int, line: str, kind: type[R]) -> R:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise InputError(f"{source}:{number}: not a {kind.__name__} row: {faults(error)}") from None


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
) -> None:
    """Write kept rows to `target`, dropped ones beside it, and their count by reason to `ledger`.

    `came_in` (or what it returns once `outcomes` is exhausted) is how many rows the stage took in: if kept + dropped is
    another number, nothing takes its name and LedgerError is raised. `notes` are counts written beside these.
    """
    kept, reasons = 0, Counter[str]()
    with ExitStack() as stack:
        good, bad = stack.enter_context(atomic(target)), stack.enter_context(atomic(dropped_path(target)))
        for outcome in outcomes:
            if isinstance(outcome, Dropped):
                reasons[outcome.reason] += 1
            else:
                kept += 1
            (bad if isinstance(outcome, Dropped) else good).write(outcome.model_dump_json() + "\n")
        total = came_in() if callable(came_in) else came_in
        if kept + reasons.total() != total:
            raise LedgerError(
                f"{target}: {total} rows in, but {kept} kept + {reasons.total()} dropped; this is a bug in the stage, please report it"
            )
        metrics.write(ledger, {"in": total, "kept": kept, "dropped": dict(sorted(reasons.items())), **(notes or {})})
