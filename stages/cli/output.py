"""What commands say: lines as they come, faults on the other stream, and the exit status that follows."""

import sys
from collections.abc import Iterable

from stages.core.errors import DialInsightError


def tell(faults: Iterable[str], otherwise: str) -> int:
    """Print each fault on a line and return 1, or print that all is well."""
    lines = list(faults)
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - the command's output
    if not lines:
        say(otherwise)
    return int(bool(lines))


def show(lines: Iterable[str]) -> int:
    """Print each line as it comes, and what stops them."""
    try:
        for line in lines:
            say(line)
    except DialInsightError as error:
        return tell([str(error)], "")
    return 0


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201 - the command's output


def worth_saying(default: object) -> str | None:
    """Return a parameter's default as --help shows it; None, which hides it, where leaving the parameter out says as much."""
    return None if default is False or default in (None, "", ()) else str(default)


def unusable(error: OSError) -> str:
    """Return the line for a file that the machine does not let a command read or write."""
    place = str(error.filename or "dial-insight").removesuffix(
        ".partial"
    )  # what is written is whole before it takes its name
    return f"{place}: {(error.strerror or 'no reason given').lower()}; give a file that can be read, or a place that can be written to"
