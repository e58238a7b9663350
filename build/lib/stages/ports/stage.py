"""How a stage starts and how it ends: arguments from dvc.yaml, one line on error, no traceback for what a person can mend."""

import errno
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from stages.errors import DialInsightError
from stages.ports import declared


def run(main: Callable[..., None]) -> NoReturn:
    """Call `main` with the command line's paths under the watch of the declarations, and exit 0, 2 (error) or 130 (Ctrl-C)."""
    name = Path(sys.argv[0]).stem
    started = time.monotonic()
    try:
        with declared.watch():
            main(*map(Path, sys.argv[1:]))
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


def _end(line: str, code: int) -> NoReturn:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the one line
    sys.exit(code)
