"""Progress with rate and time left: a bar on a terminal, a line every ten seconds in a log."""

import sys
from collections.abc import Iterable, Iterator
from typing import Never, TypeVar

from tqdm import tqdm

T = TypeVar("T")


def bar(total: int | None, title: str, unit: str) -> "tqdm[Never]":
    """Return a bar to be updated by hand and closed."""
    patient = not sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=title,
        unit=f" {unit}",
        mininterval=10.0 if patient else 0.2,
        ascii=patient,
        dynamic_ncols=not patient,
        file=sys.stderr,
    )


def note(line: str) -> None:
    """Say one thing a person should know, beside a bar that may be moving."""
    tqdm.write(line, file=sys.stderr)


def track(rows: Iterable[T], title: str, unit: str, total: int | None = None) -> Iterator[T]:
    """Yield `rows` while the bar moves."""
    with bar(total, title, unit) as shown:
        for row in rows:
            yield row
            shown.update()
