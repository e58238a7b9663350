"""How a stage starts and how it ends: options from dvc.yaml, one line on error, no traceback for what a person can mend."""

import errno
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from cyclopts import App, CycloptsError

from stages.core import declared
from stages.core.errors import DialInsightError, UsageError


def run(main: Callable[..., None]) -> NoReturn:
    """Call `main` with the command line's options under the watch of the declarations; exit 0, 2 (error) or 130 (Ctrl-C).

    The options are the names of `main`'s parameters, their values are checked against its types; `--help` lists them.
    """
    name = Path(sys.argv[0]).stem
    started = time.monotonic()
    try:
        call = _parsed(main, sys.argv[1:])
        with declared.watch():
            call()
    except DialInsightError as error:
        _end(f"{name}: {error}", 2)
    except KeyboardInterrupt:
        _end(
            f"{name}: interrupted; nothing half-written was kept and answers so far are cached: run again to go on", 130
        )
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        _end(
            f"{name}: {error.filename or 'output'}: {error.strerror}; make room or rights, then run again: nothing was lost",
            2,
        )
    _end(f"{name}: done in {time.monotonic() - started:.1f} s", 0)


def _parsed(main: Callable[..., None], words: list[str]) -> Callable[[], Any]:
    """Return `main` with its arguments bound, or what shows its help."""
    app = App(name=f"python -m {main.__module__}", help=main.__doc__, version_flags=[])
    app.default(main)
    try:
        command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise UsageError(f"{' '.join(str(error).split())} --help lists the options") from None
    return partial(command, *bound.args, **bound.kwargs)


def _end(line: str, code: int) -> NoReturn:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the one line
    sys.exit(code)
